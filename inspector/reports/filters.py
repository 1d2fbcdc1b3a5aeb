"""Filters on records: by time, key, value, header and the outcome of their transaction.

All compare the stored bytes; nothing is decoded for them. Words of users go in through the `parse_` functions.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..model import Record
from .times import TimeRange

Test = Callable[[Record], bool]
Pattern = re.Pattern[bytes]

NO_TRANSACTION = "none"
"""Among `Filters.transactions`: records that belong to no transaction."""


class HeaderFilter(NamedTuple):
    """A record header of this name, and with this value where one is given."""

    key: bytes
    value: bytes | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What a record must be to be shown; every filter that is given must hold.

    key: the whole stored key. key_regex, value_regex: found anywhere in the stored bytes; null has no bytes to find
    anything in. headers: each must be there. transactions: `Outcome` values or NO_TRANSACTION; empty: any.
    Control records have no key, value, header or outcome of their own: those filters leave them out.
    """

    times: TimeRange | None = None
    key: bytes | None = None
    key_regex: Pattern | None = None
    value_regex: Pattern | None = None
    headers: tuple[HeaderFilter, ...] = ()
    transactions: frozenset[str] = frozenset()

    @property
    def given(self) -> bool:
        """True when any was given."""
        return self != NO_FILTERS

    @property
    def about_data(self) -> bool:
        """True when a filter is given that no control record can pass."""
        given = any(chosen is not None for chosen in (self.key, self.key_regex, self.value_regex))
        return given or bool(self.headers or self.transactions)

    def test(self) -> Test:
        """Whether a record passes all of them, but for `transactions`, which no record tells by itself."""
        tests = tuple(self._tests())
        return lambda record: all(test(record) for test in tests)

    def _tests(self) -> Iterator[Test]:
        """Only those that were given, the cheap ones first."""
        times, key, headers = self.times, self.key, self.headers
        if times is not None:
            yield lambda record: times.holds(record.timestamp)
        if key is not None:
            yield lambda record: record.key == key
        if headers:
            yield lambda record: all(_has(record, header) for header in headers)
        if self.key_regex is not None:
            yield _finder(self.key_regex, lambda record: record.key)
        if self.value_regex is not None:
            yield _finder(self.value_regex, lambda record: record.value)


NO_FILTERS = Filters()


def _has(record: Record, wanted: HeaderFilter) -> bool:
    return any(
        header.key == wanted.key and (wanted.value is None or header.value == wanted.value) for header in record.headers
    )


def _finder(pattern: Pattern, payload: Callable[[Record], bytes | None]) -> Test:
    def found(record: Record) -> bool:
        data = payload(record)
        return data is not None and pattern.search(data) is not None

    return found


def parse_bytes(text: str) -> bytes:
    """The UTF-8 bytes of a word; bytes that were no UTF-8 when they were typed are taken as they are."""
    return text.encode("utf-8", "surrogateescape")


def parse_regex(text: str) -> Pattern:
    """A regular expression of Python's, for bytes. Raises ValueError with a sentence."""
    try:
        with warnings.catch_warnings():  # doubts about future versions of the syntax are not for users
            warnings.simplefilter("ignore")
            return re.compile(parse_bytes(text))
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"'{text}' is no regular expression: {error}") from None


def parse_header(text: str) -> HeaderFilter:
    """`name` or `name=value`. Raises ValueError with a sentence."""
    name, equals, value = text.partition("=")
    if not name:
        raise ValueError(f"'{text}' names no header: write name, or name=value")
    return HeaderFilter(parse_bytes(name), parse_bytes(value) if equals else None)
