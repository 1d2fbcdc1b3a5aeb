"""What kind of damage it is: asked for a finding about the bytes of a batch, answered by a hypothesis or not at all.

Proofs come first (a change after which the CRC holds), shapes behind them. None is an honest answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..engine import Engine
from ..engine.chunk import Chunk
from ..engine.window import ShrunkError
from ..errors import KinspectError
from ..findings import Finding
from ..segment import Segment
from .offsets import Neighbours
from .overwritten import foreign, foreign_inside, torn, zeros
from .restoring import Diagnosis, bit_flip, lying_length, wrong_codec
from .scene import Scene

MOST_DIAGNOSED = 300
"""So many findings of a partition are looked into; each may cost a read of megabytes."""

Test = Callable[[Scene], Diagnosis | None]

_WHOLE_BATCH: tuple[Test, ...] = (bit_flip, lying_length, wrong_codec, zeros, foreign_inside, foreign)

TESTS: dict[str, tuple[Test, ...]] = {
    "crc-mismatch": _WHOLE_BATCH,
    "batch-length-too-small": (bit_flip, lying_length, zeros, foreign),
    "truncated-batch": (bit_flip, lying_length, zeros, torn, foreign),
    "torn-tail": (bit_flip, lying_length, zeros, torn),
    "unknown-magic": (bit_flip,),
    "unreadable-bytes": (bit_flip, lying_length, zeros, foreign),
    "implausible-header": (bit_flip,),
    "undecompressable": (wrong_codec,),
    "unknown-codec": (wrong_codec,),
    "malformed-record": (wrong_codec,),
}
"""By the slug of a finding, what it may be, in the order in which it is tried."""


OFFSET_SLUGS = ("offset-not-increasing", "segment-name-mismatch")
"""No CRC covers an offset: only the batches before and behind tell."""

_FOLLOW_FROM_AN_OFFSET = ("offset-not-increasing", "record-offset-mismatch")


def diagnosis_of(finding: Finding, segment: Segment, engine: Engine) -> Diagnosis | None:
    """What kind of damage the bytes look like; None where nothing can be told."""
    tests = TESTS.get(finding.slug, ())
    try:
        with segment.open(engine.meter) as source:
            scene = Scene(finding, source, engine)
            return next((told for told in (test(scene) for test in tests) if told), None)
    except (KinspectError, ShrunkError):  # whoever reads the file says so
        return None


class Diagnoses:
    """Asks for the findings of one partition, the first `MOST_DIAGNOSED` of them.

    What lies inside of an entry whose true size was proven follows from that entry's damage, and so does what begins in
    zeros that reach into it, and what the next entry's offsets contradict, where an offset is known to be wrong.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._left = MOST_DIAGNOSED
        self._neighbours = Neighbours()
        self._cause: Finding | None = None
        self._concerns = range(0)

    def pass_by(self, segment: Segment, chunk: Chunk) -> None:
        """Behind the findings of a chunk: its last batches are the neighbours of what comes next."""
        self._neighbours.pass_by(segment, chunk)

    def of(self, finding: Finding, segment: Segment, chunk: Chunk | None = None) -> Finding:
        """The finding, diagnosed where that is still done. chunk: where the batches beside it are."""
        if finding.caused_by or finding.location.position is None:
            return finding
        if self._cause is not None and self._follows(finding, self._cause):
            return finding.because(self._cause.as_cause)
        diagnosis = self._asked(finding, segment, chunk)
        self._remember(finding, diagnosis)
        return replace(finding, damage=diagnosis.damage, diagnosis=diagnosis.words) if diagnosis else finding

    def _asked(self, finding: Finding, segment: Segment, chunk: Chunk | None) -> Diagnosis | None:
        if finding.slug in OFFSET_SLUGS and chunk is not None:
            return self._neighbours.flipped_offset(finding, segment, chunk)
        if finding.slug not in TESTS or self._left <= 0:
            return None
        self._left -= 1
        return diagnosis_of(finding, segment, self._engine)

    def _follows(self, finding: Finding, cause: Finding) -> bool:
        at = finding.location
        if at.path != cause.location.path or at.position not in self._concerns:
            return False
        return cause.location.field != "offset" or finding.slug in _FOLLOW_FROM_AN_OFFSET

    def _remember(self, finding: Finding, diagnosis: Diagnosis | None) -> None:
        position, size = finding.location.position or 0, finding.location.size or 0
        if diagnosis is not None and diagnosis.size is not None:
            self._cause, self._concerns = finding, range(position + 1, position + diagnosis.size)
        elif finding.slug == "record-offset-mismatch" and finding.location.field == "offset" and size:
            self._cause, self._concerns = finding, range(position + size, position + size + 1)
