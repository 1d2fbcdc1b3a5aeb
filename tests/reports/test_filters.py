"""Filters by key, value, header and kind of record, held against the full list; and with all other selections."""

from __future__ import annotations

import re

import pytest

from inspector.reports.filters import (
    Filters,
    HeaderFilter,
    parse_bytes,
    parse_header,
    parse_regex,
)
from inspector.reports.selection import OffsetRange
from inspector.reports.times import TimeRange
from tests.reports.conftest import shown

CODECS = {
    "key": 0, "no key": 1, "tombstone": 2, "empty": 3, "null": 4, "binary": 5, "headers": 6, "later": 7, "past": 8,
    "epoch": 9, "text": 10, "json": 11, "forged": 12, "long": 13,
}  # fmt: skip


@pytest.fixture(params=["kafka-3.6.0-stopped", "kafka-4.3.0-killed"])
def real(request, real_dirs):
    return real_dirs[request.param]


def names(part):
    """Which of the records of each partition of `codecs` are there; the same of every partition."""
    by_partition = {row["partition"]: [] for row in part.rows}
    for row in part.rows:
        by_partition[row["partition"]].append(next(name for name, at in CODECS.items() if at == row["offset"]))
    assert all(found == by_partition[0] for found in by_partition.values())
    assert len(by_partition) in (0, 5)
    return by_partition.get(0, [])


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(key=b"key"), ["key"]),
        (Filters(key=b"ke"), []),
        (Filters(key=b""), ["empty"]),
        (Filters(key=b"\x00\xff\x80\x0a"), ["binary"]),
        (Filters(key="Schlüssel".encode()), ["text"]),
        (Filters(key_regex=re.compile(rb"^k")), ["key"]),
        (Filters(key_regex=re.compile(rb"e")), ["key", "tombstone", "headers", "later", "epoch", "text", "forged"]),
        (Filters(key_regex=re.compile(rb"")), [name for name in CODECS if name not in ("no key", "null")]),
        (Filters(key_regex=re.compile(rb"\x00\xff.\n", re.DOTALL)), ["binary"]),
        (Filters(value_regex=re.compile(rb"\d{3}")), ["json"]),
        (Filters(value_regex=re.compile("^Grüße".encode())), ["text"]),
        (Filters(value_regex=re.compile(rb"^$")), ["empty"]),
        (Filters(value_regex=re.compile(rb"clock"), key_regex=re.compile(rb"^(past|epoch)$")), ["past", "epoch"]),
        (Filters(headers=(HeaderFilter(b"trace"),)), ["headers"]),
        (Filters(headers=(HeaderFilter(b"trace", b"first"), HeaderFilter(b"trace", b"second"))), ["headers"]),
        (Filters(headers=(HeaderFilter(b"trace", b"third"),)), []),
        (Filters(headers=(HeaderFilter(b"trace", b"first"), HeaderFilter(b"other"))), []),
        (Filters(headers=(HeaderFilter(b"nothing"),)), ["headers"]),
        (Filters(headers=(HeaderFilter(b"nothing", b""),)), []),
        (Filters(headers=(HeaderFilter(b"empty", b""),)), ["headers"]),
    ],
)
def test_a_filter_leaves_the_records_that_hold_what_was_asked_for(real, filters, found):
    part = shown(real, "codecs", filters=filters)
    assert names(part) == found
    assert part.verdict.matched == bool(found)
    said = "1 record" if len(part.rows) == 1 else f"{len(part.rows)} records"
    assert part.verdict.text.startswith(f"{said} shown of 70 looked at, from 5 partitions; ")


def test_filters_on_keys_values_headers_and_outcomes_leave_control_records_out(real):
    for filters in (
        Filters(key_regex=re.compile(rb"")), Filters(value_regex=re.compile(rb"")), Filters(key=b"\0\0\0\1"),
        Filters(transactions=frozenset(("committed", "aborted", "open", "none"))),
    ):  # fmt: skip
        assert not any(row["is_control"] for row in shown(real, "transactions", filters=filters).rows)
    everything = Filters(times=TimeRange(0, None))
    assert shown(real, "transactions", filters=everything).offsets == list(range(12))


