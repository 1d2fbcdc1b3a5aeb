"""What a learner asks of the bytes, and where the answer stands."""

from __future__ import annotations

import pytest

from inspector.explaining import Wanted, explain
from inspector.location import Span
from inspector.regions import Region
from tests.conftest import FIXTURES
from tests.explaining.rebuilding import leaves_of, regions_named
from tests.golden_bytes import LEGACY, V2

STOPPED = FIXTURES / "real" / "kafka-3.6.0-stopped"
STEM = "00000000000000000000"


@pytest.fixture
def batch_of(tmp_path):
    """Explains one entry as the only one of a segment."""

    def explained(data: bytes, **wanted) -> Region:
        (tmp_path / f"{STEM}.log").write_bytes(data)
        made = explain(tmp_path / f"{STEM}.log", Wanted(**wanted))
        explained.buffers = made.buffers
        return made.file_buffer.region.children[0]

    return explained


def field(region: Region, *names: str) -> Region:
    """The field behind the names on the way to it."""
    for name in names:
        region = next(child for child in region.children if child.name == name)
    return region


def test_why_61_bytes(batch_of):
    header = field(batch_of(V2["none"]), "header")
    assert header.span == Span(0, 61)
    assert header.sentence == "61 bytes, in every batch: 8 + 4 + 4 + 1 + 4 + 2 + 4 + 8 + 8 + 8 + 2 + 4 + 4 = 61."


def test_why_a_record_has_its_size(batch_of):
    length = field(batch_of(V2["none"]), "record 1", "length")
    assert length.formula == (
        "15 bytes = 1 length + 14 that it counts; 14 = 1 attributes + 2 timestamp_delta + 1 offset_delta"
        " + 1 key_length + 1 value_length + 7 value + 1 headers_count"
    )


def test_where_an_offset_comes_from(batch_of):
    delta = field(batch_of(V2["none"]), "record 2", "offset_delta")
    assert delta.formula == "offset = base_offset + offset_delta = 13 + 2 = 15"


def test_a_sequence_that_wraps(batch_of):
    batch = batch_of(V2["txn-seqwrap"])
    formula = field(batch, "record 2", "offset_delta").formula
    assert formula.endswith("sequence = base_sequence + offset_delta = 2147483646 + 2 = 0")
    assert "wraps to 0" in field(batch, "header", "base_sequence").formula


def test_which_bytes_the_crc_leaves_out_and_why(batch_of):
    crc = field(batch_of(V2["none"]), "header", "crc")
    assert crc.covers == Span(21, 97)
    assert "The 21 bytes in front of `attributes` are left out: the broker sets base_offset" in crc.sentence
    assert crc.formula.endswith("positions 21 to 117, = 0xad0bbaa5, the same as stored")


def test_a_wrong_crc_is_said_at_the_crc(batch_of):
    crc = field(batch_of(V2["none"][:-1] + b"\x07"), "header", "crc")
    assert crc.problem is not None
    assert "but 0xad0bbaa5 is stored" in crc.formula


def test_what_zigzag_does_to_minus_one(batch_of):
    key_length = field(batch_of(V2["none"]), "record 1", "key_length")
    assert (key_length.value, key_length.shown) == (-1, "null")
    assert key_length.steps == (
        "0x01 = 0 0000001: first bit 0: the last byte; 0000001 = 1",
        "zigzag: 1 is odd, so it stands for -(1 + 1) / 2 = -1",
    )


def test_a_varint_of_two_bytes(batch_of):
    delta = field(batch_of(V2["none"]), "record 3", "timestamp_delta")
    assert delta.value == 200
    assert delta.steps[-2:] == ("16 + 384 = 400", "zigzag: 400 is even, so it stands for 400 / 2 = 200")


def test_null_is_not_empty(batch_of):
    headers = [one for one in regions_named(batch_of(V2["none"])) if one.name.startswith("header ")]
    [of_h1, of_h2, nameless] = headers
    assert field(of_h1, "value").value == b"v1"
    null = field(of_h2, "value")
    assert (null.value, null.shown, null.span.size) == (None, "null", 0)
    empty = field(nameless, "value")
    assert (empty.value, empty.shown, empty.span.size) == (b"", "empty", 0)
    tombstone = field(batch_of(V2["none"]), "record 2", "value")
    assert (tombstone.value, tombstone.shown) == (None, "null")


def test_the_bits_of_the_attributes_one_by_one(batch_of):
    attributes = field(batch_of(V2["commit"]), "header", "attributes")
    assert attributes.shown == "none, CreateTime, transactional, control"
    assert attributes.steps == (
        "bits 0 to 2 = 000, compression (zstd 2.1, KIP-110): none",
        "bit 3 = 0, timestamp_type: CreateTime",
        "bit 4 = 1, is_transactional: transactional",
        "bit 5 = 1, is_control: control",
        "bit 6 = 0, has_delete_horizon (3.1, KIP-534): no delete horizon",
    )


def test_what_a_control_batch_is(batch_of):
    batch = batch_of(V2["abort"])
    assert "A control batch: markers of the broker's own" in batch.sentence
    assert field(batch, "record 0", "key", "type").shown == "ABORT"
    assert field(batch, "record 0", "value", "coordinator_epoch").value == 12
    assert field(batch, "record 0", "value").since == "0.11 (KIP-98)"


