"""The words users type for offsets and partitions."""

from __future__ import annotations

import pytest

from inspector.reports.selection import MAX_OFFSET, OffsetRange, parse_offsets, parse_partitions


@pytest.mark.parametrize(
    ("text", "start", "stop"),
    [
        ("0", 0, None),
        ("5", 5, None),
        ("-5", -5, None),
        ("5:", 5, None),
        (":5", None, 5),
        (":-5", None, -5),
        ("5:9", 5, 9),
        ("5:5", 5, 5),
        ("5:-2", 5, -2),
        ("-9:-2", -9, -2),
        ("-9:20", -9, 20),
        (" 5 : 9 ", 5, 9),
        ("beginning", 0, None),
        ("end", MAX_OFFSET, None),
        ("beginning:end", 0, MAX_OFFSET),
        ("5:end", 5, MAX_OFFSET),
        (str(MAX_OFFSET), MAX_OFFSET, None),
    ],
)
def test_offsets_mean_what_the_words_say(text, start, stop):
    assert parse_offsets(text) == OffsetRange(start, stop)


@pytest.mark.parametrize(
    "text",
    ["", ":", " ", "a", "1:2:3", "5:3", "end:5", "0x5", "+5", "--5", "1_000", "٥", "5.0", "first", "End",
     str(MAX_OFFSET + 1), "9" * 40, "-", "5\n6"],
)  # fmt: skip
def test_what_names_no_offset_is_refused_in_a_sentence_that_quotes_it(text):
    with pytest.raises(ValueError, match=r"offset|ends before") as refused:
        parse_offsets(text)
    assert f"'{text}'" in str(refused.value)


@pytest.mark.parametrize(
    ("bounds", "end", "resolved"),
    [
        ((-5, None), 100, (95, None)),
        ((-5, None), 3, (0, None)),
        ((None, -5), 100, (None, 95)),
        ((MAX_OFFSET, None), 100, (100, None)),
        ((0, MAX_OFFSET), 100, (0, 100)),
        ((-9, -2), 100, (91, 98)),
        ((200, None), 100, (200, None)),
        ((None, None), 100, (None, None)),
    ],
)
def test_negative_offsets_count_back_from_the_end_of_the_log(bounds, end, resolved):
    assert OffsetRange(*bounds).resolved(end) == OffsetRange(*resolved)


@pytest.mark.parametrize(
    ("bounds", "needs"), [((5, None), False), ((None, None), False), ((-1, None), True), ((0, -1), True)]
)
def test_only_bounds_from_the_end_need_the_end(bounds, needs):
    assert OffsetRange(*bounds).needs_end is needs


@pytest.mark.parametrize(
    ("text", "partitions"),
    [
        ("0", {0}),
        ("0,3-5", {0, 3, 4, 5}),
        ("3-3", {3}),
        ("1,1,0-2", {0, 1, 2}),
        (" 1 , 2 ", {1, 2}),
        ("2147483647", {2147483647}),
    ],
)
def test_partitions_are_numbers_and_ranges(text, partitions):
    assert parse_partitions(text) == partitions


@pytest.mark.parametrize(
    "text", ["", ",", "a", "-1", "1-", "3-1", "0,", "1 2", "2147483648", "0-2147483647", "9" * 30, "٣", "0x1", "1.5"]
)
def test_what_names_no_partitions_is_refused(text):
    with pytest.raises(ValueError, match="partitions"):
        parse_partitions(text)