def test_control_records_alone(real):
    part = shown(real, "transactions", data=False)
    assert [(row["offset"], row["control_type"]) for row in part.rows] == [(5, "COMMIT"), (7, "ABORT")]
    assert part.verdict.text.startswith("2 records shown of 12 looked at")
    assert shown(real, "transactions", data=False, tail=1).offsets == [7]
    assert shown(real, "transactions", data=False, offsets=OffsetRange(6)).offsets == [7]
    none = shown(real, "codecs", data=False)
    assert (none.rows, none.verdict.matched) == ([], False)


@pytest.mark.parametrize(
    ("states", "offsets"),
    [
        (["committed"], [2, 4]),
        (["aborted"], [1, 6]),
        (["open"], [9, 10]),
        (["unknown"], []),
        (["none"], [0, 3, 8, 11]),
        (["committed", "none"], [0, 2, 3, 4, 8, 11]),
    ],
)
def test_the_outcome_of_a_transaction_is_a_filter(real, states, offsets):
    filters = Filters(transactions=frozenset(states))
    assert shown(real, "transactions", filters=filters).offsets == offsets
    assert shown(real, "transactions", filters=filters, tail=1).offsets == offsets[-1:]
    assert shown(real, "transactions", filters=filters, limit=1).offsets == offsets[:1]
    after = [offset for offset in offsets if 3 <= offset < 9]
    assert shown(real, "transactions", filters=filters, offsets=OffsetRange(3, 9)).offsets == after


@pytest.mark.parametrize("count", [1, 3, 16, 17, 47, 48, 49, 200])
@pytest.mark.parametrize("offsets", [None, OffsetRange(20, 110), OffsetRange(-30)])
def test_limit_and_tail_count_what_matches(real, count, offsets):
    filters = Filters(key=b"key 1")
    matching = [row for row in shown(real, "indexed", offsets=offsets).rows if row["key"] == b"key 1"]
    assert shown(real, "indexed", filters=filters, offsets=offsets).rows == matching
    assert shown(real, "indexed", filters=filters, offsets=offsets, limit=count).rows == matching[:count]
    assert shown(real, "indexed", filters=filters, offsets=offsets, tail=count).rows == matching[-count:]


def test_a_limit_that_is_reached_stops_the_search_and_says_so(real, reads):
    part = shown(real, "indexed", filters=Filters(key=b"key 1"), limit=2)
    assert part.closing == [
        "first 2 matches, up to offset 5; the rest was not looked at; all: -n 0, the last: --tail 2"
    ]
    assert f"{48:020}.log" not in reads.logs()


def test_a_tail_of_matches_opens_no_segment_before_the_one_that_has_enough(real, reads):
    part = shown(real, "indexed", filters=Filters(key=b"key 1"), tail=3)
    assert part.offsets == [137, 138, 139]
    assert reads.logs() == {f"{96:020}.log"}


# -- words


def test_bytes_that_are_no_utf8_are_taken_as_typed():
    assert parse_bytes("ü") == "ü".encode()
    assert parse_bytes("\udcff\udc00"[:1]) == b"\xff"
    assert parse_bytes("") == b""


@pytest.mark.parametrize("text", ["(", "[", "a{2,1}", "*", "(?P<1>)", "(?i", "\\u00e9", "a" + "(" * 5000])
def test_what_is_no_regular_expression_is_refused(text):
    with pytest.raises(ValueError, match="is no regular expression"):
        parse_regex(text)


def test_doubts_about_a_pattern_are_not_shown(recwarn):
    assert parse_regex("[[a]").search(b"[")
    assert not recwarn.list


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("a", HeaderFilter(b"a")),
        ("a=", HeaderFilter(b"a", b"")),
        ("a=b=c", HeaderFilter(b"a", b"b=c")),
        ("ä=ö", HeaderFilter("ä".encode(), "ö".encode())),
    ],
)
def test_a_header_is_a_name_or_a_name_with_a_value(text, header):
    assert parse_header(text) == header


@pytest.mark.parametrize("text", ["", "=", "=b"])
def test_a_header_without_a_name_is_refused(text):
    with pytest.raises(ValueError, match="names no header"):
        parse_header(text)
