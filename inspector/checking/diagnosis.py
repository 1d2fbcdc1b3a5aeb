"""What kind of damage it is: asked for a finding about the bytes of a batch, answered by a hypothesis or not at all.

Proofs come first (a change after which the CRC holds), shapes behind them. None is an honest answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def diagnosed(finding: Finding, segment: Segment, engine: Engine) -> Finding:
    """The finding with what kind of damage it looks like; the same where nothing can be told."""
    tests = TESTS.get(finding.slug, ())
    if finding.caused_by or finding.location.position is None or not tests:
        return finding
    try:
        with segment.open(engine.meter) as source:
            scene = Scene(finding, source, engine)
            diagnosis = next((told for told in (test(scene) for test in tests) if told), None)
    except (KinspectError, ShrunkError):  # whoever reads the file says so
        return finding
    return _with(finding, diagnosis)


def _with(finding: Finding, diagnosis: Diagnosis | None) -> Finding:
    if diagnosis is None:
        return finding
    damage, words = diagnosis
    return replace(finding, damage=damage, diagnosis=words)


class Diagnoses:
    """Asks for the findings of one partition, the first `MOST_DIAGNOSED` of them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._left = MOST_DIAGNOSED
        self._neighbours = Neighbours()

    def pass_by(self, segment: Segment, chunk: Chunk) -> None:
        """Behind the findings of a chunk: its last batches are the neighbours of what comes next."""
        self._neighbours.pass_by(segment, chunk)

    def of(self, finding: Finding, segment: Segment, chunk: Chunk | None = None) -> Finding:
        """The finding, diagnosed where that is still done. chunk: where the batches beside it are."""
        if finding.slug in OFFSET_SLUGS and chunk is not None:
            return _with(finding, self._neighbours.flipped_offset(finding, segment, chunk))
        if finding.slug not in TESTS or self._left <= 0:
            return finding
        self._left -= 1
        return diagnosed(finding, segment, self._engine)


OFFSET_SLUGS: Sequence[str] = ("offset-not-increasing", "segment-name-mismatch")
"""No CRC covers an offset: only the batches before and behind tell."""
