"""Segments of formats v0 and v1, damaged: what each damage is called, where, and that it hides nothing behind it."""

import struct
import zlib

import cramjam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.engine.control_record import MOST_ALIKE
from inspector.engine.message_records import MAX_BATCH_RECORDS
from inspector.spec.message_set import MESSAGES
from tests.engine.test_fuzz import MUTATIONS, REAL, mutated, quiet
from tests.engine.test_fuzz import scan as scan_whole
from tests.golden_bytes import V2

OLD = REAL.parent / "kafka-3.6.0-old-formats"
SEGMENTS = [path.read_bytes() for path in sorted(OLD.glob("*/*.log"))]
VALUES = [b"value %d" % i * (1 + i % 7) for i in range(12)]


def make_message(
    offset: int,
    value: bytes | None,
    magic: int = 1,
    key: bytes | None = b"key",
    attributes: int = 0,
    timestamp: int | None = None,
) -> bytes:
    """One message as a broker of its time wrote it, its CRC right."""
    fields = {
        "offset": offset, "message_size": 0, "crc": 0, "magic": magic, "attributes": attributes,
        "timestamp": 1000 + offset if timestamp is None else timestamp,
        "key_length": -1 if key is None else len(key), "key": key,
        "value_length": -1 if value is None else len(value), "value": value,
    }  # fmt: skip
    return sealed(MESSAGES[magic].build(fields))


def sealed(message: bytes) -> bytes:
    """The message with the size and the CRC that its bytes have."""
    return message[:8] + struct.pack(">iI", len(message) - 12, zlib.crc32(message[16:])) + message[16:]


def make_set(first: int, values: list[bytes | None], magic: int = 1, **inside) -> bytes:
    """A set compressed by gzip, its wrapper's offset that of the last message."""
    start = 0 if magic == 1 else first
    body = b"".join(make_message(start + i, value, magic, **inside) for i, value in enumerate(values))
    return wrap(first + len(values) - 1, body, magic)


def wrap(offset: int, body: bytes, magic: int = 1, timestamp: int = -1) -> bytes:
    """A wrapper; its timestamp is left alone, as some clients do."""
    return make_message(offset, bytes(cramjam.gzip.compress(body)), magic, None, 1, timestamp)


def split(data: bytes) -> list[bytes]:
    """The entries of an intact segment, of whatever format."""
    entries = []
    while data:
        size = int.from_bytes(data[8:12], "big") + 12
        entries.append(data[:size])
        data = data[size:]
    return entries


def offset_of(entry: bytes) -> int:
    return int.from_bytes(entry[:8], "big")


PLAIN = {magic: [make_message(i, value, magic) for i, value in enumerate(VALUES)] for magic in (0, 1)}
SETS = {magic: [make_set(4 * i, VALUES[4 * i : 4 * i + 4], magic) for i in range(3)] for magic in (0, 1)}


def with_size(message: bytes, size: int) -> bytes:
    return message[:8] + struct.pack(">i", size) + message[12:]


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes((data[position] ^ 1,)) + data[position + 1 :]


def changed(entries: list[bytes], index: int, change) -> bytes:
    return b"".join(change(entry) if i == index else entry for i, entry in enumerate(entries))


