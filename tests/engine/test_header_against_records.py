"""What a header repeats of the records in its batch: the greatest timestamp, and in a v0 wrapper the last offset."""

from __future__ import annotations

import cramjam
import pytest

from fixtures.make.damage import BASE, make_batch_of, sealed, split, with_fields
from inspector.spec.attributes import DELETE_HORIZON, LOG_APPEND_TIME
from inspector.spec.record_batch import HEADER_SIZE, record, unpack_header
from tests.engine.test_messages import make_message, make_set, wrap

NOON = 1_700_000_000_000
GZIP = 1
BATCH, FOLLOWING = split(BASE.read_bytes())[:2]
LATEST = unpack_header(BATCH[:HEADER_SIZE]).max_timestamp


def at(offset_delta: int, timestamp_delta: int) -> bytes:
    """A record of seven bytes and its two varints."""
    fields = {
        "length": 0, "attributes": 0, "timestamp_delta": timestamp_delta, "offset_delta": offset_delta,
        "key_length": -1, "key": None, "value_length": -1, "value": None, "headers_count": 0, "headers": [],
    }  # fmt: skip
    return bytes(record.build(dict(fields, length=len(record.build(fields)) - 1)))


def batch(deltas: list[int], max_timestamp: int, attributes: int = 0, base: int = NOON) -> bytes:
    records = b"".join(at(i, delta) for i, delta in enumerate(deltas))
    body = bytes(cramjam.gzip.compress(records)) if attributes & GZIP else records
    return make_batch_of(
        0, body, len(deltas), base_timestamp=base, max_timestamp=max_timestamp, attributes=attributes
    )  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        batch([0, 5, -3], NOON + 5),
        batch([-5, -3], NOON - 3),
        batch([0, 5], NOON + 5, GZIP),
        batch([0, 5], NOON + 77, LOG_APPEND_TIME),
        batch([-9, -5], NOON - 5, DELETE_HORIZON),
        batch([0, 0], -1, base=-1),
        batch([0, 4], -20, base=-30),
        batch([2**62], 7, base=2**62 + 2**61),
        make_batch_of(0, b"", 0, last_offset_delta=7, max_timestamp=NOON + 99),
    ],
    ids=[
        "not-in-order",
        "negative-deltas",
        "compressed",
        "append-time",
        "horizon",
        "none",
        "negative",
        "wrapped",
        "husk",
    ],
)
def test_a_right_greatest_timestamp_is_nothing_to_tell(data, scan):
    assert scan(data).findings == []


@pytest.mark.parametrize("left_alone", [-1, NOON])
def test_what_some_clients_leave_in_an_uncompressed_batch_is_exempt(left_alone, scan):
    assert scan(batch([0, 5], left_alone)).findings == []


@pytest.mark.parametrize("left_alone", [-1, NOON])
def test_but_brokers_see_to_it_where_records_are_compressed(left_alone, scan):
    found = scan(batch([0, 5], left_alone, GZIP)).findings
    assert [(one.slug, one.expected, one.found) for one in found] == [("max-timestamp-mismatch", NOON + 5, left_alone)]


@pytest.mark.parametrize("max_timestamp", [LATEST + 1, LATEST - 1])
def test_a_greatest_timestamp_that_no_record_has(max_timestamp, scan):
    scanned = scan(sealed(with_fields(BATCH, max_timestamp=max_timestamp)) + FOLLOWING, base_offset=0)
    (finding,) = scanned.findings
    assert (finding.slug, finding.code, finding.expected, finding.found) == (
        "max-timestamp-mismatch", "KI-3012", LATEST, max_timestamp,
    )  # fmt: skip
    assert (finding.location.position, finding.location.field) == (0, "max_timestamp")
    assert (finding.first_offset, finding.last_offset) == (0, 3)
    assert not any(one.damaged for _, one in scanned.records)


def test_records_that_are_too_many_say_nothing_of_the_timestamp(scan):
    changed = with_fields(BATCH, records_count=3, max_timestamp=LATEST + 9)
    assert scan(sealed(changed)).slugs == ["surplus-record-bytes"]


def test_a_timestamp_is_told_as_a_consequence_where_the_crc_is_wrong(scan):
    found = scan(with_fields(BATCH, max_timestamp=LATEST + 1) + FOLLOWING).findings
    assert [(one.slug, one.caused_by) for one in found] == [
        ("crc-mismatch", None),
        ("max-timestamp-mismatch", "crc-mismatch at position 0"),
    ]


class TestWrappers:
    INSIDE = (
        make_message(0, b"a", timestamp=50) + make_message(1, b"b", timestamp=90) + make_message(2, b"c", timestamp=7)
    )

    @pytest.mark.parametrize("timestamp", [90, 50, 7, -1])
    def test_the_greatest_timestamp_or_another_one_inside_or_none(self, timestamp, scan):
        assert scan(wrap(12, self.INSIDE, timestamp=timestamp)).findings == []

    def test_another_timestamp_of_a_v1_wrapper(self, scan):
        (finding,) = scan(wrap(12, self.INSIDE, timestamp=91)).findings
        assert (finding.slug, finding.expected, finding.found) == ("max-timestamp-mismatch", 90, 91)
        assert (finding.location.field, finding.first_offset, finding.last_offset) == ("timestamp", 10, 12)

    def test_the_last_offset_of_a_v0_wrapper(self, scan):
        right = make_set(10, [b"a", b"b"], 0)
        assert scan(right).findings == []
        (finding,) = scan((14).to_bytes(8, "big") + right[8:]).findings
        assert (finding.slug, finding.found, finding.location.field) == ("record-offset-mismatch", 14, "offset")
        assert finding.expected == "11, the offset of the last message inside"

    def test_an_offset_of_0_is_left_to_the_broker(self, scan):
        assert scan(bytes(8) + make_set(10, [b"a", b"b"], 0)[8:]).findings == []
