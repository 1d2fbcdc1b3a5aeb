"""What is said once of a partition instead of once a gap: the offsets that hold no record for a consumer, and why."""

from __future__ import annotations

from collections.abc import Iterator

from ..files.kraft_snapshot import is_kraft_snapshot
from ..findings import Finding
from ..partition import CLUSTER_METADATA
from ..words import counted
from .rule import Around


class GapSum:
    """Counts, in the order of the log. markers: control records. aborted: transactions. gaps_beyond: not yet judged."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self.markers = self.aborted = 0
        self.gaps_beyond = self._offsets_beyond = 0
        self._first_beyond: int | None = None
        self._gaps = self._between = self._inside = self._thinned = self._emptied = 0

    def compacted(self, first: int, last: int) -> None:
        """A gap that the cleaner made."""
        self._gaps += 1
        self._between += last - first + 1

    def cleaned(self, missing: int, is_empty: bool) -> None:
        """A batch that the cleaner rewrote."""
        self._inside += missing
        self._thinned += missing > 0
        self._emptied += is_empty

    def beyond(self, first: int, last: int) -> None:
        """A gap beyond what is known of the cleaner."""
        if self._first_beyond is None:
            self._first_beyond = first
        self.gaps_beyond += 1
        self._offsets_beyond += last - first + 1

    def release(self) -> None:
        """A cleaner was seen behind all that were beyond: they are compacted."""
        self._gaps += self.gaps_beyond
        self._between += self._offsets_beyond
        self.gaps_beyond = self._offsets_beyond = 0
        self._first_beyond = None

    def undecidable(self, much: bool) -> Finding:
        """Those beyond, as one finding. much: so many that they look compacted."""
        why = "so many that a cleaner may have made them" if much else "nothing here tells how far a cleaner came"
        found = f"{counted(self.gaps_beyond, 'gap')} of {counted(self._offsets_beyond, 'offset')}"
        return Finding("gaps-undecidable", self._around.log.location(), why, found, self._first_beyond)

    def findings(self) -> Iterator[Finding]:
        """What is explained, if there is something."""
        log = self._around.log
        if any(map(is_kraft_snapshot, log.segments[:1])):
            return  # given like a segment; nobody consumes it
        parts = [*self._compaction()]
        if self.markers and log.topic != CLUSTER_METADATA:
            of_aborted = f", {self.aborted} of an aborted transaction" if self.aborted else ""
            parts.append(f"{counted(self.markers, 'control record')}{of_aborted}")
        if parts:
            empty = self._between + self._inside + self.markers
            yield Finding("offsets-without-records", log.location(), empty, "; ".join(parts))

    def _compaction(self) -> Iterator[str]:
        if not self._between + self._inside:
            return
        where = [counted(self._gaps, "gap")] if self._gaps else []
        if self._thinned:
            of_these = f" ({self._emptied} of them empty)" if self._emptied else ""
            where.append(f"{counted(self._thinned, 'batch')}{of_these}")
        yield f"{self._between + self._inside} compacted away, in {' and '.join(where)}"
