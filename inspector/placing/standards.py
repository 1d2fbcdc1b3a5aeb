"""What records are held against: a rule over keys, a partitioner of somebody's own, or a file of expectations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ..engine.chunk import Chunk, records_in
from ..model import Record
from ..partitioners import HashPartitioner, OwnPartitioner, Partitioner, find
from ..words import counted
from .expected import Expectation, Expectations, read_expectations
from .words import shown


@dataclass(frozen=True, slots=True)
class Topic:
    """Where the records lie that are asked about. count: its partitions."""

    name: str
    count: int


class Standard(Protocol):
    """Says where records belong, and why."""

    @property
    def name(self) -> str:
        """What users call it."""

    @property
    def title(self) -> str:
        """What it is, in a few words."""

    @property
    def by_hash(self) -> HashPartitioner | None:
        """The rule over the keys alone, if it is no more than that: an engine can apply it by itself."""

    @property
    def unmet(self) -> bool:
        """Whether something was expected that no record has met."""

    def expecting(self, chunk: Chunk, topic: Topic) -> Callable[[int], int | None]:
        """Where the record of a row belongs, all columns of which were read; None: it does not say."""

    def explained(self, record: Record, topic: Topic) -> tuple[int | None, str]:
        """Where a record belongs, and how it comes to that."""

    def remarks(self) -> list[str]:
        """What else the verdict should say, after all records."""


class _ByClient:
    """A rule of a client, over the key alone."""

    unmet = False

    def __init__(self, rule: Partitioner) -> None:
        self.rule = rule
        self.name, self.title = rule.name, rule.title
        self.by_hash = rule if isinstance(rule, HashPartitioner) else None

    def expecting(self, chunk: Chunk, topic: Topic) -> Callable[[int], int | None]:
        keys: Any = chunk.records.columns["key"]
        return lambda row: self.rule.partition(keys[row], topic.count)

    def explained(self, record: Record, topic: Topic) -> tuple[int | None, str]:
        key = record.key
        why = "" if key is None else self.rule.explain(key, shown(key), topic.count)
        return self.rule.partition(key, topic.count), why

    def remarks(self) -> list[str]:
        return []


class _ByOwn:
    """A partitioner of a user's own, which may look at the topic and the value too."""

    unmet = False
    by_hash = None

    def __init__(self, rule: OwnPartitioner) -> None:
        self.rule = rule
        self.name, self.title = rule.name, rule.title

    def expecting(self, chunk: Chunk, topic: Topic) -> Callable[[int], int | None]:
        columns: Any = chunk.records.columns
        keys, values = columns["key"], columns["value"]
        return lambda row: self.rule.place(topic.name, keys[row], values[row], topic.count)

    def explained(self, record: Record, topic: Topic) -> tuple[int | None, str]:
        expected = self.rule.place(topic.name, record.key, record.value, topic.count)
        called = "" if record.key is None else f'{self.name}("{shown(record.key)}", {topic.count}) = {expected}'
        return expected, called

    def remarks(self) -> list[str]:
        failures = self.rule.failures
        return [f"it failed {counted(failures, 'time')}, first with {self.rule.why}"] if failures else []


class _ByExpectations:
    """A file of expectations."""

    by_hash = None

    def __init__(self, file: Expectations) -> None:
        self.file = file
        self.name, self.title = file.name, f"what {file.name} expects"

    @property
    def unmet(self) -> bool:
        return bool(self.file.unseen)

    def expecting(self, chunk: Chunk, topic: Topic) -> Callable[[int], int | None]:
        def belongs(row: int) -> int | None:
            _, record = next(iter(records_in(chunk, range(row, row + 1))))
            return self.explained(record, topic)[0]

        return belongs

    def explained(self, record: Record, topic: Topic) -> tuple[int | None, str]:
        about = self.file.about(topic.name, record)
        return (None, "") if about is None else (about.partition, f"{self.name}, line {about.line}")

    def remarks(self) -> list[str]:
        unseen = self.file.unseen
        return [f"no record met {counted(len(unseen), 'expectation')} ({_lines(unseen)})"] if unseen else []


MOST_LINES = 5
"""So many lines of a file are named."""


def _lines(unseen: list[Expectation]) -> str:
    numbers = ", ".join(str(one.line) for one in unseen[:MOST_LINES])
    return f"line{'s' if len(unseen) > 1 else ''} {numbers}{', …' if len(unseen) > MOST_LINES else ''}"


def by_partitioner(name: str) -> Standard:
    """A partitioner by its name. Raises ValueError as `partitioners.find`."""
    rule = find(name)
    return _ByOwn(rule) if isinstance(rule, OwnPartitioner) else _ByClient(rule)


def by_file(file: str) -> Standard:
    """A file of expectations. Raises ValueError as `read_expectations`."""
    return _ByExpectations(read_expectations(file))
