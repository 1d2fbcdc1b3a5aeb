"""Expectations of a user's own: which partition a record with such a key, value or header must lie in.

A file holds one a line (`user_lines.py`). The fields are `topic`, `key`, `value`, `header.NAME` (all that are given
must be equal; a key or value of null is one without) and `partition`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..model import Record
from ..user_lines import UserLine, payload, read_user_lines

HEADER = "header."


@dataclass(frozen=True, slots=True)
class Expectation:
    """One line. fields: what a record must have, by `topic`, `key`, `value` and `header.NAME`."""

    line: int
    partition: int
    fields: Mapping[str, str | bytes | None]

    def is_about(self, topic: str, record: Record) -> bool:
        """Whether a record has all of it."""
        return all(_has(topic, record, name, wanted) for name, wanted in self.fields.items())


class Expectations:
    """All of a file. The first that is about a record decides."""

    def __init__(self, name: str, lines: list[Expectation]) -> None:
        self.name = name
        self._by_key: dict[bytes | None, list[Expectation]] = {}
        self._others: list[Expectation] = []
        self._unseen = {one.line: one for one in lines}
        for one in lines:
            key: Any = one.fields.get("key", self)
            (self._others if key is self else self._by_key.setdefault(key, [])).append(one)

    def about(self, topic: str, record: Record) -> Expectation | None:
        """The expectation that decides on a record; None where none does."""
        candidates = sorted((*self._by_key.get(record.key, ()), *self._others), key=lambda one: one.line)
        found = next((one for one in candidates if one.is_about(topic, record)), None)
        if found is not None:
            self._unseen.pop(found.line, None)
        return found

    @property
    def unseen(self) -> list[Expectation]:
        """Those that no record has met, as far as records were looked at."""
        return [*self._unseen.values()]


def read_expectations(file: str) -> Expectations:
    """Those in a file. Raises ValueError with a sentence, the line named."""
    path = Path(file)
    lines = [_expectation(path, line) for line in read_user_lines(path)]
    if not lines:
        raise ValueError(f"{path} expects nothing")
    return Expectations(path.name, lines)


def _expectation(path: Path, line: UserLine) -> Expectation:
    try:
        return Expectation(line.number, _partition(line), _fields(line))
    except ValueError as error:
        raise ValueError(f"{path}, line {line.number}: {error}") from None


def _partition(line: UserLine) -> int:
    if line.problem:
        raise ValueError(line.problem)
    try:
        return int(line.fields["partition"])
    except (KeyError, TypeError, ValueError):
        raise ValueError("no partition, or none that is a number") from None


def _fields(line: UserLine) -> Mapping[str, str | bytes | None]:
    given = {name: value for name, value in line.fields.items() if name != "partition"}
    unknown = [name for name in given if name not in ("topic", "key", "value") and not name.startswith(HEADER)]
    if unknown:
        raise ValueError(f"no field '{unknown[0]}'; there are topic, key, value, header.NAME, partition")
    if not given.keys() - {"topic"}:
        raise ValueError("no key, value or header says which records are meant")
    return {name: str(value) if name == "topic" else payload(value) for name, value in given.items()}


def _has(topic: str, record: Record, name: str, wanted: str | bytes | None) -> bool:
    if name == "topic":
        return topic == wanted
    if name in ("key", "value"):
        return bool(getattr(record, name) == wanted)
    return any(header.key == name.removeprefix(HEADER).encode() and header.value == wanted for header in record.headers)