@pytest.mark.parametrize("magic", (0, 1))
class TestDamage:
    def position(self, magic, index):
        return sum(map(len, PLAIN[magic][:index]))

    def test_a_flipped_bit_in_a_value(self, magic, scan):
        scanned = scan(changed(PLAIN[magic], 5, lambda one: flipped(one, len(one) - 2)), base_offset=0)
        assert scanned.places == [("crc-mismatch", self.position(magic, 5))]
        assert scanned.offsets == list(range(12))
        assert [record.offset for _, record in scanned.records if record.damaged] == [5]

    def test_a_size_beyond_the_file(self, magic, scan):
        scanned = scan(changed(PLAIN[magic], 5, lambda one: with_size(one, 2**30)), base_offset=0)
        assert scanned.places == [("truncated-batch", self.position(magic, 5))]
        assert scanned.offsets == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]

    def test_a_size_that_swallows_the_next(self, magic, scan):
        swallow = with_size(PLAIN[magic][5], len(PLAIN[magic][5]) + len(PLAIN[magic][6]) - 12)
        scanned = scan(changed(PLAIN[magic], 5, lambda _: swallow), base_offset=0)
        assert scanned.places == [("crc-mismatch", self.position(magic, 5))]
        assert scanned.offsets == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]

    @pytest.mark.parametrize("size", (-1, 3))
    def test_a_size_that_is_too_small(self, magic, size, scan):
        scanned = scan(changed(PLAIN[magic], 5, lambda one: with_size(one, size)), base_offset=0)
        assert scanned.places == [("unreadable-bytes", self.position(magic, 5))]
        assert scanned.offsets == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]

    def test_a_key_length_that_lies(self, magic, scan):
        at = 18 if magic == 0 else 26
        scanned = scan(changed(PLAIN[magic], 5, lambda one: flipped(one, at + 3)), base_offset=0)
        assert scanned.places == [
            ("crc-mismatch", self.position(magic, 5)),
            ("malformed-record", self.position(magic, 5)),
        ]
        assert scanned.findings[1].caused_by
        assert scanned.offsets == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]

    @pytest.mark.parametrize("cut", (1, 5, 20))
    def test_a_cut_in_the_last(self, magic, cut, scan):
        scanned = scan(b"".join(PLAIN[magic])[:-cut], base_offset=0)
        assert scanned.places == [("truncated-batch", self.position(magic, 11))]
        assert scanned.offsets == list(range(11))

    def test_zeros_behind_the_last(self, magic, scan):
        scanned = scan(b"".join(PLAIN[magic]) + bytes(3000), base_offset=0)
        assert scanned.places == [("zeroed-tail", self.position(magic, 12))]

    def test_foreign_bytes_between(self, magic, scan):
        data = b"".join(PLAIN[magic][:5]) + b"\x00\x17 foreign \x01\x00" * 40 + b"".join(PLAIN[magic][5:])
        scanned = scan(data, base_offset=0)
        assert scanned.places == [("unreadable-bytes", self.position(magic, 5))]
        assert scanned.offsets == list(range(12))

    def test_damage_in_a_compressed_set_costs_that_set_only(self, magic, scan):
        scanned = scan(changed(SETS[magic], 1, lambda one: flipped(one, len(one) - 12)), base_offset=0)
        assert scanned.slugs[0] == "crc-mismatch"
        assert all(finding.caused_by for finding in scanned.findings[1:])
        assert [record.offset for _, record in scanned.records if not record.damaged] == [0, 1, 2, 3, 8, 9, 10, 11]

    def test_a_set_whose_inside_is_broken_gives_no_invented_offsets(self, magic, scan):
        start = 100 if magic == 0 else 0
        inside = [make_message(start + i, value, magic) for i, value in enumerate(VALUES[:4])]
        inside[2] = with_size(inside[2], 5)
        scanned = scan(wrap(103, b"".join(inside), magic), base_offset=100)
        assert scanned.slugs == ["malformed-record"]
        assert scanned.offsets == ([100, 101] if magic == 0 else [])
        assert all(record.damaged for _, record in scanned.records)

    def test_a_message_inside_with_a_wrong_crc_is_named(self, magic, scan):
        start = 100 if magic == 0 else 0
        inside = [make_message(start + i, value, magic) for i, value in enumerate(VALUES[:4])]
        inside[2] = flipped(inside[2], len(inside[2]) - 1)
        scanned = scan(wrap(103, b"".join(inside), magic), base_offset=100)
        assert scanned.slugs == ["message-crc-mismatch"]
        assert scanned.findings[0].location.record == 2
        assert scanned.offsets == [100, 101, 102, 103]

    def test_no_more_than_some_of_very_many_wrong_messages_are_named(self, magic, scan):
        start = 100 if magic == 0 else 0
        inside = b"".join(make_message(start + i, b"v", magic)[:-1] + b"w" for i in range(1000))
        scanned = scan(wrap(1099, inside, magic), base_offset=100)
        assert scanned.slugs == ["message-crc-mismatch"] * MOST_ALIKE
        assert len(scanned.records) == 1000
        assert all(record.damaged for _, record in scanned.records)

    def test_an_unfinished_message_at_the_end_of_a_set_is_ignored_and_told(self, magic, scan):
        start = 100 if magic == 0 else 0
        inside = b"".join(make_message(start + i, value, magic) for i, value in enumerate(VALUES[:4]))
        scanned = scan(wrap(102, inside[:-3], magic), base_offset=100)
        assert scanned.slugs == ["partial-message"]
        assert scanned.offsets == [100, 101, 102]

    def test_a_set_within_a_set_is_refused(self, magic, scan):
        scanned = scan(wrap(103, SETS[magic][0], magic), base_offset=100)
        assert scanned.slugs == ["malformed-record"]
        assert scanned.findings[0].location.field == "attributes"
        assert scanned.records == []

    @pytest.mark.parametrize("value", (None, b""))
    def test_a_set_without_a_value(self, magic, value, scan):
        scanned = scan(make_message(103, value, magic, key=None, attributes=1), base_offset=100)
        assert scanned.slugs == (["malformed-record"] if value is None else ["undecompressable"])
        (batch,) = scanned.batches
        assert (batch.base_offset, batch.last_offset, batch.records_count) == (None, 103, None)

    @pytest.mark.parametrize("codec", (4, 5, 6, 7))
    def test_codecs_that_these_formats_never_had(self, magic, codec, scan):
        scanned = scan(make_message(103, b"body", magic, key=None, attributes=codec), base_offset=100)
        assert scanned.slugs == ["unknown-codec"]

    def test_a_bomb(self, magic, scan):
        zeros = bytes(cramjam.gzip.compress(bytes(70 * 1024 * 1024)))
        scanned = scan(make_message(103, zeros, magic, key=None, attributes=1), base_offset=100)
        assert scanned.slugs == ["decompression-limit"]

    def test_more_messages_than_are_decoded_at_once(self, magic, scan):
        one = make_message(0, None, magic, key=None)
        scanned = scan(wrap(MAX_BATCH_RECORDS, one * (MAX_BATCH_RECORDS + 1), magic), base_offset=0, records=False)
        assert scanned.batches[0].records_count in (None, MAX_BATCH_RECORDS)

    def test_a_header_sweep_finds_the_same_entries(self, magic, scan):
        data = b"".join((*PLAIN[magic], wrap(20, PLAIN[magic][0], magic)))
        swept = scan(data, base_offset=0, records=False, check_crc=False)
        assert [batch.position for batch in swept.batches] == [batch.position for batch in scan(data).batches]
        assert swept.findings == []


