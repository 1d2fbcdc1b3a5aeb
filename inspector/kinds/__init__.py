"""The one table of all kinds of findings, by slug, sorted by code; its parts lie beside this file.

Codes are stable: KI-1nnn the directory and its text files, KI-2nnn batches and framing, KI-3nnn what is inside a batch,
KI-4nnn order and siblings, KI-5nnn what was asked for, KI-6nnn salvage, KI-7nnn expectations (labs). `docs/findings.md`
has a paragraph on each.
"""

from __future__ import annotations

from . import of_answers, of_bytes, of_checkpoints, of_directories, of_files, of_indexes, of_logs, of_producers
from .kind import Kind, Severity

_PARTS = (of_directories, of_bytes, of_files, of_logs, of_indexes, of_producers, of_checkpoints, of_answers)

KINDS: dict[str, Kind] = dict(
    sorted(((slug, kind) for part in _PARTS for slug, kind in part.KINDS.items()), key=lambda pair: pair[1].code)
)

__all__ = ["KINDS", "Kind", "Severity"]
