"""A lookup by time, told step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..segment import Role
from ..words import counted, utc
from .answers import Answer
from .by_time import Largest, TimeLookup, Told
from .step import Step, Where
from .telling import NAMED, batch_steps, cost_step, index_steps, log_step
from .walking import Frame

_TOLD = {
    Told.ENTRY: "the last entry of its time index says so",
    Told.LOG: "its batches say so, as the broker that writes to it has it in memory",
    Told.FILE: "its time index tells none, so the time counts at which the file was last changed",
}


def time_steps(lookup: TimeLookup) -> Iterator[Step]:
    """The steps from the question to the answer, and what the log itself says about it."""
    if lookup.bounds is None:
        yield Step(Where.LOG, "no segment is here that is named by its base offset", answer=Answer.NONE)
        return
    yield log_step(lookup.bounds)
    yield from _passed_steps(lookup)
    if lookup.chosen is not None:
        yield _segment_step(lookup.chosen, f"not before {utc(lookup.time)}: search here, and in no other")
    yield from _visit_steps(lookup)
    yield _answer_step(lookup)
    yield _check_step(lookup)
    if lookup.visit is not None and lookup.visit.times is not None:
        without = lookup.truth.end if lookup.truth else None
        yield cost_step([lookup.visit.times, lookup.visit.search], [lookup.visit], without)


def _passed_steps(lookup: TimeLookup) -> Iterator[Step]:
    passed = lookup.passed
    left_out = len(passed) - 2 * NAMED
    for number, one in enumerate(passed):
        if left_out > 0 and number == NAMED:
            what = f"… {counted(left_out, 'segment')} more"
            yield Step(Where.SEGMENT, what, "their greatest timestamps are earlier too")
        if left_out <= 0 or not NAMED <= number < len(passed) - NAMED:
            yield _segment_step(one, f"before {utc(lookup.time)}: pass it over")


def _segment_step(one: Largest, decided: str) -> Step:
    what = f"{one.segment.name}: greatest timestamp {utc(one.timestamp)}"
    why = f"{_TOLD[one.told]}; {decided}"
    file, base_offset = one.segment.name, one.segment.base_offset
    return Step(Where.SEGMENT, what, why, file, one.slot, offset=base_offset, timestamp=one.timestamp)


def _visit_steps(lookup: TimeLookup) -> Iterator[Step]:
    visit = lookup.visit
    if visit is None or visit.times is None or lookup.bounds is None:
        return
    yield from index_steps(visit.times, visit.segment, lookup.time)
    offset = visit.times.found.value if visit.times.found else visit.segment.base_offset or 0
    yield from index_steps(visit.search, visit.segment, max(offset, lookup.bounds.log_start))
    yield from batch_steps(visit, _judge(lookup))
    record, batch = lookup.record, lookup.batch
    if record is not None and batch is not None:
        what = f"offset {record.offset}, {utc(record.timestamp)}"
        why = f"the first one here that is not before {utc(lookup.time)}; those behind it may be earlier again"
        yield Step(
            Where.RECORD, what, why, visit.segment.name, None, batch.position, record.offset, None, record.timestamp,
        )  # fmt: skip


def _judge(lookup: TimeLookup) -> Callable[[Frame], str]:
    visit = lookup.visit

    def verdict(frame: Frame) -> str:
        latest = "no timestamp" if frame.max_timestamp < 0 else f"at most {utc(frame.max_timestamp)}"
        if frame.max_timestamp < lookup.time:
            return f"{latest}: too early, go on"
        if visit is not None and visit.walk.found == frame:
            return f"{latest}: look at its records"
        return f"{latest}, but none of its records will do: go on"

    return verdict


def _answer_step(lookup: TimeLookup) -> Step:
    what, why = _ANSWERS[lookup.answer](lookup)
    record = lookup.record
    return Step(
        Where.ANSWER, what, why, offset=record.offset if record else -1,
        timestamp=record.timestamp if record else None, answer=str(lookup.answer),
    )  # fmt: skip


def _found(lookup: TimeLookup) -> tuple[str, str]:
    record, bounds = lookup.record, lookup.bounds
    assert record is not None
    assert bounds is not None
    if bounds.high_watermark is not None and record.offset >= bounds.high_watermark:
        return f"offset {record.offset}, to replicas; to consumers -1", "it is not below the high watermark"
    if bounds.last_stable is not None and record.offset >= bounds.last_stable:
        why = f"to consumers with read_committed -1: a transaction is open since offset {bounds.last_stable}"
        return f"offset {record.offset}, {utc(record.timestamp)}", why
    return f"offset {record.offset}, {utc(record.timestamp)}", ""


def _none(lookup: TimeLookup) -> tuple[str, str]:
    if lookup.chosen is None:
        return "offset -1: there is none", "every segment's greatest timestamp is earlier"
    return "offset -1: there is none", "no other segment is looked at"


def _broken(lookup: TimeLookup) -> tuple[str, str]:
    refused = lookup.visit.walk.refused if lookup.visit else None
    return f"{refused.error if refused else 'an error'}: the broker cannot read on", ""


_ANSWERS: dict[Answer, Callable[[TimeLookup], tuple[str, str]]] = {
    Answer.FOUND: _found,
    Answer.NONE: _none,
    Answer.ERROR: _broken,
}


def _check_step(lookup: TimeLookup) -> Step:
    truth = lookup.truth
    if lookup.is_right:
        what = "reading the log from its start, past the indexes, finds the same"
        return Step(Where.CHECK, what if truth else "reading the log from its start finds none either")
    if truth is None or truth.record is None:
        return Step(Where.CHECK, "wrong: past the indexes, no such record is found")
    record = truth.record
    what = f"wrong: past the indexes, offset {record.offset} is found, {utc(record.timestamp)}"
    return Step(
        Where.CHECK, what, _who_lies(lookup), truth.segment.name, None, truth.batch.position, record.offset, None,
        record.timestamp,
    )  # fmt: skip


def _who_lies(lookup: TimeLookup) -> str:
    truth = lookup.truth
    if truth is not None and any(one.segment is truth.segment for one in lookup.passed):
        return f"its segment was passed over, and holds {utc(lookup.true_largest)}"
    blamed = blamed_index(lookup)
    return "" if blamed is None else f"the .{blamed} led past it: Kafka believes it"


def blamed_index(lookup: TimeLookup) -> Role | None:
    """The index that led past the record which is there; None where no entry did."""
    visit, truth = lookup.visit, lookup.truth
    if lookup.is_right or visit is None or visit.times is None or truth is None or truth.record is None:
        return None
    if visit.times.found is not None and visit.times.found.value > truth.batch.last_offset:
        return Role.TIME_INDEX
    return Role.OFFSET_INDEX if visit.search.found is not None else None
