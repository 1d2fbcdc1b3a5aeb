"""Segments that claim the same offsets: which of them keeps its batches.

What contradicts fewer stays, as within a segment; where both sides are alike, the earlier one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..engine import Engine
from ..engine.window import ShrunkError, Window
from ..errors import KinspectError
from .batches import batches_between
from .chain import Batches, Found
from .choosing import OVERLAPS
from .proving import Apart, Proof, ranges_of, set_left_out


def settle(proofs: Iterable[Proof], engine: Engine) -> list[Proof]:
    """The proofs that keep something, by their offsets, none overlapping another; what must go is set apart."""
    kept: list[Proof] = []
    for proof in sorted((one for one in proofs if one.ranges), key=lambda one: one.ranges[0].first):
        while kept and proof.ranges and kept[-1].ranges[-1].last >= proof.ranges[0].first:
            _settle(kept[-1], proof, engine)
            if not kept[-1].ranges:
                kept.pop()
        if proof.ranges:
            kept.append(proof)
    return kept


def _settle(before: Proof, after: Proof, engine: Engine) -> None:
    first, last = after.ranges[0].first, before.ranges[-1].last
    of_before, of_after = _batches(before, engine), _batches(after, engine)
    claims_before = sum(end >= first for end in of_before.lasts)
    claims_after = sum(start <= last for start in of_after.firsts)
    if claims_before < claims_after:
        _keep(before, of_before, lambda one: one.last < first)
    else:
        _keep(after, of_after, lambda one: one.first > last)


def _batches(proof: Proof, engine: Engine) -> Batches:
    """Those of the ranges; none where the file can no longer be read, so that all of it must go."""
    found = Batches()
    try:
        with proof.segment.open(engine.meter) as source:
            window = Window(source)
            for one in proof.ranges:
                for framed in batches_between(window, one.start, one.end):
                    found.append(framed.as_found)
    except (KinspectError, ShrunkError):
        return Batches()
    return found


def _keep(proof: Proof, batches: Batches, fits: Callable[[Found], bool]) -> None:
    rows = [row for row, one in enumerate(batches) if fits(one)]
    proof.apart = sorted([*proof.apart, *(Apart(one, OVERLAPS) for one in batches if not fits(one))])
    proof.ranges = list(ranges_of(batches, rows))
    set_left_out(proof)
