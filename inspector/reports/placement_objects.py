"""The placement of a topic for machines: one object."""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.key_sample import Key
from ..placing.inference import Change, Judgement
from ..placing.regimes import Regime
from ..placing.spans import Span
from ..placing.spread import Spread
from ..placing.words import rule_names
from ..report import Column, Row
from .placed import Answer

OBJECTS = tuple(
    Column(name)
    for name in (
        "topic", "partition_count", "not_whole", "records", "null_keys", "empty_keys", "damaged_records",
        "distinct_keys", "sampled_keys", "outcome", "why", "rules", "unexplained_keys", "producers", "changes",
        "partitions_added", "spans", "keyless", "keyed", "value_decides", "partitions", "hottest_keys",
        "hottest_error", "what_if",
    )
)  # fmt: skip
"""One row a topic."""


def as_object(answer: Answer) -> Row:
    """One row of `OBJECTS`."""
    sample, judgement, total = answer.sample, answer.judgement, answer.total()
    distinct = answer.distinct_by_partition()
    return (
        answer.topic, answer.count, answer.not_whole, total.records, total.null, total.empty, sample.damaged,
        sample.distinct, len(sample.keys), str(judgement.outcome), judgement.why or None,
        [_rule_object(answer, regime) for regime in judgement.regimes],
        sorted(key.key for key in judgement.found.unexplained)[: answer.question.hottest],
        [_producer_object(answer, *one) for one in answer.inference.producers],
        [_change_object(change) for change in answer.inference.changes],
        [growth._asdict() for growth in answer.growths],
        [_span_object(span) for span in answer.spans()],
        *_closer_objects(answer),
        [
            {"partition": number, "records": held.records, "null_keys": held.null, "empty_keys": held.empty,
             "bytes": held.bytes, "distinct_keys": distinct.get(number, 0)}
            for number, held in sorted(sample.held.items())
        ],
        [{"key": hot.key, "records": hot.records} for hot in sample.hottest],
        sample.hot_error,
        _what_if_object(answer),
    )  # fmt: skip


def _rule_object(answer: Answer, regime: Regime) -> dict[str, object]:
    return {
        "rules": list(rule_names(regime, answer.sample, answer.count)), "algorithms": list(regime.alike),
        "partition_count": regime.count, "keys": regime.keys, "log10_chance": round(regime.log10_chance, 1),
    }  # fmt: skip


def _producer_object(answer: Answer, producer_id: int, judgement: Judgement) -> dict[str, object]:
    return {
        "producer_id": producer_id, "keys": judgement.found.keys, "outcome": str(judgement.outcome),
        "why": judgement.why or None, "rules": [_rule_object(answer, regime) for regime in judgement.regimes],
        "unexplained_keys": len(judgement.found.unexplained),
    }  # fmt: skip


def _change_object(change: Change) -> dict[str, object]:
    (_, before), (_, since) = change.before, change.since
    return {
        "algorithm": change.rule, "old_count": change.old, "new_count": change.new, "clear": change.clear,
        "last_before": _moment_object(before.partition, *before.last),
        "first_since": _moment_object(since.partition, *since.first),
        "moved_keys": [_moved_object(key) for key in sorted(change.moved, key=lambda key: key.key)],
    }  # fmt: skip


def _span_object(span: Span) -> dict[str, object]:
    return {
        "algorithm": span.regime.alike[0], "partition_count": span.regime.count, "keys": span.keys,
        "first_timestamp": span.first.timestamp, "last_timestamp": span.last.timestamp,
    }  # fmt: skip


def _closer_objects(answer: Answer) -> tuple[object, object, object]:
    """How records without a key are spread, how those with one that no rule places, and whether values decide."""
    closer = answer.closer
    if closer is None:
        return [], [], None
    keyed = closer.keyed if answer.is_without_rule else ()
    return _spread_objects(closer.keyless), _spread_objects(keyed), closer.values.decides


def _spread_objects(spreads: Sequence[tuple[int, Spread]]) -> list[dict[str, object]]:
    return [
        {"producer_id": producer_id, "manner": str(spread.manner), "why": spread.why or None,
         "records": spread.records, "partitions": spread.partitions, "stride": spread.stride or None,
         "log10_chance": round(spread.log10_chance, 1), "runs": [run._asdict() for run in spread.runs]}
        for producer_id, spread in spreads
    ]  # fmt: skip


def _moment_object(partition: int, timestamp: int, offset: int) -> dict[str, int]:
    return {"partition": partition, "offset": offset, "timestamp": timestamp}


def _moved_object(key: Key) -> dict[str, object]:
    """Where a key was last before, and where first since: its stays in the order of time."""
    stays = sorted(key.stays, key=lambda stay: (stay.first.timestamp, stay.first.offset))
    return {
        "key": key.key,
        "stays": [
            {"partition": stay.partition, "producer_id": stay.producer_id, "records": stay.records,
             "first_offset": stay.first.offset, "first_timestamp": stay.first.timestamp,
             "last_offset": stay.last.offset, "last_timestamp": stay.last.timestamp}
            for stay in stays
        ],
    }  # fmt: skip


def _what_if_object(answer: Answer) -> dict[str, object] | None:
    if answer.question.what_if is None:
        return None
    moving, of, algorithm = answer.moving(answer.question.what_if)
    return {
        "partition_count": answer.question.what_if, "algorithm": algorithm, "keys": of, "moving": len(moving),
        "moving_keys": [key.key for key in moving[: answer.question.hottest]],
    }  # fmt: skip
