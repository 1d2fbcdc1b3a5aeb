"""What a selection leaves of a partition, held against the full list; and what is not read for it."""

from __future__ import annotations

import pytest

from inspector.reports.selection import OffsetRange, Selection, parse_offsets
from inspector.reports.show import show
from tests.reports.conftest import rows_of, shown, taken

DIRECTORIES = ("kafka-3.6.0-stopped", "kafka-4.3.0-killed")
FIRST, SECOND, THIRD = (f"{offset:020}.log" for offset in (0, 48, 96))
OFFSETS = (
    "0", "1", "3", "4", "5", "6", "19", "20", "47", "48", "49", "67", "95", "96", "143", "144", "1000", "-1", "-5",
    "-50", "-1000", "beginning", "end", "0:0", "5:7", "5:48", "47:49", "48:96", "20:67", ":5", ":48", ":-3", "-7:-3",
    "-3:-7", "10:end", "beginning:5", "140:200", "6:7",
)  # fmt: skip


@pytest.fixture(params=DIRECTORIES)
def real(request, real_dirs):
    return real_dirs[request.param]


@pytest.fixture(params=[("indexed", 144), ("transactions", 12), ("compacted", 13)], ids=lambda topic: topic[0])
def topic(request):
    """Three segments with indexes; two with control records; one with gaps: (name, log end offset)."""
    return request.param


def selected(rows, text, end):
    """The rows that `-o text` means, by arithmetic alone."""
    start, colon, stop = text.partition(":")
    words = {"beginning": 0, "end": end, "": None}

    def number(word):
        if word in words:
            return words[word]
        return int(word) if int(word) >= 0 else max(0, end + int(word))

    first, behind = number(start), number(stop) if colon else None
    return [r for r in rows if (first is None or r["offset"] >= first) and (behind is None or r["offset"] < behind)]


def test_the_full_lists_are_what_the_producers_wrote(real):
    assert shown(real, "indexed").offsets == list(range(144))
    transactions = shown(real, "transactions")
    assert transactions.offsets == list(range(12))
    assert [r["offset"] for r in transactions.rows if r["is_control"]] == [5, 7]


@pytest.mark.parametrize("text", OFFSETS)
def test_an_offset_range_gives_the_same_rows_as_the_full_list(real, topic, text):
    name, end = topic
    everything = shown(real, name).rows
    part = shown(real, name, offsets=parse_offsets(text))
    assert part.rows == selected(everything, text, end)
    assert part.slugs == []
    assert part.verdict.matched == bool(part.rows)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 11, 12, 47, 48, 49, 97, 143, 144, 145])
@pytest.mark.parametrize("control", [True, False])
def test_limit_and_tail_take_the_ends_of_the_full_list(real, topic, count, control):
    name, _ = topic
    everything = shown(real, name, control=control).rows
    assert shown(real, name, control=control, limit=count).rows == everything[:count]
    assert shown(real, name, control=control, tail=count).rows == everything[-count:]


@pytest.mark.parametrize("text", ["5", ":5", "3:9", ":100", "47:49", "-20:-3", "90:110"])
@pytest.mark.parametrize("count", [1, 3, 30])
@pytest.mark.parametrize("control", [True, False])
def test_limit_and_tail_count_within_the_offsets(real, topic, text, count, control):
    name, end = topic
    part = selected(shown(real, name, control=control).rows, text, end)
    offsets = parse_offsets(text)
    assert shown(real, name, control=control, offsets=offsets, limit=count).rows == part[:count]
    assert shown(real, name, control=control, offsets=offsets, tail=count).rows == part[-count:]


def test_no_control_hides_control_records_and_nothing_else(real):
    rows = shown(real, "transactions").rows
    assert shown(real, "transactions", control=False).rows == [r for r in rows if not r["is_control"]]


def test_partitions_come_in_order_and_only_those_selected(real):
    rows = shown(real, "codecs").rows
    assert [r["partition"] for r in rows] == sorted(14 * list(range(5)))
    some = shown(real, "codecs", partitions=frozenset((3, 1, 99)))
    assert some.rows == [r for r in rows if r["partition"] in (1, 3)]


def test_a_limit_counts_for_each_partition_and_says_what_is_left(real):
    part = shown(real, "codecs", partitions=frozenset((0, 1)), limit=14)
    assert (len(part.rows), part.closing) == (28, [])
    part = shown(real, "codecs", partitions=frozenset((0,)), limit=13)
    assert part.closing == ["first 13 records, up to offset 12 of 13; all: -n 0, the last: --tail 13"]


# -- what is not read


def test_an_offset_start_opens_no_earlier_segment_and_reads_nothing_before_its_index_entry(real, reads):
    rows = rows_of(show([real], Selection(("indexed",), offsets=OffsetRange(70))))
    assert [r["offset"] for r in rows] == list(range(70, 144))
    assert reads.logs() == {SECOND, THIRD}
    assert reads.lowest(SECOND) == 5076


def test_an_offset_start_before_the_first_index_entry_reads_from_the_start_of_its_segment(real, reads):
    rows = rows_of(show([real], Selection(("indexed",), offsets=OffsetRange(50, 52))))
    assert [r["offset"] for r in rows] == [50, 51]
    assert FIRST not in reads.logs()
    assert reads.lowest(SECOND) == 0


def test_an_offset_start_in_the_last_segment_leaves_the_others_closed(real, reads):
    rows = rows_of(show([real], Selection(("indexed",), offsets=OffsetRange(-10))))
    assert [r["offset"] for r in rows] == list(range(134, 144))
    assert reads.logs() == {THIRD}
    assert reads.lowest(THIRD) == 10152


def test_an_offset_end_leaves_later_segments_closed_but_for_the_end_of_the_last(real, reads):
    rows = rows_of(show([real], Selection(("indexed",), offsets=OffsetRange(0, 10))))
    assert [r["offset"] for r in rows] == list(range(10))
    assert reads.logs() == {FIRST, THIRD}
    assert reads.lowest(THIRD) == 10152


def test_a_tail_leaves_earlier_segments_closed(real, reads):
    rows = rows_of(show([real], Selection(("indexed",), tail=5)))
    assert [r["offset"] for r in rows] == list(range(139, 144))
    assert reads.logs() == {THIRD}


def test_a_limit_stops_reading(real, reads):
    rows = rows_of(show([real], Selection(("indexed",), limit=2)))
    assert [r["offset"] for r in rows] == [0, 1]
    assert SECOND not in reads.logs()


def test_rows_come_before_the_rest_is_read(real, reads):
    report = show([real], Selection(("indexed",)))
    section = next(iter(report.sections))
    assert next(iter(section.rows))[2] == 0
    assert SECOND not in reads.logs()


def test_nothing_but_the_selected_partition_is_opened(real, reads):
    taken(show([real], Selection(("hello-world-4",))))
    assert reads.logs() == {FIRST}
    assert {path.split("/")[0] for path in reads.opened if path.endswith(".log")} == {
        "hello-world-4-0",
        "hello-world-4-1",
        "hello-world-4-2",
    }


def test_a_high_watermark_beyond_the_end_of_the_log_is_told(copied, kinspect):
    directory = copied("kafka-3.6.0-killed", "hello-world-3-0")
    log = directory / "hello-world-3-0" / f"{0:020}.log"
    log.write_bytes(log.read_bytes()[:-1])
    done = kinspect(directory, "-t", "hello-world-3")
    assert "  high watermark: checkpointed 3, 3 offsets beyond what is here\n" in done.stdout
