"""Rows of the record stream as lines of a machine format, written by the engine itself straight from its columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from .chunk import Chunk

OUTCOMES = (None, "committed", "aborted", "open", "unknown")
"""What became of a transaction, by the numbers that `TextPlan.write` takes."""


class TextPlan(Protocol):
    """The columns of records to write, in a format: made by `Engine.text_plan`, taken by `ScanRequest.text`."""

    def write(self, chunk: Chunk, rows: range, outcomes: bytes) -> Iterator[bytes | memoryview]:
        """Some rows of a chunk as whole lines, encoded. outcomes: a number of `OUTCOMES` for each batch of the chunk.

        Rows of control batches must not be among them: what those say, only their schemas tell.
        """
