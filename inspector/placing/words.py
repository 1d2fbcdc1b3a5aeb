"""What was inferred, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..engine.key_sample import Key, Sample, Stay
from ..names import excerpt
from ..words import counted, utc
from .inference import Change, Inference, Judgement, Outcome
from .regimes import Regime
from .rules_of import rules_of

MOST_NAMED = 3
"""So many keys are named where there are more."""


def in_words(judgement: Judgement, sample: Sample, count: int) -> str:
    """One sentence on a topic or a producer."""
    if judgement.outcome is Outcome.UNDECIDABLE:
        return f"undecidable: {judgement.why}"
    if judgement.outcome is Outcome.NO_RULE:
        keys = counted(judgement.found.keys, "key")
        return f"no known client's rule explains where these {keys} lie: {_manner(judgement)}"
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


def producer_lines(inference: Inference, sample: Sample, count: int) -> Iterator[str]:
    """A sentence for each producer of which something can be said; the others are counted."""
    silent = 0
    for producer_id, judgement in inference.producers:
        if judgement.outcome is Outcome.UNDECIDABLE:
            silent += 1
        else:
            name = "without a producer id" if producer_id < 0 else str(producer_id)
            yield f"producer {name}: {in_words(judgement, sample, count)}"
    if silent:
        yield f"{counted(silent, 'producer')} with too few keys to tell"


def _of_regime(regime: Regime, sample: Sample, count: int, keys: int) -> str:
    names = [rule_names_of((name,), sample, count)[0] for name in regime.alike]  # those for null keys are no others
    alike = f", or {' or '.join(names[1:])}, which says the same of all of them" if len(names) > 1 else ""
    with_count = "" if regime.count == count else f" with {regime.count} partitions"
    all_of = "all" if regime.keys == keys else f"{regime.keys:,} of"
    explained = f"{names[0]}{with_count} explains {all_of} {counted(keys, 'key')}{alike}"
    return f"{explained} (by chance: less than 1 in {_odds(regime)})"


def _odds(regime: Regime) -> str:
    exponent = int(-regime.log10_chance)
    return f"10^{exponent}" if exponent > 6 else f"{10**exponent:,}"


def _left(keys: Sequence[Key]) -> str:
    return f"{counted(len(keys), 'key')} lie as no rule says{_named(keys)}"


def _manner(judgement: Judgement) -> str:
    several = sum(len(key.partitions()) > 1 for key in judgement.found.unexplained)
    if not several:
        return "each in one partition, so a partitioner of somebody's own places them, or producers name the partition"
    return f"{counted(several, 'key')} lie in several partitions, so it is not the key that decides, or not alone"


def _named(keys: Sequence[Key]) -> str:
    if not keys:
        return ""
    some = ", ".join(shown(key.key) for key in keys[:MOST_NAMED])
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