def test_offsets_that_a_compacted_set_left_out_are_not_invented(scan):
    inside = make_message(0, b"a") + make_message(3, b"b") + make_message(7, b"c")
    scanned = scan(wrap(107, inside), base_offset=100)
    assert (scanned.offsets, scanned.findings) == ([100, 103, 107], [])


def test_a_wrapper_at_zero_leaves_the_offsets_as_they_are(scan):
    """Old librdkafka produced such sets."""
    inside = make_message(0, b"a") + make_message(1, b"b")
    scanned = scan(wrap(0, inside), base_offset=0)
    assert scanned.offsets == [0, 1]


def test_a_wrapper_before_the_messages_inside_contradicts_them(scan):
    inside = make_message(0, b"a") + make_message(9, b"b")
    scanned = scan(wrap(5, inside), base_offset=0)
    assert (scanned.slugs, scanned.offsets) == (["malformed-record"], [])
    assert scanned.findings[0].location.field == "offset"


def test_a_v1_message_in_a_v0_set_keeps_its_timestamp(scan):
    """KAFKA-4298 left such sets behind."""
    scanned = scan(wrap(5, make_message(4, b"a", 0) + make_message(5, b"b", 1), magic=0), base_offset=0)
    assert [(record.offset, record.timestamp) for _, record in scanned.records] == [(4, -1), (5, 1005)]
    assert scanned.findings == []


def test_a_v2_batch_between_messages_is_a_batch(scan):
    data = make_message(10, b"a") + V2["none"] + make_message(17, b"b", 0)
    scanned = scan(data, base_offset=0)
    assert (scanned.offsets, scanned.findings) == ([10, 13, 14, 15, 16, 17], [])
    assert [batch.magic for batch in scanned.batches] == [1, 2, 0]


def test_messages_are_found_behind_a_damaged_v2_batch(scan):
    broken = V2["none"][:8] + b"\x7f" + V2["none"][9:]
    scanned = scan(broken + make_message(17, b"a", 0) + make_message(18, b"b"), base_offset=0)
    assert scanned.offsets == [17, 18]
    assert scanned.places == [("truncated-batch", 0)]


def test_zeros_behind_damage_are_passed_quickly(scan):
    scanned = scan(PLAIN[0][0] + b"\x01" * 30 + bytes(64 * 1024 * 1024), base_offset=0)
    assert scanned.slugs == ["crc-mismatch"]


@quiet(1000)
@given(st.sampled_from(SEGMENTS), MUTATIONS)
def test_an_intact_message_is_found_wherever_it_lies_and_none_is_invented(data, mutations):
    damaged = mutated(data, mutations)
    batches, _, findings = scan_whole(damaged)
    for batch in batches:
        body = damaged[batch.position + 16 : batch.position + batch.batch_bytes]
        assert batch.crc_ok is False or body in data  # snappy and lz4 leave some messages inside a set as they were
    for entry in split(data):
        at = damaged.find(entry)
        taken = (found.position <= at < found.position + found.batch_bytes for found in batches if found.crc_ok)
        # no CRC covers offsets: an entry before it with a higher one, or behind it with a lower, makes it look foreign
        offset = offset_of(entry)
        contradicted = ((found.last_offset - offset) * (found.position - at) <= 0 for found in batches)
        assert at < 0 or any(taken) or any(contradicted), findings
    assert all(finding.location.position is not None for finding in findings)


@quiet(1000)
@given(st.sampled_from(SEGMENTS), st.integers(0, 40), MUTATIONS)
def test_a_message_whose_crc_was_made_right_again_gives_findings_and_no_exception(data, index, mutations):
    entries = split(data)
    entry = entries[index % len(entries)]
    forged = mutated(entry, mutations)
    if len(forged) > 17 and forged[16] < 2:
        entries[index % len(entries)] = sealed(forged)
    _, _, findings = scan_whole(b"".join(entries))
    assert all(str(finding) for finding in findings)
