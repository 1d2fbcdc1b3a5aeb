"""What lookups by offset and by time have in common, told step by step: bounds, index, batches, cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ..segment import Role, Segment
from ..words import counted, utc
from .answers import Visit
from .bounds import Bounds
from .searching import IndexEntry, IndexSearch, Probe, Purpose
from .step import Step, Where
from .walking import Frame, Walk

ORDERS = {-1: "less", 0: "equal", 1: "greater"}

NAMED = 3
"""So many segments at each end of a list are named."""

_SOUGHT: dict[Role, Callable[[int], str]] = {Role.OFFSET_INDEX: str, Role.TIME_INDEX: utc}
_ENTRY: dict[Role, Callable[[Probe], str]] = {
    Role.OFFSET_INDEX: lambda probe: f"offset {probe.entry.key} at position {probe.entry.value:,}",
    Role.TIME_INDEX: lambda probe: f"{utc(probe.entry.key)}, offset {probe.entry.value}",
}
_COMPARED = {
    Role.OFFSET_INDEX: {-1: "less than {}", 0: "equal to {}", 1: "greater than {}"},
    Role.TIME_INDEX: {-1: "earlier than sought", 0: "exactly what is sought", 1: "later than sought"},
}
_WHERE = {Role.OFFSET_INDEX: Where.INDEX, Role.TIME_INDEX: Where.TIME_INDEX}


def log_step(bounds: Bounds) -> Step:
    """What offsets there are, and which of them consumers get."""
    end = "an end that cannot be read" if bounds.log_end is None else f"log end offset {bounds.log_end}"
    what = f"log start offset {bounds.log_start}, {end}, {_high_watermark(bounds)}"
    return Step(Where.LOG, what, _readable(bounds), offset=bounds.log_start, last_offset=_last(bounds))


def _last(bounds: Bounds) -> int | None:
    return None if bounds.log_end is None else bounds.log_end - 1


def _high_watermark(bounds: Bounds) -> str:
    if bounds.high_watermark is None:
        return "high watermark not checkpointed"
    doubt = " (checkpointed, may lag)" if bounds.may_lag else ""
    return f"high watermark {bounds.high_watermark}{doubt}"


def _readable(bounds: Bounds) -> str:
    if bounds.last_stable is None:
        return "consumers read from the log start offset to before the high watermark"
    since = f"a transaction is open since offset {bounds.last_stable}"
    return f"{since}: consumers with read_committed read to before it, others to before the high watermark"


def listed(numbers: Sequence[int]) -> str:
    """Numbers with commas; of many, those at both ends."""
    if len(numbers) <= 2 * NAMED:
        return ", ".join(map(str, numbers))
    return f"{listed(numbers[:NAMED])}, …, {listed(numbers[-NAMED:])}"


# -- the index


def index_steps(search: IndexSearch, segment: Segment, target: int) -> Iterator[Step]:
    """The search in one index: what is in it, each entry looked at, and where it ends."""
    file = f"{segment.name.rpartition('.')[0]}.{search.role}"
    yield Step(_WHERE[search.role], _contents(search), _about_contents(search), file)
    for probe in search.probes:
        yield _probe_step(search, probe, target, file)
    yield _end_step(search, target, file)


def _contents(search: IndexSearch) -> str:
    if search.missing:
        return f"there is no .{search.role} that can be read"
    entries = counted(search.entries, "entry", "entries")
    what = f"{entries} of {search.entry_size} bytes" if search.entries else "no entries"
    return f"{what}, and {counted(search.spare, 'byte')} more that make no whole one" if search.spare else what


def _about_contents(search: IndexSearch) -> str:
    if search.missing and search.role is Role.OFFSET_INDEX:
        return "the broker reads the segment at its next start and makes the index anew; until then there is no entry"
    if search.missing:
        return "the broker makes an empty one at its next start"
    if search.zeros:
        return f"{search.zeros:,} bytes of zeros behind them are room for more: the broker was still writing"
    if search.first_warm:
        last = search.entries - search.first_warm
        return f"the last {last:,} are kept warm and are searched first: most lookups are about the newest records"
    return ""


def _probe_step(search: IndexSearch, probe: Probe, target: int, file: str) -> Step:
    what = f"slot {probe.entry.slot}: {_ENTRY[search.role](probe)}"
    order = ORDERS[probe.order]
    is_offset = search.role is Role.OFFSET_INDEX
    compared = _COMPARED[search.role][probe.order].format(_SOUGHT[search.role](target))
    why = f"{compared}: {_direction(search, probe)}"
    return Step(
        _WHERE[search.role], what, why, file, probe.entry.slot,
        position=probe.entry.value if is_offset else None, offset=probe.entry.key if is_offset else probe.entry.value,
        timestamp=None if is_offset else probe.entry.key, order=order, bytes_read=search.entry_size,
    )  # fmt: skip


def _direction(search: IndexSearch, probe: Probe) -> str:
    """What is left after a look at an entry."""
    if probe.low is None:
        return "all entries are too great"
    left = f"slot {probe.low}" if probe.low == probe.high else f"slots {probe.low} to {probe.high}"
    if probe.purpose is Purpose.WARM:
        section = "the warm section" if search.first_warm else "the index"
        return f"search {section}, {left}" if probe.order < 0 else f"search what is before, {left}"
    if probe.order == 0 and probe.purpose is Purpose.HALVE:
        return "found"
    return f"go on in {left}" if probe.low != probe.high else f"{left} is left"


def _end_step(search: IndexSearch, target: int, file: str) -> Step:
    """The entry that the search ends at, or that there is none."""
    sought, found = _SOUGHT[search.role](target), search.found
    if search.role is Role.OFFSET_INDEX:
        return _start_step(found, sought, file)
    if found is None:
        return Step(Where.TIME_INDEX, f"no entry up to {sought}: begin with the segment's first offset", file=file)
    what = f"slot {found.slot} is the last one up to {sought}: begin with offset {found.value}"
    return Step(Where.TIME_INDEX, what, file=file, slot=found.slot, offset=found.value, timestamp=found.key)


def _start_step(found: IndexEntry | None, sought: str, file: str) -> Step:
    """Where in the log the search goes on."""
    if found is None:
        what = f"no entry up to {sought}: read on from position 0, the segment's start"
        return Step(Where.INDEX, what, file=file, position=0)
    what = f"slot {found.slot} is the last one up to {sought}: read on from position {found.value:,}"
    why = "" if found.value >= 0 else "a position before the file's start"
    return Step(Where.INDEX, what, why, file, found.slot, found.value, found.key)


# -- the batches


def batch_steps(visit: Visit, verdict: Callable[[Frame], str]) -> Iterator[Step]:
    """The batches looked at, in order; of many, a few at both ends. verdict: what is decided about one."""
    walked = visit.walk
    told = [*walked.first, *walked.last]
    shown = [*dict.fromkeys(told)]
    for number, frame in enumerate(shown):
        if walked.left_out and number == len(walked.first):
            yield _left_out(walked, visit.segment)
        yield _batch_step(visit.segment, frame, verdict(frame))
    if walked.found is None:
        yield _stopped_step(visit.segment, walked)


def _left_out(walked: Walk, segment: Segment) -> Step:
    before, behind = walked.first[-1], walked.last[0]
    passed = counted(walked.left_out, "batch")
    return Step(
        Where.BATCH, f"… {passed} more, positions {before.end:,} to {behind.position:,}", "all are passed over",
        segment.name, position=before.end,
    )  # fmt: skip


def _batch_step(segment: Segment, frame: Frame, why: str) -> Step:
    first = f"offsets {frame.base_offset} to" if frame.base_offset is not None else "a message up to offset"
    what = f"position {frame.position:,}: {first} {frame.last_offset}, {counted(frame.size, 'byte')}"
    return Step(
        Where.BATCH, what, why, segment.name, None, frame.position, frame.base_offset, frame.last_offset,
        frame.max_timestamp,
    )  # fmt: skip


def _stopped_step(segment: Segment, walked: Walk) -> Step:
    if walked.refused is not None:
        position = walked.refused.position
        what = f"position {position:,}: no batch begins here: {walked.refused.why}"
        why = f"the broker breaks off, and the client is answered {walked.refused.error}"
        return Step(Where.BATCH, what, why, segment.name, position=position)
    end = walked.seen.end if walked.seen else walked.start
    what = f"position {end:,}: no further batch in this segment"
    return Step(Where.BATCH, what, "what was sought is not found here", segment.name, position=end)


# -- what it cost


def cost_step(searches: Sequence[IndexSearch], visits: Sequence[Visit], without: int | None) -> Step:
    """What the search read. without: the bytes to the end of the batch sought; None where it is nowhere."""
    entries = sum(len(one.probes) for one in searches)
    index_bytes, pages = sum(one.bytes_read for one in searches), sum(one.pages for one in searches)
    batches = sum(one.walk.count for one in visits)
    passed = sum(one.walk.bytes_passed for one in visits)
    looked = f"{counted(entries, 'index entry', 'index entries')} ({index_bytes:,} bytes, {counted(pages, 'page')})"
    what = f"{looked} and {passed:,} bytes of log in {counted(batches, 'batch')}"
    why = "" if without is None else f"without the index: {without:,} bytes of log, from the segment's start on"
    return Step(Where.COST, what, why, bytes_read=index_bytes + passed)
