"""What became of each acknowledged record, from the evidence of one topic."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..location import Location
from ..transactions import Outcome as Fate
from .acks import Ack
from .evidence import Bounds, Case, Copy, Evidence, Identity, There, identity_of


class Outcome(StrEnum):
    """What became of a record, in the order in which people are told.

    PRESENT: it lies where it was acknowledged. LOST: it does not, and nothing explains that. REPLACED: another record
    has its offset. DAMAGED: the bytes there cannot be trusted. MISPLACED: it lies elsewhere only. DOUBLED: it lies
    elsewhere too. REORDERED: it was sent before a record that lies in front of it. ABORTED: its transaction was.
    UNDECIDABLE: it may have been there.
    """

    PRESENT = "present"
    LOST = "lost"
    REPLACED = "replaced"
    DAMAGED = "damaged"
    MISPLACED = "misplaced"
    DOUBLED = "doubled"
    REORDERED = "reordered"
    ABORTED = "aborted"
    UNDECIDABLE = "undecidable"


FAULTS = tuple(one for one in Outcome if one not in (Outcome.PRESENT, Outcome.UNDECIDABLE))
"""What an acknowledgement promised not to happen."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An outcome with its reason in words. copy: where else the record lies. place: what the outcome rests on."""

    outcome: Outcome
    ack: Ack
    why: str = ""
    copy: Copy | None = None
    place: Location | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of one topic. records: one outcome each, in the order of the lines; doubled and reordered ones come in addition.

    ordered: how many records had their order judged.
    """

    records: list[Judged]
    additions: list[Judged]
    ordered: int

    def counts(self) -> Counter[Outcome]:
        """How often each outcome occurs."""
        return Counter(one.outcome for one in (*self.records, *self.additions))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the directory tells beside the logs.

    cleaned: by partition, the first offset that compaction has not reached; None where nothing tells. away: of a
    partition that is not in use, what became of its directory.
    """

    cleaned: Mapping[int, int] | None
    away: Mapping[int, str] = field(default_factory=dict)


def judge(evidence: Evidence, around: Surroundings) -> Judgement:
    """What became of each record."""
    unclaimed = _Unclaimed(evidence)
    records = [_one(case, evidence.bounds.get(case.ack.partition), around, unclaimed) for case in evidence.cases]
    present = [one.ack for one in records if one.outcome is Outcome.PRESENT]
    reordered, ordered = _reordered(present)
    return Judgement(records, [*unclaimed.doubled(), *reordered], ordered)


# -- one record


def _one(case: Case, bounds: Bounds | None, around: Surroundings, unclaimed: _Unclaimed) -> Judged:
    there = _at_its_place(case, bounds, around)
    is_away = there.outcome in (Outcome.LOST, Outcome.REPLACED) or case.ack.offset is None
    copy = unclaimed.take(case.ack) if is_away else None
    if copy is None:
        return there
    if case.ack.offset is None:
        return Judged(Outcome.PRESENT, case.ack, "no offset was acknowledged; found by its content", copy)
    return Judged(Outcome.MISPLACED, case.ack, f"at its own place: {there.why}", copy, there.place)


def _at_its_place(case: Case, bounds: Bounds | None, around: Surroundings) -> Judged:
    if case.there is There.ABSENT:
        return _absent(case.ack, bounds, around)
    if case.there is There.ITSELF:
        outcome, why = _BY_FATE[case.fate]
        return Judged(outcome, case.ack, why, None, case.place)
    outcome, why = _BY_WHAT_IS_THERE[case.there]
    return Judged(outcome, case.ack, why, None, case.place)


_BY_FATE = {
    None: (Outcome.PRESENT, ""),
    Fate.COMMITTED: (Outcome.PRESENT, ""),
    Fate.ABORTED: (Outcome.ABORTED, "its transaction was aborted: who reads committed records only does not see it"),
    Fate.OPEN: (Outcome.UNDECIDABLE, "its transaction is still open"),
    Fate.UNKNOWN: (Outcome.UNDECIDABLE, "what became of its transaction cannot be told"),
}

_BY_WHAT_IS_THERE = {
    There.THINNED: (Outcome.UNDECIDABLE, "compaction took it out of its batch, or it never was there"),
    There.DAMAGED: (Outcome.DAMAGED, "the bytes that hold it, or held it, are damaged"),
    There.OTHER: (Outcome.REPLACED, "another record has its offset"),
}


