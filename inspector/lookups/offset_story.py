"""A lookup by offset, told step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..words import counted, utc
from .answers import Answer
from .by_offset import OffsetLookup
from .step import Step, Where
from .telling import batch_steps, cost_step, index_steps, listed, log_step
from .walking import Frame


def offset_steps(lookup: OffsetLookup) -> Iterator[Step]:
    """The steps from the question to the answer, and what the log itself says about it."""
    if lookup.bounds is None:
        yield Step(Where.LOG, "no segment is here that is named by its base offset", answer=Answer.OUT_OF_RANGE)
        return
    yield log_step(lookup.bounds)
    for number, visit in enumerate(lookup.visits):
        yield _segment_step(lookup, number)
        yield from index_steps(visit.search, visit.segment, lookup.offset)
        yield from batch_steps(visit, _judge(lookup))
    yield from _record_step(lookup)
    yield answer_step(lookup)
    if lookup.visits:
        yield _check_step(lookup)
        without = lookup.truth.end if lookup.truth else None
        yield cost_step([visit.search for visit in lookup.visits], lookup.visits, without)


def _segment_step(lookup: OffsetLookup, number: int) -> Step:
    segment = lookup.visits[number].segment
    if number:
        what, why = f"{segment.name}: the next one", "what the one before no longer holds is looked for behind it"
    else:
        what = f"{segment.name}: the greatest base offset that is not above {lookup.offset}"
        why = f"a file's name is its base offset; there are {listed(lookup.bases)}"
    return Step(Where.SEGMENT, what, why, segment.name, offset=segment.base_offset)


def _judge(lookup: OffsetLookup) -> Callable[[Frame], str]:
    def verdict(frame: Frame) -> str:
        if frame.last_offset < lookup.offset:
            return f"it ends before {lookup.offset}: go on"
        if frame.base_offset is not None and frame.base_offset > lookup.offset:
            return f"it begins behind {lookup.offset} and is the first that does not end before it"
        return f"the first that does not end before {lookup.offset}"

    return verdict


def _record_step(lookup: OffsetLookup) -> Iterator[Step]:
    record, batch, offset = lookup.record, lookup.batch, lookup.offset
    if lookup.found is None:
        return
    file = lookup.visits[-1].segment.name
    if record is None or batch is None:
        yield Step(Where.RECORD, f"no record from offset {offset} on can be read in this segment", file=file)
        return
    moment = utc(record.timestamp) if record.timestamp >= 0 else "no timestamp"
    kind = f"a marker ({record.control_type}), which no consumer is handed" if batch.is_control else moment
    why = ""
    if record.offset != offset:
        why = f"{offset} is gone: compaction, or a batch with fewer records than offsets; this is the next record"
    elif record.damaged:
        why = "its batch is damaged, so it is not to be trusted; the broker sends it all the same"
    what = f"offset {record.offset}, {kind}"
    yield Step(Where.RECORD, what, why, file, None, batch.position, record.offset, None, record.timestamp)


def answer_step(lookup: OffsetLookup) -> Step:
    """What a consumer that fetches from the offset is answered."""
    what, why = _ANSWERS[lookup.answer](lookup)
    found = lookup.found
    return Step(
        Where.ANSWER, what, why, position=found.position if found else None,
        offset=lookup.record.offset if lookup.record else None, answer=str(lookup.answer),
    )  # fmt: skip


def _out_of_range(lookup: OffsetLookup) -> tuple[str, str]:
    bounds, offset = lookup.bounds, lookup.offset
    before = bounds is not None and offset < bounds.log_start
    place = "before the log start offset" if before else "behind the log end offset"
    reset = "the consumer's auto.offset.reset then decides where it goes on"
    return f"OFFSET_OUT_OF_RANGE: {offset} lies {place}", reset


def _empty(lookup: OffsetLookup) -> tuple[str, str]:
    bounds = lookup.bounds
    if bounds is not None and lookup.offset == bounds.log_end:
        return "no records, and no error", f"{lookup.offset} is the next offset to be written: consumers wait for it"
    return "no records, and no error", "nothing lies between this offset and the end of the log"


def _broken(lookup: OffsetLookup) -> tuple[str, str]:
    refused = lookup.visits[-1].walk.refused
    return f"{refused.error if refused else 'an error'}: the broker cannot read on", ""


def _found(lookup: OffsetLookup) -> tuple[str, str]:
    invisible = _not_yet(lookup)
    if invisible is not None:
        return invisible
    found = lookup.found
    assert found is not None
    first = found.base_offset if found.base_offset is not None else found.last_offset
    what = f"the log from position {found.position:,} on, whole batches"
    skipped = lookup.offset - first
    offsets = counted(skipped, "offset")
    why = f"{offsets} too early: the client itself drops what lies before {lookup.offset}" if skipped > 0 else ""
    return what, _also_committed(lookup, why)


def _not_yet(lookup: OffsetLookup) -> tuple[str, str] | None:
    bounds = lookup.bounds
    if bounds is None or bounds.high_watermark is None or lookup.offset < bounds.high_watermark:
        return None
    lag = "; the checkpoint may lag behind what consumers really got" if bounds.may_lag else ""
    mark = f"{lookup.offset} is not below the high watermark {bounds.high_watermark}"
    return "no records yet, and no error", f"{mark}: not yet on all in-sync replicas{lag}"


def _also_committed(lookup: OffsetLookup, why: str) -> str:
    bounds = lookup.bounds
    stable = bounds.last_stable if bounds is not None else None
    if stable is None or lookup.offset < stable:
        return why
    waits = f"with read_committed none yet: a transaction is open since offset {stable}"
    return f"{why}; {waits}" if why else waits


_ANSWERS: dict[Answer, Callable[[OffsetLookup], tuple[str, str]]] = {
    Answer.FOUND: _found,
    Answer.NEXT: _found,
    Answer.OUT_OF_RANGE: _out_of_range,
    Answer.EMPTY: _empty,
    Answer.ERROR: _broken,
}


def _check_step(lookup: OffsetLookup) -> Step:
    truth = lookup.truth
    if lookup.is_right:
        what = "the same" if truth else "none either"
        return Step(Where.CHECK, f"reading the segment from its start, past the index, finds {what}")
    if truth is None:
        return Step(Where.CHECK, "wrong: past the index, no such batch is found")
    batch = truth.batch
    what = f"wrong: past the index, the batch at position {batch.position:,} is found"
    why = f"it holds offsets {batch.base_offset} to {batch.last_offset}; Kafka believes its index and does not see it"
    return Step(
        Where.CHECK, what, why, truth.segment.name, None, batch.position, batch.base_offset, batch.last_offset,
    )  # fmt: skip
