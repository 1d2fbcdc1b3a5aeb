"""Times as users type them, and the rows that a range of time leaves: never other than those of a full list."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.make.damage import with_bit_flipped
from inspector.reports.batches import batches
from inspector.reports.filters import Filters
from inspector.reports.selection import OffsetRange, Selection
from inspector.reports.times import TimeRange, parse_time
from tests.reports.conftest import shown, taken
from tests.reports.segments import TOPIC, made_partition, timed_batch

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
NOW_MS = 1_772_366_400_000
HOUR = 3_600_000
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2026-03-01T12:00:00Z", NOW_MS),
        ("2026-03-01T12:00:00", NOW_MS),
        ("2026-03-01 12:00", NOW_MS),
        ("2026-03-01T13:00:00+01:00", NOW_MS),
        ("20260301T120000Z", NOW_MS),
        ("2026-03-01", NOW_MS - 12 * HOUR),
        ("2026-03-01T12:00:00.123", NOW_MS + 123),
        ("2026-03-01T12:00:00.1231", NOW_MS + 124),
        ("1772366400000", NOW_MS),
        ("0", 0),
        ("-5", -5),
        ("1969-12-31T23:59:59.999Z", -1),
        ("now", NOW_MS),
        ("2h ago", NOW_MS - 2 * HOUR),
        (" 90m ago ", NOW_MS - HOUR * 3 // 2),
        ("3d ago", NOW_MS - 72 * HOUR),
        ("1w  ago", NOW_MS - 168 * HOUR),
        ("30 s ago", NOW_MS - 30_000),
    ],
)
def test_a_time_is_a_number_of_milliseconds(text, milliseconds):
    assert parse_time(text, NOW) == milliseconds


@pytest.mark.parametrize(
    ("text", "zone", "milliseconds"),
    [
        ("2026-03-01T13:00", BERLIN, NOW_MS),
        ("2026-07-01T14:00", BERLIN, 1_782_907_200_000),
        ("2026-03-01", timezone(timedelta(hours=-5)), NOW_MS - 7 * HOUR),
        ("2026-03-01T12:00Z", BERLIN, NOW_MS),
        ("1772366400000", BERLIN, NOW_MS),
        ("1h ago", BERLIN, NOW_MS - HOUR),
    ],
)
def test_a_zone_holds_for_times_that_name_none(text, zone, milliseconds):
    assert parse_time(text, NOW, zone) == milliseconds


@pytest.mark.parametrize(
    "text",
    ["", " ", "yesterday", "12:00", "2026-13-01", "2h", "ago", "2y ago", "-2h ago", "1.5h ago", "10" * 10, "٣",
     "0x10", "2026-03-01T25:00", "2026-03-01x12:00", "1e3", "999999999999w ago ago"],
)  # fmt: skip
def test_what_is_no_time_is_refused_in_a_sentence_that_quotes_it(text):
    with pytest.raises(ValueError, match="is no time") as refused:
        parse_time(text, NOW)
    assert f"'{text}'" in str(refused.value)


def test_until_is_before_and_a_record_without_timestamp_is_in_no_range():
    times = TimeRange(10, 20)
    assert [stamp for stamp in (-1, 9, 10, 19, 20) if times.holds(stamp)] == [10, 19]
    assert not TimeRange(-5, 5).holds(-1)
    assert TimeRange(-5, 5).holds(-2)
    assert str(TimeRange(0, 1000)) == "from 1970-01-01T00:00:00.000Z to before 1970-01-01T00:00:01.000Z"
    assert str(TimeRange(None, 2**63 - 1)) == f"to before {2**63 - 1}"


# -- rows


def in_time(rows, since, until):
    """The rows of a range by arithmetic alone."""
    return [
        row
        for row in rows
        if row["timestamp"] != -1
        and (since is None or row["timestamp"] >= since)
        and (until is None or row["timestamp"] < until)
    ]


def during(directory, since, until, **selection):
    return shown(directory, *selection.pop("topics", ()), filters=Filters(times=TimeRange(since, until)), **selection)


OWN_CLOCKS = ("indexed", "append-time", "transactions", "compacted")


@pytest.mark.parametrize(
    ("directory", "topics"),
    [("kafka-3.6.0-stopped", OWN_CLOCKS), ("kafka-4.3.0-killed", OWN_CLOCKS), ("kafka-3.6.0-old-formats", ("m*",))],
)
def test_a_range_of_time_gives_the_rows_of_the_full_list(real_dirs, directory, topics):
    everything = shown(real_dirs[directory], *topics).rows
    stamps = sorted({row["timestamp"] for row in everything})
    some = [None, *stamps[:: max(1, len(stamps) // 7)]]
    for since, until in ((since, until) for since in some for until in some if since is not None or until is not None):
        part = during(real_dirs[directory], since, until, topics=topics)
        assert part.rows == in_time(everything, since, until)
        assert part.verdict.matched == bool(part.rows)


def test_the_slow_and_the_fast_clock_of_a_real_topic_are_found(real_dirs):
    start = 1_700_000_600_000
    slow = during(real_dirs["kafka-3.6.0-stopped"], None, start, topics=("indexed",))
    assert slow.offsets == [20, 21, 22, 23]
    fast = during(real_dirs["kafka-3.6.0-stopped"], start + 20_000, start + 3_000_000, topics=("indexed",))
    assert fast.offsets == [32, 33, 34, 35]
    assert fast.verdict.text.startswith("4 records shown of 144 looked at, from 1 partition; ")


def test_no_batch_is_decoded_whose_header_rules_it_out(tmp_path, decoded):
    log = timed_batch(0, [1, 5]) + timed_batch(2, [9, 2]) + timed_batch(4, [3])
    directory = made_partition(tmp_path / "data", log)
    part = during(directory, 6, None)
    assert (part.offsets, decoded) == ([2], [2])
    assert part.verdict.text.startswith("1 record shown of 5 looked at")
    decoded.clear()
    assert (during(directory, None, 3).offsets, decoded) == ([0, 3], [0, 2, 4])


def test_a_header_rules_nothing_out_when_its_crc_fails(tmp_path):
    lying = with_bit_flipped(timed_batch(0, [1, 700]), 42)  # in max_timestamp
    part = during(made_partition(tmp_path / "data", lying + timed_batch(2, [1])), 700, None)
    assert part.offsets == [1]
    assert part.rows[0]["damaged"]


def test_records_without_timestamps_are_left_out_and_counted(tmp_path):
    directory = made_partition(tmp_path / "data", timed_batch(0, [-1, -1]) + timed_batch(2, [5, -1, 7]))
    part = during(directory, None, 100)
    assert (part.offsets, part.closing) == ([2, 4], ["3 records without a timestamp left out"])
    part = during(directory, 6, None)
    assert (part.offsets, part.closing) == ([4], ["3 records without a timestamp left out"])


def test_where_nothing_matches_the_range_is_repeated_as_it_was_understood(tmp_path):
    part = during(made_partition(tmp_path / "data", timed_batch(0, [1])), 1_700_000_000, None)
    assert part.closing == ["no records in this selection (from 1970-01-20T16:13:20.000Z)"]
    assert not part.verdict.matched


# -- any clock, any index

BATCHES = st.lists(
    st.tuples(st.lists(st.integers(-1, 60), min_size=1, max_size=4), st.booleans(), st.booleans()), min_size=1,
    max_size=12,
)  # fmt: skip
BOUND = st.none() | st.integers(-3, 63)


def written(of):
    """Segments of batches with these timestamps: (timestamps, by the broker's clock, in a new segment)."""
    segments, offset = [b""], 0
    for stamps, append_time, rolled in of:
        batch = timed_batch(offset, stamps, append_time=append_time)
        segments = [*segments, batch] if rolled and segments[-1] else [*segments[:-1], segments[-1] + batch]
        offset += len(stamps)
    return segments


@given(BATCHES, BOUND, BOUND, st.integers(0, 2**32), st.integers(1, 9), st.integers(0, 20))
@settings(max_examples=150, deadline=None)
def test_out_of_order_clocks_and_lying_indexes_change_no_row(tmp_path_factory, of, since, until, noise, count, start):
    directory = made_partition(tmp_path_factory.mktemp("log") / "data", *written(of))
    everything = shown(directory, TOPIC).rows
    lies = random.Random(noise)
    for log in directory.glob("*/*.log"):
        for suffix, size in ((".index", 8), (".timeindex", 12)):
            log.with_suffix(suffix).write_bytes(lies.randbytes(size * lies.randrange(4)))
    wanted = in_time(everything, since, until)
    part = during(directory, since, until)
    assert part.rows == wanted
    assert part.verdict.text.split(", from")[0].endswith(f" of {len(everything)} looked at")
    assert during(directory, since, until, limit=count).rows == wanted[:count]
    assert during(directory, since, until, tail=count).rows == wanted[-count:]
    later = during(directory, since, until, offsets=OffsetRange(start))
    assert later.rows == [row for row in wanted if row["offset"] >= start]
    assert set(later.slugs) <= {"index-misleads"}
    shutil.rmtree(directory)


# -- batches


def listed(directory, since, until):
    selection = Selection((TOPIC,), filters=Filters(times=TimeRange(since, until)))
    return [row["base_offset"] for row in taken(batches([directory], selection)).rows]


def test_a_batch_is_listed_where_the_times_of_its_header_meet_the_range(tmp_path):
    horizon = timed_batch(8, [30], attributes=0x40, base_timestamp=99)
    log = (
        timed_batch(0, [10, 20]) + timed_batch(2, [15, 5]) + timed_batch(4, [12, 18], append_time=True)
        + timed_batch(6, [-1, -1]) + horizon
    )  # fmt: skip
    directory = made_partition(tmp_path / "data", log)
    assert listed(directory, None, 11) == [0, 8]
    assert listed(directory, None, 16) == [0, 2, 8]
    assert listed(directory, 16, 18) == [0, 8]
    assert listed(directory, 18, None) == [0, 4, 8]
    assert listed(directory, 21, None) == [8]
    assert listed(directory, 31, None) == []
