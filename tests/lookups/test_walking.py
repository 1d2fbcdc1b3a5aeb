"""Kafka's way through a log by headers: what it takes for a batch, for the end, and where it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.lookups.walking import KEPT, Frame, RefusedError, frames, walk
from inspector.source import BytesSource
from tests.golden_bytes import LEGACY, V2

LOG = b"".join(V2.values())


def seen(data: bytes, position: int = 0) -> list[Frame]:
    return list(frames(BytesSource(data), position))


def test_batches_follow_each_other_to_the_end() -> None:
    found = seen(LOG)
    assert [frame.position for frame in found] == [sum(map(len, [*V2.values()][:n])) for n in range(len(V2))]
    assert [found[0].base_offset, found[0].last_offset] == [13, 16]
    assert found[-1].end == len(LOG)


def test_messages_of_old_formats_tell_their_last_offset() -> None:
    first, second = seen(LEGACY["v0-none"])
    assert (first.base_offset, first.last_offset, first.max_timestamp) == (None, 0, -1)
    assert (second.last_offset, second.magic) == (1, 0)
    assert [frame.max_timestamp for frame in seen(LEGACY["v1-none"])] == [1700000000000, 1700000000123]


@pytest.mark.parametrize("left", range(18))
def test_seventeen_bytes_and_fewer_are_no_batch(left: int) -> None:
    assert seen(bytes(left)[:17]) == []


def test_a_batch_that_claims_more_than_there_is_ends_the_log() -> None:
    assert len(seen(LOG[:-1])) == len(V2) - 1


@pytest.mark.parametrize("length", [13, 0, -1, -(2**31)])
def test_a_length_that_no_message_has_is_refused(length: int) -> None:
    with pytest.raises(RefusedError) as refused:
        seen(bytes(8) + length.to_bytes(4, "big", signed=True) + bytes(60))
    assert (refused.value.error, refused.value.position) == ("CORRUPT_MESSAGE", 0)


def test_a_header_that_the_file_does_not_hold_is_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        seen(bytes(8) + (14).to_bytes(4, "big") + bytes(4) + b"\2" + bytes(20))
    assert refused.value.error == "UNKNOWN_SERVER_ERROR"


def test_a_negative_position_is_refused_and_one_behind_the_end_finds_nothing() -> None:
    with pytest.raises(RefusedError):
        seen(LOG, -4)
    assert seen(LOG, len(LOG)) == seen(LOG, 2**31 - 1) == []


def test_a_last_offset_wraps_as_in_java() -> None:
    header = bytearray(V2["empty"])
    header[:8] = (2**63 - 1).to_bytes(8, "big")
    (frame,) = seen(bytes(header))
    assert frame.last_offset == -(2**63) + 1


def test_of_a_long_walk_both_ends_are_kept() -> None:
    one = V2["empty"]
    walked = walk(BytesSource(one * 100), 0, lambda frame: frame.position == 98 * len(one))
    assert (walked.count, walked.left_out) == (99, 99 - 2 * KEPT)
    assert [frame.position // len(one) for frame in (*walked.first, *walked.last)] == [0, 1, 2, 96, 97, 98]
    assert walked.found == walked.seen
    assert walked.bytes_passed == 99 * len(one)


@given(st.binary(max_size=300), st.integers(-10, 400))
def test_any_bytes_end_somewhere(data: bytes, position: int) -> None:
    walked = walk(BytesSource(data), position, lambda _frame: False)
    assert walked.found is None
