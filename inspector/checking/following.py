"""A rule about one file beside each segment: followed along the segment's batches, and judged behind them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ..engine.chunk import Chunk
from ..findings import Finding
from ..segment import Segment
from .rule import NOTHING, Around, Rule
from .sibling import is_still_there


class Follower(Protocol):
    """Follows one file along its segment."""

    def see(self, chunk: Chunk) -> None:
        """The next batches; there is at least one."""

    def end(self) -> Iterable[Finding]:
        """What was wrong, in the order of the file."""


class Following(Rule):
    """Leads the follower of a segment, which `begin` sets, through it. Each segment is judged by itself."""

    needs_all = False

    def __init__(self, around: Around) -> None:
        super().__init__(around)
        self.follower: Follower | None = None
        self._was_opened = False

    def see(self, number: int, segment: Segment, chunk: Chunk) -> Iterable[Finding]:
        """Lets the follower see it; what is wrong is told behind the segment."""
        self._was_opened = True
        if self.follower is not None and len(chunk.batches):
            self.follower.see(chunk)
        return NOTHING

    def end(self, number: int, segment: Segment) -> Iterable[Finding]:
        """What was wrong, unless the segment is gone or was replaced meanwhile, or not all of it was read."""
        follower, self.follower = self.follower, None
        was_opened, self._was_opened = self._was_opened, False
        if follower is None or not was_opened or self.around.damage.is_unread(number):
            return NOTHING
        return follower.end() if is_still_there(self.around.log, segment) else NOTHING
