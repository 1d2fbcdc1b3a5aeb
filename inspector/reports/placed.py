"""What was found out about the placement of a topic, before it is put into words or objects."""

from __future__ import annotations

from dataclasses import dataclass

from ..engine.key_sample import Held, Key, Sample
from ..hashing import ALGORITHMS
from ..placing.closer import Closer
from ..placing.growth import Growth
from ..placing.inference import Inference, Judgement, Outcome
from ..placing.spans import Span, spans


@dataclass(frozen=True, slots=True)
class Question:
    """hottest: how many of the most frequent keys to tell. what_if: a partition count to try (None: none)."""

    hottest: int = 10
    what_if: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """All that was found out about a topic.

    not_whole: why some partitions may be missing. growths: partitions that were added, by the metadata log. closer: a
    second look, where there was reason for one.
    """

    topic: str
    count: int
    not_whole: str | None
    sample: Sample
    inference: Inference
    question: Question
    growths: tuple[Growth, ...] = ()
    closer: Closer | None = None

    @property
    def judgement(self) -> Judgement:
        """On the topic as a whole."""
        return self.inference.topic

    @property
    def is_without_rule(self) -> bool:
        """Whether there are keys enough, and no rule places them."""
        return self.judgement.outcome is Outcome.NO_RULE

    def total(self) -> Held:
        """All partitions together."""
        held = self.sample.held.values()
        return Held(*(sum(getattr(one, name) for one in held) for name in ("records", "null", "empty", "bytes")))

    def spans(self) -> list[Span]:
        """When each rule was at work, where there are rules of several kinds."""
        regimes = self.judgement.regimes
        if len({regime.alike[0] for regime in regimes}) < 2:
            return []
        return spans(regimes, [key for key in self.sample.keys if key.length])

    def distinct_by_partition(self) -> dict[int, int]:
        """Keys, estimated where the sample is not whole."""
        counts: dict[int, int] = {}
        for key in self.sample.keys:
            for partition in key.partitions():
                counts[partition] = counts.get(partition, 0) + 1
        scale = 1 if self.sample.is_whole or not self.sample.keys else self.sample.distinct / len(self.sample.keys)
        return {partition: round(number * scale) for partition, number in counts.items()}

    def moving(self, count: int) -> tuple[list[Key], int, str]:
        """The keys that another partition count would move, in their own order, of how many, and by which algorithm:
        the one inferred, or Java's.
        """
        regimes = self.judgement.regimes
        algorithm = regimes[0].alike[0] if regimes else next(iter(ALGORITHMS))
        place = [*ALGORITHMS].index(algorithm)
        keys = [key for key in self.sample.keys if key.length]
        moving = [key for key in keys if key.numbers[place] % self.count != key.numbers[place] % count]
        return sorted(moving, key=lambda key: key.key), len(keys), algorithm


def needs_a_closer_look(sample: Sample, judgement: Judgement) -> bool:
    """Whether records are there that no rule over keys places."""
    return judgement.outcome is Outcome.NO_RULE or any(held.null for held in sample.held.values())
