"""What a gap in the offsets means: compacted, lost, or not to be told. Where gaps are is found in `gaps.py`.

Only the log cleaner takes records out of a log, from its start up to the offset in `cleaner-offset-checkpoint`
(`LogCleanerManager`), and only while the topic's `cleanup.policy` has `compact`. The row stays when the policy changes.
Two things make gaps beyond it: a pass that was broken off, and another replica's cleaner, whose gaps a follower copies.
So gaps there wait until the end of the log: what only a cleaner does (an emptied batch, one with fewer records than
offsets, a delete horizon) proves that a cleaner came as far as that; and where gaps stand before every fourth batch,
nothing was lost, but much was compacted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum, auto
from typing import NamedTuple

from ..cluster_metadata import NOT_TOLD, Policy
from ..findings import Finding
from ..location import Location
from ..partition import CLUSTER_METADATA, PREVIEW_METADATA, State
from .gap_sum import GapSum
from .rule import NOTHING, Around

ALWAYS_COMPACTED = frozenset(("__consumer_offsets", "__transaction_state"))
"""Topics that brokers make with `compact` (`AutoTopicCreationManager`); the state of share groups is not of them."""

NEVER_COMPACTED = frozenset((CLUSTER_METADATA, PREVIEW_METADATA))
"""Raft takes snapshots of them, and removes whole segments."""

MOST_HELD = 10_000
"""So many gaps wait for a judgement; of more it is only said how many."""

FEW, ONE_IN = 3, 4
"""More gaps than the first, standing before one in so many batches or more, are not how losses look."""


class Gap(NamedTuple):
    """Offsets that no batch covers. at: the batch behind them. cause: damage where they should be."""

    first: int
    last: int
    at: Location
    cause: Finding | None


class Beyond(Enum):
    """What a gap beyond the cleaner's reach is: a loss; one unless much was compacted; doubtful; not to be told."""

    LOST = auto()
    LIKELY = auto()
    DOUBTFUL = auto()
    UNTOLD = auto()


_SLUGS = {Beyond.LIKELY: "unexplained-gap", Beyond.DOUBTFUL: "gap-beyond-the-cleaner"}


class GapJudge:
    """Judges the gaps of one partition, in the order of their offsets, in bounded memory."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self._reach = _reach(around)
        self._sum = GapSum(around)
        self._beyond: Beyond | None = None
        self._held: list[Gap] = []
        self._batches = 0

    def gap(self, gap: Gap) -> Iterable[Finding]:
        """Judges one gap; where what comes behind it matters, nothing is said before `finish`."""
        if gap.cause is not None:  # what it cost, the loss statement says
            return NOTHING
        if self._reach is not None and gap.last < self._reach:
            self._sum.compacted(gap.first, gap.last)
            return NOTHING
        if self._beyond is None:
            self._beyond = _beyond(self._around, self._reach)
        if self._beyond is Beyond.LOST:
            return (_finding("unexplained-gap", gap),)
        self._hold(gap)
        return NOTHING

    def passed(self, batches: int) -> None:
        """So many batches were seen."""
        self._batches += batches if self._held else 0

    def see_cleaned(self, offset: int, missing: int, is_empty: bool) -> None:
        """The cleaner took `missing` records out of the batch that ends at `offset`: it was here, and before."""
        self._sum.cleaned(missing, is_empty)
        self._sum.release()
        self._held.clear()
        self._batches = 0
        self._reach = max(self._reach or 0, offset + 1)

    def see_markers(self, count: int) -> None:
        """Control records, which consumers do not get."""
        self._sum.markers += count

    def see_aborted(self, count: int) -> None:
        """Transactions that were aborted."""
        self._sum.aborted += count

    def finish(self) -> Iterator[Finding]:
        """The gaps that no cleaner was seen behind, then what is explained."""
        if self._held:
            yield from self._judge_held()
        yield from self._sum.findings()

    def _hold(self, gap: Gap) -> None:
        self._sum.beyond(gap.first, gap.last)
        if len(self._held) < MOST_HELD:
            self._held.append(gap)

    def _judge_held(self) -> Iterator[Finding]:
        slug = _SLUGS.get(self._beyond or Beyond.UNTOLD)
        if slug is None or self._look_compacted():
            yield self._sum.undecidable(slug is not None)
            return
        yield from (_finding(slug, gap) for gap in self._held)

    def _look_compacted(self) -> bool:
        gaps = self._sum.gaps_beyond
        return gaps > MOST_HELD or (gaps > FEW and gaps * ONE_IN >= self._batches)


def _finding(slug: str, gap: Gap) -> Finding:
    return Finding(slug, gap.at, gap.first, gap.last + 1, gap.first, gap.last)


def _reach(around: Around) -> int | None:
    """The first offset that the log cleaner has not cleaned, None where no row tells."""
    log, rows = around.log, around.broker.cleaner_offsets
    if rows is None or log.topic is None or log.partition is None or log.state in (State.DELETE, State.STRAY):
        return None
    return rows.get((log.topic, log.partition))


def _beyond(around: Around, reach: int | None) -> Beyond:
    log = around.log
    topic, partition = log.topic, log.partition
    if topic in NEVER_COMPACTED:
        return Beyond.LOST
    if topic is None or partition is None or log.state is not State.LIVE:
        return Beyond.UNTOLD
    cluster = around.cluster()
    policy = NOT_TOLD if cluster is None or not cluster.is_whole else cluster.policy(topic)
    if reach is not None:
        was_replicated = cluster is not None and cluster.was_replicated(topic, partition)
        return Beyond.DOUBTFUL if was_replicated else Beyond.LIKELY
    return _never_cleaned(around, topic, policy)


def _never_cleaned(around: Around, topic: str, policy: Policy) -> Beyond:
    """Of a partition that the cleaner of this directory has never finished a pass of."""
    if policy.compacts or policy.was_compact or (policy.words is None and topic in ALWAYS_COMPACTED):
        return Beyond.UNTOLD
    if policy.words is not None and policy.was_compact is False:
        return Beyond.LOST
    is_told = policy.words is not None or around.broker.cleaner_offsets is not None
    return Beyond.LIKELY if is_told else Beyond.UNTOLD
