"""Exercises on the storage format, with questions made from the data at hand, and answers computed from its bytes.

A module holds the exercises of one subject; `EXERCISES` is the registry of all. Each looks for the first place that
suits it, in a stable order, so that a question stays the same as long as the directory does.
"""

from __future__ import annotations

from . import after_writing, batches, indexes, keys, records, transactional
from .answers import Answer
from .exercise import Exercise, Question
from .material import Material

_MODULES = (batches, records, transactional, after_writing, indexes, keys)

EXERCISES: dict[int, Exercise] = dict(enumerate((one for module in _MODULES for one in module.EXERCISES), 1))
"""All exercises by number, in the order in which docs/format.md teaches them."""

__all__ = ["EXERCISES", "Answer", "Exercise", "Material", "Question"]
