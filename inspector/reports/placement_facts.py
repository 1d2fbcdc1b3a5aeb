"""The placement of a topic for people: facts, a row a partition, and what stands below."""

from __future__ import annotations

from collections.abc import Iterator

from ..placing.words import (
    change_in_words,
    growth_in_words,
    in_words,
    keyless_lines,
    moved_lines,
    producer_lines,
    shown,
    span_lines,
    value_line,
)
from ..report import Row
from ..words import counted
from .placed import Answer


def facts(answer: Answer) -> Iterator[tuple[str, str]]:
    """What stands above the rows, as name and text."""
    sample, count = answer.sample, answer.count
    yield "placement", in_words(answer.judgement, sample, count)
    yield from (("change", change_in_words(change)) for change in answer.inference.changes)
    yield from (("partitions added", growth_in_words(growth)) for growth in answer.growths)
    yield from (("in time", line) for line in span_lines(answer.spans(), sample, count))
    yield from (("by", line) for line in producer_lines(answer.inference, sample, count))
    yield from _closer(answer)
    yield "read", _read(answer)
    if answer.not_whole:
        yield "not whole", answer.not_whole


def _closer(answer: Answer) -> Iterator[tuple[str, str]]:
    closer = answer.closer
    if closer is None:
        return
    yield from (("with a key", line) for line in keyless_lines(closer.keyed) if answer.is_without_rule)
    yield from (("without a key", line) for line in keyless_lines(closer.keyless))
    if closer.values.decides:
        yield "by value", value_line(closer.values)
    if closer.records < answer.total().records:
        yield "looked at", f"for this, the first {counted(closer.records, 'record')}"


def _read(answer: Answer) -> str:
    sample, total = answer.sample, answer.total()
    whole = "" if sample.is_whole else f", judged by {counted(len(sample.keys), 'key')} of these"
    about = "" if sample.is_whole else "about "
    keys = f"{about}{counted(sample.distinct, 'distinct key')}{whole}"
    return f"{counted(total.records, 'record')} in {counted(answer.count, 'partition')}, {keys}"


def rows(answer: Answer) -> Iterator[Row]:
    """One a partition."""
    most = max((held.records for held in answer.sample.held.values()), default=0)
    distinct = answer.distinct_by_partition()
    for partition, held in sorted(answer.sample.held.items()):
        share = held.records / most if most else 0.0
        yield partition, held.records, share, held.null, held.empty, held.bytes, distinct.get(partition, 0)


def closing(answer: Answer) -> list[str]:
    """What stands below the rows."""
    lines = [line for change in answer.inference.changes for line in moved_lines(change, answer.question.hottest)]
    if answer.sample.hottest:
        hot = ", ".join(f"{shown(one.key)} {one.records:,}" for one in answer.sample.hottest)
        error = f" (each up to {answer.sample.hot_error:,} more)" if answer.sample.hot_error else ""
        lines.append(f"most frequent keys, with their records{error}: {hot}")
    if answer.question.what_if is not None:
        lines.append(_what_if(answer, answer.question.what_if))
    return lines


def _what_if(answer: Answer, count: int) -> str:
    moving, of, algorithm = answer.moving(count)
    some = ", ".join(shown(key.key) for key in moving[: answer.question.hottest])
    sampled = "" if answer.sample.is_whole else " of the sample"
    named = f": {some}{', …' if len(moving) > answer.question.hottest else ''}" if some else ""
    return f"with {counted(count, 'partition')}, {len(moving):,} of {of:,} keys{sampled} move by {algorithm}{named}"
