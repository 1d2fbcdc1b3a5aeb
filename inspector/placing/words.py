"""What was inferred, in sentences."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

from ..engine.key_sample import NAMES, Key, Sample, Stay
from ..names import excerpt
from ..words import counted, utc
from .growth import Growth
from .inference import Change, Inference, Judgement, Outcome
from .regimes import Candidate, Regime
from .rules_of import rules_of
from .spans import Span, follow_each_other
from .spread import Manner, Run, Spread
from .together import Together, together

MOST_NAMED = 3
"""So many keys are named where there are more."""


def in_words(judgement: Judgement, sample: Sample, count: int) -> str:
    """One sentence on a topic or a producer."""
    if judgement.outcome is Outcome.UNDECIDABLE:
        return f"undecidable: {judgement.why}"
    if judgement.outcome is Outcome.NO_RULE:
        keys = counted(judgement.found.keys, "key")
        return f"no known client's rule explains where these {keys} lie: {_manner(judgement, sample)}"
    parts = [_of_regime(regime, sample, count, judgement.found.keys) for regime in judgement.regimes]
    parts += [_left(judgement.found.unexplained)] if judgement.found.unexplained else []
    return "; ".join(parts)


def rule_names(regime: Regime, sample: Sample, count: int) -> tuple[str, ...]:
    """The rules that a regime may stand for."""
    return rule_names_of(regime.alike, sample, count)


def rule_names_of(algorithms: tuple[str, ...], sample: Sample, count: int) -> tuple[str, ...]:
    """The rules that take one of these algorithms; the algorithms, where records without a key contradict all rules."""
    return tuple(rule.name for rule in rules_of(algorithms, sample, count)) or algorithms


def change_in_words(change: Change) -> str:
    """When partitions were added, and what became of the keys."""
    clear = (
        "" if change.clear else "; offsets do not bear that out in every partition, so the count changed more than once"
    )
    moved = counted(len(change.moved), "key")
    return (
        f"partitions were added: from {change.old} to {change.new}, between {_moment(*change.before, last=True)} and "
        f"{_moment(*change.since, last=False)}; {moved} lie in an old and in a new partition"
        f"{_named(change.moved)}{clear}"
    )


def moved_lines(change: Change, most: int) -> Iterator[str]:
    """Of the first keys that have moved, the last record in the old partition and the first in the new one."""
    old, new = (Candidate(NAMES.index(change.rule), count) for count in (change.old, change.new))
    for key in heapq.nsmallest(most, change.moved, key=lambda key: key.key):
        last = max((stay for stay in key.stays if old.holds(key, stay)), key=lambda stay: stay.last)
        first = min((stay for stay in key.stays if new.holds(key, stay)), key=lambda stay: stay.first)
        yield f"{shown(key.key)}: {_end(last, last=True)}, {_end(first, last=False)}"
    if len(change.moved) > most:
        yield f"{len(change.moved) - most:,} more keys have moved; all: -J"


def _end(stay: Stay, *, last: bool) -> str:
    moment = stay.last if last else stay.first
    when = f" ({utc(moment.timestamp)})" if moment.timestamp >= 0 else ""
    return f"partition {stay.partition} {'up to' if last else 'from'} offset {moment.offset}{when}"


def producer_lines(inference: Inference, sample: Sample, count: int) -> Iterator[str]:
    """A sentence for each producer of which something can be said; the others are counted."""
    silent = 0
    for producer_id, judgement in inference.producers:
        if judgement.outcome is Outcome.UNDECIDABLE:
            silent += 1
        else:
            yield f"producer {_producer(producer_id)}: {in_words(judgement, sample, count)}"
    if silent:
        yield f"{counted(silent, 'producer')} with too few keys to tell"
    if inference.others:
        yield f"{counted(inference.others, 'producer')} with fewer keys, not looked at each by itself"


def _producer(producer_id: int) -> str:
    return "without a producer id" if producer_id < 0 else str(producer_id)


def _of_regime(regime: Regime, sample: Sample, count: int, keys: int) -> str:
    names = [rule_names_of((name,), sample, count)[0] for name in regime.alike]  # those for null keys are no others
    alike = f", or {' or '.join(names[1:])}, which says the same of all of them" if len(names) > 1 else ""
    with_count = "" if regime.count == count else f" with {regime.count} partitions"
    all_of = "all" if regime.keys == keys else f"{regime.keys:,} of"
    explained = f"{names[0]}{with_count} explains {all_of} {counted(keys, 'key')}{alike}"
    return f"{explained} (by chance: less than 1 in {_odds(regime.log10_chance)})"


def _odds(log10_chance: float) -> str:
    exponent = int(-log10_chance)
    return f"10^{exponent}" if exponent > 6 else f"{10**exponent:,}"


def _left(keys: Sequence[Key]) -> str:
    return f"{counted(len(keys), 'key')} lie as no rule says{_named(keys)}"


def _manner(judgement: Judgement, sample: Sample) -> str:
    occurrences = ((key.records, len(key.partitions())) for key in judgement.found.unexplained)
    keys = together(occurrences, [held.records for held in sample.held.values()])
    if not keys.repeated:
        return "each occurs once, so nothing tells whether they decide at all"
    if keys.apart:
        several = f"{keys.apart:,} of {counted(keys.repeated, 'key')} with several records lie in several partitions"
        return f"{several}, so it is not the key that decides, or not alone"
    if keys.decides:
        return (
            f"each of {counted(keys.repeated, 'key')} with several records lies in one partition (by chance: less than "
            f"1 in {_odds(keys.log10_chance)}), by a partitioner of somebody's own, or because producers name it"
        )
    return "too few occur more than once to tell whether they decide at all"


def keyless_lines(spreads: Sequence[tuple[int, Spread]]) -> Iterator[str]:
    """A sentence for each producer on how it spread its records; several of which nothing can be said are counted."""
    silent = [spread.records for _, spread in spreads if spread.manner is Manner.UNDECIDABLE]
    for producer_id, spread in spreads:
        if spread.manner is not Manner.UNDECIDABLE or len(silent) == 1:
            producer = f"producer {_producer(producer_id)}: " if len(spreads) > 1 or producer_id >= 0 else ""
            yield f"{producer}{_spread(spread)}"
    if len(silent) > 1:
        yield f"{counted(sum(silent), 'record')} of {counted(len(silent), 'producer')}: too few of each to tell"


def _spread(spread: Spread) -> str:
    records = counted(spread.records, "record")
    if spread.manner is Manner.UNDECIDABLE:
        return f"{records}, undecidable: {spread.why}"
    chance = f"(by chance: less than 1 in {_odds(spread.log10_chance)})"
    if spread.manner is Manner.RUNS:
        runs = ", then ".join(_run(run) for run in spread.runs)
        return f"{records} in runs, as sticky partitioners leave them {chance}: {runs}, …"
    if spread.manner is Manner.TURNS:
        step = "the next partition" if spread.stride == 1 else f"the next partition but {spread.stride - 1}"
        return f"{records} by turns, each to {step} {chance}"
    return f"{records} neither in runs nor by turns: at random, or by something in them"


def _run(run: Run) -> str:
    offsets = f"offset {run.first_offset}" if run.first_offset == run.last_offset else _offsets(run)
    return f"partition {run.partition} {offsets} ({counted(run.batches, 'batch')})"


def _offsets(run: Run) -> str:
    return f"offsets {run.first_offset} to {run.last_offset}"


def value_line(values: Together) -> str:
    """What equal values tell, where they tell that the value decides."""
    repeated = counted(values.repeated, "value")
    chance = f"by chance: less than 1 in {_odds(values.log10_chance)}"
    return f"each of {repeated} that occur more than once lies in one partition ({chance}): the value decides"


def span_lines(found: Sequence[Span], sample: Sample, count: int) -> Iterator[str]:
    """When each rule was at work."""
    if len(found) > 1 and follow_each_other(found):
        yield "one after the other"
    for span in found:
        (name, *_) = rule_names_of(span.regime.alike[:1], sample, count)
        times = f"from {utc(span.first.timestamp)} to {utc(span.last.timestamp)}"
        yield f"{name} {times} ({counted(span.keys, 'key')} that no other explains)"


def growth_in_words(growth: Growth) -> str:
    """What the metadata log says of partitions that were added."""
    when = f"at {utc(growth.timestamp)} " if growth.timestamp >= 0 else ""
    return f"from {growth.old} to {growth.new} partitions {when}(offset {growth.offset} of __cluster_metadata)"


def _named(keys: Sequence[Key]) -> str:
    if not keys:
        return ""
    first = heapq.nsmallest(MOST_NAMED, (key.key for key in keys))  # a sample is in no order, and in another each time
    some = ", ".join(map(shown, first))
    return f" ({some}{', …' if len(keys) > MOST_NAMED else ''})"


def _moment(key: Key, stay: Stay, *, last: bool) -> str:
    moment = stay.last if last else stay.first
    place = f"partition {stay.partition}, offset {moment.offset}, key {shown(key.key)}"
    return f"{utc(moment.timestamp)} ({place})" if moment.timestamp >= 0 else place


def shown(key: bytes) -> str:
    """A key in a sentence."""
    try:
        return excerpt(key.decode(), 40)
    except UnicodeDecodeError:
        return f"0x{key[:20].hex()}{'…' if len(key) > 20 else ''}"
