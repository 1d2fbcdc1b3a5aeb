"""Expectations of a user's own: which partition a record with such a key, value or header must lie in.

A file holds one a line: JSON objects, or CSV with a header line. Their fields are `topic`, `key`, `value`,
`header.NAME` (all that are given must be equal; a key or value of null is one without) and `partition`. In CSV an empty
cell is not looked at. Bytes that are no text are `{"$base64": "…"}`, as `kinspect show -J` prints them.
"""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..model import Record

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
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"cannot read {path}: {error}") from error
    rows = _of_json(text) if text.lstrip().startswith("{") else _of_csv(text)
    lines = [_expectation(path, line, row) for line, row in rows]
    if not lines:
        raise ValueError(f"{path} expects nothing")
    return Expectations(path.name, lines)


def _of_json(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                made = json.loads(line)
            except ValueError as error:
                raise ValueError(f"line {number} is no JSON: {error}") from error
            if not isinstance(made, dict):
                raise ValueError(f"line {number} is no JSON object")
            yield number, made


def _of_csv(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(text.splitlines())
    for row in reader:
        if None in row:
            raise ValueError(f"line {reader.line_num} has more fields than the first line names")
        yield reader.line_num, {name: cell for name, cell in row.items() if cell}


def _expectation(path: Path, line: int, row: Mapping[str, Any]) -> Expectation:
    fields = {name: _wanted(name, value) for name, value in row.items() if name != "partition"}
    unknown = [name for name in fields if name not in ("topic", "key", "value") and not name.startswith(HEADER)]
    if unknown:
        known = "topic, key, value, header.NAME, partition"
        raise ValueError(f"{path}, line {line}: no field '{unknown[0]}'; there are {known}")
    if not fields.keys() - {"topic"}:
        raise ValueError(f"{path}, line {line}: no key, value or header says which records are meant")
    try:
        partition = int(row["partition"])
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{path}, line {line}: no partition, or none that is a number") from None
    return Expectation(line, partition, fields)


def _wanted(name: str, value: Any) -> str | bytes | None:
    if name == "topic":
        return str(value)
    if isinstance(value, dict) and "$base64" in value:
        return base64.b64decode(value["$base64"])
    return value if value is None else str(value).encode()


def _has(topic: str, record: Record, name: str, wanted: str | bytes | None) -> bool:
    if name == "topic":
        return topic == wanted
    if name in ("key", "value"):
        return bool(getattr(record, name) == wanted)
    return any(header.key == name.removeprefix(HEADER).encode() and header.value == wanted for header in record.headers)
