"""Files that users write line by line: JSON objects, or CSV with a line of names first.

Payloads are strings there. Bytes that are no text are `{"$base64": "…"}`, as `kinspect show -J` prints them. In CSV an
empty cell says nothing; in JSON null says that there is no payload.
"""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TextIO

LONGEST_LINE = 64 * 1024 * 1024
"""A longer one is not looked at, whatever it holds: no record is so long."""


class UserLine(NamedTuple):
    """One line, numbered from 1: its fields by their names, or the problem with it in words."""

    number: int
    fields: Mapping[str, Any]
    problem: str = ""


def read_user_lines(path: Path) -> Iterator[UserLine]:
    """The lines of a file that are not empty, one at a time; a pipe will do.

    Raises ValueError with a sentence where it cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            lines = _numbered(file)
            first = next(lines, (0, ""))
            every = chain((first,), lines)
            yield from _of_json(every) if first[1].lstrip().startswith("{") else _of_csv(every)
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror or error}") from error


def _numbered(file: TextIO) -> Iterator[tuple[int, str]]:
    """Each line with its number; of one that is too long, the pieces."""
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if line.strip():
            yield number, line


def _of_json(lines: Iterator[tuple[int, str]]) -> Iterator[UserLine]:
    for number, line in lines:
        try:
            made = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield UserLine(number, {}, f"no JSON: {error}")
            continue
        yield UserLine(number, made) if isinstance(made, dict) else UserLine(number, {}, "no JSON object")


def _of_csv(lines: Iterator[tuple[int, str]]) -> Iterator[UserLine]:
    at = _Position()
    rows = csv.DictReader(at.passing(lines))
    while True:
        try:
            row: dict[Any, Any] | None = next(rows, None)
        except csv.Error as error:
            yield UserLine(at.number, {}, f"no CSV: {error}")
            continue
        if row is None:
            return
        fields = {name: cell for name, cell in row.items() if cell}
        surplus = None in row
        yield (
            UserLine(at.number, {}, "more fields than the first line names") if surplus else UserLine(at.number, fields)
        )


class _Position:
    """Where a reader of lines is: csv itself counts only those that are not empty."""

    number = 0

    def passing(self, lines: Iterator[tuple[int, str]]) -> Iterator[str]:
        for self.number, line in lines:
            yield line


def payload(value: Any) -> bytes | None:
    """A field as the payload it stands for. Raises ValueError where it stands for none."""
    if isinstance(value, dict) and "$base64" in value:
        return base64.b64decode(str(value["$base64"]), validate=True)
    try:
        return value if value is None else str(value).encode()
    except UnicodeEncodeError as error:
        raise ValueError("a payload that is no UTF-8: give it as $base64") from error