def _absent(ack: Ack, bounds: Bounds | None, around: Surroundings) -> Judged:
    """Nothing lies at an offset: is that a loss?"""
    offset = ack.offset
    if bounds is None:
        why = around.away.get(ack.partition, f"there is no directory of partition {ack.partition} here")
    elif offset is None:
        why = "no offset was acknowledged, and no record here has its content"
    elif offset < bounds.start:
        why = f"below the log start offset {bounds.start}: deleted by retention or on request, if it was there"
    elif offset >= bounds.end:
        return Judged(Outcome.LOST, ack, f"the log ends before offset {bounds.end}")
    elif bounds.shrinking:
        why = "segments were removed while they were read: ask again"
    elif around.cleaned is None:
        why = "nothing tells whether compaction was here: cleaner-offset-checkpoint is missing"
    elif offset < around.cleaned.get(ack.partition, 0):
        why = "compaction was here"
    else:
        return Judged(Outcome.LOST, ack, "the log goes on before and behind it, and compaction was not here")
    return Judged(Outcome.UNDECIDABLE, ack, why)


# -- the same content elsewhere


class _Unclaimed:
    """Records of an acknowledged content that lie where no line says so."""

    def __init__(self, evidence: Evidence) -> None:
        self._first: dict[Identity, Ack] = {}
        claimed = {(case.ack.partition, case.ack.offset) for case in evidence.cases if case.there is There.ITSELF}
        for case in evidence.cases:
            identity = identity_of(case.ack)
            if identity is not None:
                self._first.setdefault(identity, case.ack)
        self._copies = {
            identity: [copy for copy in copies if (copy.partition, copy.offset) not in claimed and _can_be_read(copy)]
            for identity, copies in evidence.copies.items()
        }
        self._originals = {
            identity: next((copy for copy in copies if (copy.partition, copy.offset) in claimed), None)
            for identity, copies in evidence.copies.items()
        }

    def take(self, ack: Ack) -> Copy | None:
        """One that may be the record of this line, which no other line is given then."""
        identity = identity_of(ack)
        copies = [] if identity is None else self._copies[identity]
        return copies.pop(0) if copies else None

    def doubled(self) -> Iterator[Judged]:
        """Those that are left, of what lies at its place too."""
        for identity, copies in self._copies.items():
            original = self._originals[identity]
            for copy in copies if original is not None else ():
                yield Judged(Outcome.DOUBLED, self._first[identity], _sent_twice(original, copy), copy)


def _can_be_read(copy: Copy) -> bool:
    return copy.fate in (None, Fate.COMMITTED)


def _sent_twice(one: Copy | None, other: Copy) -> str:
    if one is None or -1 in (one.producer_id, other.producer_id):
        return "by a producer without idempotence, which repeats what it is not told of"
    if one.producer_id != other.producer_id:
        return f"sent by producer {one.producer_id} and by producer {other.producer_id}"
    if one.partition == other.partition and one.sequence == other.sequence:
        return f"producer {one.producer_id} wrote sequence {one.sequence} twice"
    return f"sent twice by producer {one.producer_id}"


# -- the order of sending


def _reordered(present: Iterable[Ack]) -> tuple[list[Judged], int]:
    """Those that would have to be moved to put each producer's records of a partition into the order of sending."""
    lanes: defaultdict[tuple[str, int], list[Ack]] = defaultdict(list)
    for ack in present:
        if ack.sent is not None and ack.offset is not None:
            lanes[ack.producer, ack.partition].append(ack)
    moved = [judged for lane in lanes.values() for judged in _moved(sorted(lane, key=_as_sent))]
    return sorted(moved, key=lambda one: one.ack.line), sum(map(len, lanes.values()))


def _as_sent(ack: Ack) -> tuple[float, int]:
    """Records that were sent at the same time are in order, whichever is first."""
    return ack.sent or 0, ack.offset or 0


def _moved(lane: list[Ack]) -> Iterator[Judged]:
    kept = _longest_in_order([ack.offset or 0 for ack in lane])
    before = None
    for index, ack in enumerate(lane):
        if index in kept:
            before = ack
        else:
            yield Judged(Outcome.REORDERED, ack, _out_of_order(ack, before))


def _out_of_order(ack: Ack, before: Ack | None) -> str:
    if before is not None and (before.offset or 0) > (ack.offset or 0):
        return f"sent after the record of line {before.line}, which lies behind it at offset {before.offset}"
    return "sent before records that lie in front of it"


def _longest_in_order(offsets: list[int]) -> set[int]:
    """The indexes of a longest rising run, not necessarily of neighbours (patience sorting)."""
    tops: list[int] = []
    at: list[int] = []
    previous: list[int] = []
    for index, offset in enumerate(offsets):
        pile = bisect_right(tops, offset)
        previous.append(at[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [offset]
        at[pile : pile + 1] = [index]
    kept = set()
    index = at[-1] if at else -1
    while index >= 0:
        kept.add(index)
        index = previous[index]
    return kept
