"""Reports made of given rows, for tests of what the command line does with a report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from inspector.findings import Finding
from inspector.location import Location
from inspector.report import Column, Hint, Report, Row, Section, Verdict

COLUMNS = (
    Column("topic", default=False),
    Column("offset", Hint.NUMBER),
    Column("timestamp", Hint.TIMESTAMP),
    Column("key", Hint.BYTES),
    Column("value", Hint.BYTES),
    Column("headers", Hint.HEADERS, optional=True),
)


def record(offset: int, key: bytes | None = None, value: bytes | None = None, headers: tuple[Any, ...] = ()) -> Row:
    """One row of COLUMNS."""
    return ("t", offset, 1_700_000_000_123 + offset, key, value, headers)


def records(
    *rows: Row,
    findings: Iterable[Finding] = (),
    verdict: Verdict | None = None,
    columns: tuple[Column, ...] = COLUMNS,
    **section: Any,
) -> Report:
    """A report of one section."""
    given = verdict or Verdict("as expected")
    return Report(columns, [Section(rows=iter(rows), **section)], list(findings), lambda: given)


def finding(slug: str, position: int = 4161, *, caused_by: str | None = None) -> Finding:
    """One finding in the file 0.log."""
    return Finding(slug, Location("0.log", position), expected=100, found=7, caused_by=caused_by)


def typed(value: object) -> str | None:
    """The words of a test as its id."""
    return " ".join(value) if isinstance(value, list) else None
