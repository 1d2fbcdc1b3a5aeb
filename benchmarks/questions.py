"""What is asked of the native engine: each measure, who stands against it, and at most which ratio is hoped for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from benchmarks.competitors import Competitors
from benchmarks.data import EVERY_MEASURE
from benchmarks.pairs import Competitor, Ratio, ratio, rounds
from benchmarks.processes import CommandError
from fixtures.make.java import KafkaError

Who = Callable[[Competitors, str], Competitor]
Goals = Mapping[str, float]

COMPRESSED = ("zstd", "lz4", "snappy", "gzip")


class Question(NamedTuple):
    """One measure. goals: the greatest ratio that is good enough, by the name of the data set."""

    measure: str
    against: str
    goals: Goals
    ours: Who
    theirs: Who


class Answer(NamedTuple):
    """What came out for one data set. problem: why nothing did."""

    question: Question
    data: str
    ratio: Ratio | None
    problem: str = ""

    @property
    def goal(self) -> float:
        """The greatest ratio that is good enough."""
        return self.question.goals[self.data]


def at_most(everywhere: float, names: Sequence[str] = EVERY_MEASURE, **but: float) -> Goals:
    """The same goal for all of these sets, but for some."""
    return dict.fromkeys(names, everywhere) | but


QUESTIONS: Mapping[str, Question] = {
    "show": Question(
        "`show -t T -J` of everything, into a pipe that is read and thrown away",
        "`kafka-dump-log --print-data-log`, the same way",
        at_most(1 / 15, plain=1 / 25, tiny=1 / 25, big=1 / 25),
        Competitors.show,
        Competitors.dump,
    ),
    "columns": Question(
        "the same with `--columns` as the dump's own line",
        "`kafka-dump-log --print-data-log`, the same way",
        at_most(1 / 20),
        Competitors.columns,
        Competitors.dump,
    ),
    "file": Question(
        "`show -t T -J` of everything, into a file",
        "`dd` writing as many bytes",
        at_most(1.5),
        Competitors.file,
        Competitors.dd_file,
    ),
    "cold": Question(
        "deep decode + CRC, two threads, as a whole process",
        "a Java loop over Kafka's own reader, cold",
        at_most(0.18, plain=0.12, big=0.12, zstd=0.25, tiny=0.05),
        Competitors.process,
        Competitors.java_cold,
    ),
    "warm-2": Question(
        "deep decode + CRC, two threads",
        "the Java loop on two threads, warm",
        at_most(0.8),
        Competitors.two_threads,
        Competitors.java_two_threads,
    ),
    "warm-1": Question(
        "deep decode + CRC, one thread",
        "the Java loop on one thread, warm",
        at_most(0.8, plain=0.5, gzip=0.5),
        Competitors.one_thread,
        Competitors.java_one_thread,
    ),
    "raw": Question(
        "deep decode + CRC, one thread, in process",
        "the best raw decompression of the same bytes",
        at_most(1.25, COMPRESSED, lz4=1.5, snappy=1.5),
        Competitors.one_thread,
        Competitors.raw,
    ),
    "crc": Question(
        "CRC scan, as a whole process",
        "`dd bs=1M` to /dev/null",
        at_most(1.4, ("huge",)),
        Competitors.crc,
        Competitors.dd_read,
    ),
    "placement": Question(
        "`placement -t T -J`: who placed the keys, as a whole process",
        "deep decode + CRC, two threads, as a whole process",
        at_most(1.5, ("seek", "vast")),
        Competitors.placement,
        Competitors.process,
    ),
    "verify": Question(
        "`verify -t T`: every rule held against a clean log, as a whole process",
        "a Java loop over Kafka's own reader, cold",
        at_most(0.18, ("seek", "tiny", "zstd"), seek=0.15, zstd=0.3, tiny=0.06),
        Competitors.verify,
        Competitors.java_cold,
    ),
    "seek": Question(
        "first record at an offset near the end of the segment",
        "at the beginning",
        at_most(1.1, ("seek",)),
        Competitors.near_the_end,
        Competitors.at_the_beginning,
    ),
}


def answers(
    competitors: Competitors, chosen: Sequence[str], sets: Sequence[str], pairs: int
) -> Iterator[tuple[str, Answer]]:
    """Set by set, measure by measure; those against the same opponent share its runs."""
    for data in sets:
        asked = {name: QUESTIONS[name] for name in chosen if data in QUESTIONS[name].goals}
        if asked:
            competitors.warm(data)
        for theirs in dict.fromkeys(question.theirs for question in asked.values()):
            group = {name: question for name, question in asked.items() if question.theirs == theirs}
            yield from _group(competitors, group, data, pairs)


def _group(
    competitors: Competitors, group: Mapping[str, Question], data: str, pairs: int
) -> Iterator[tuple[str, Answer]]:
    try:
        theirs = next(iter(group.values())).theirs(competitors, data)
        ours = {name: question.ours(competitors, data) for name, question in group.items()}
        seconds = rounds([theirs, *ours.values()], pairs)
    except (CommandError, KafkaError) as problem:
        yield from ((name, Answer(question, data, None, str(problem))) for name, question in group.items())
        return
    for name, question in group.items():
        yield name, Answer(question, data, ratio(seconds[ours[name].name], seconds[theirs.name]))