def test_a_leader_change_down_to_its_voters(batch_of):
    value = field(batch_of(V2["leaderchange"]), "record 0", "value")
    assert field(value, "leader_id").value == 1
    assert field(value, "voters[1]", "voter_id").value == 2
    assert field(value, "voters#count").shown == "one more than 2"


def test_what_compaction_leaves(batch_of):
    batch = batch_of(V2["empty"])
    assert "A husk" in batch.sentence
    assert field(batch, "header", "last_offset_delta").formula.endswith("= 34 + 2 = 36")


def test_what_a_delete_horizon_is():
    made = explain(STOPPED / "compacted-0" / f"{STEM}.log", Wanted(batch=1))
    [batch] = made.file_buffer.region.children
    assert "the delete horizon" in batch.sentence
    assert field(batch, "header", "base_timestamp").shown.endswith("the delete horizon")
    formula = field(batch, "record 0", "timestamp_delta").formula
    assert formula.endswith("= 1795580066959 + (-95579764959) = 1700000302000")


def test_append_time_is_the_batch_s(batch_of):
    delta = field(batch_of(V2["none-LAT"]), "record 0", "timestamp_delta")
    assert "timestamp = max_timestamp = 1700000009999" in delta.formula


@pytest.mark.parametrize("codec", ("gzip", "snappy", "lz4", "zstd"))
def test_a_compressed_batch_opens_a_buffer(batch_of, codec):
    records = field(batch_of(V2[codec]), "records")
    assert records.opens == 1
    assert records.shown.startswith(f"{codec}: ")
    inside = batch_of.buffers[1]
    assert [one.name for one in inside.region.children] == ["record 0", "record 1"]
    assert inside.region.children[0].span.buffer == 1


def test_offsets_inside_a_wrapper_of_v1(batch_of):
    wrapper = batch_of(LEGACY["v1-lz4"])
    assert wrapper.name == "wrapper 0"
    offsets = [field(one, "offset") for one in batch_of.buffers[1].region.children]
    assert [one.formula.rpartition("= ")[2] for one in offsets] == ["7", "8"]
    assert offsets[0].formula.startswith("offset = the wrapper's - the last one inside + this one = 8 - 1 + 0")


def test_offsets_inside_a_wrapper_of_v0(batch_of):
    batch_of(LEGACY["v0-gzip"])
    offsets = [field(one, "offset").formula for one in batch_of.buffers[1].region.children]
    assert offsets == [f"offset = {n}: offsets inside a wrapper of format v0 are absolute" for n in (4, 5)]


def test_the_releases_that_brought_fields(batch_of):
    header = leaves_of(field(batch_of(V2["none"]), "header"))
    assert header["partition_leader_epoch"].since == "0.11 (KIP-101)"
    assert header["base_timestamp"].since == "0.11 (KIP-98); as the delete horizon 3.1 (KIP-534)"


def test_an_index_entry_and_its_offset():
    made = explain(STOPPED / "indexed-0" / "00000000000000000048.index", Wanted(offset=70))
    [entry] = made.file_buffer.region.children
    assert field(entry, "relative_offset").formula.endswith("= 48 + 19 = 67")


def test_the_room_of_an_index_that_is_not_used():
    path = FIXTURES / "real" / "kafka-3.6.0-killed" / "indexed-0" / "00000000000000000096.index"
    *entries, room = explain(path).file_buffer.region.children
    assert (room.kind, room.span.end) == ("zeros", 8192)
    assert [one.problem for one in (*entries, room)] == [None] * (len(entries) + 1)


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    (
        (Wanted(offset=28, limit=2), "record 0", "records 2 to 3"),
        (Wanted(batch=-1, limit=1), "record 0", "records 1 to 3"),
    ),
)
def test_what_is_left_out_is_named(wanted, first, last):
    made = explain(STOPPED / "indexed-0" / f"{STEM}.log", wanted)
    names = [one.name for one in made.file_buffer.region.children[0].children]
    assert (names[1], names[-1]) == (first, last)
    assert any("-n 0" in note for note in made.notes)


def test_the_record_asked_for_is_among_those_opened():
    made = explain(STOPPED / "indexed-0" / f"{STEM}.log", Wanted(offset=31, limit=1))
    names = [one.name for one in made.file_buffer.region.children[0].children]
    assert names == ["header", "records 0 to 2", "record 3"]


def test_a_batch_is_found_by_its_number_from_both_ends():
    path = STOPPED / "indexed-0" / f"{STEM}.log"
    spans = [explain(path, Wanted(batch=number)).file_buffer.region.span for number in (11, -1)]
    assert spans[0] == spans[1]
    assert spans[0].end == path.stat().st_size


def test_an_offset_in_a_gap_is_answered_with_what_lies_behind():
    made = explain(STOPPED / "compacted-0" / "00000000000000000012.log", Wanted(offset=3))
    assert made.notes == ("no entry holds offset 3: this is the first one behind it, as a consumer gets it",)


def test_a_pending_name_is_told():
    path = next((FIXTURES / "real" / "kafka-3.6.0-stopped").rglob("*.index.deleted"))
    assert explain(path).what == "an offset index. It waits to be removed."


def test_a_token_of_a_checkpoint(tmp_path):
    path = tmp_path / "replication-offset-checkpoint"
    path.write_text("0\n1\nt 3 42\n")
    line = explain(path).file_buffer.region.children[2]
    assert [one.value for one in line.children] == ["t", " ", "3", " ", "42", "\n"]
    assert "high watermark" in line.children[4].sentence
