"""Producers: sequences, epochs, and transactions that are open at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.make.damage import with_bit_flipped
from inspector.checking import replay
from inspector.findings import Severity

from .logs import CONTROL, DAY, NOON, TRANSACTIONAL, batch, husk, log_dir, marker
from .rules import found_by, written

LAST = 2**31 - 1

pytestmark = pytest.mark.usefixtures("each_engine")


def said(found) -> list[tuple[object, ...]]:
    return [(one.slug, one.expected, one.found, one.first_offset) for one in found]


FINE = {
    "one after the other": [batch(0, (7, 0, 0), 3), batch(3, (7, 0, 3), 2), batch(5, (7, 0, 5))],
    "two at once": [batch(0, (7, 0, 0), 2), batch(2, (8, 0, 0)), batch(3, (7, 0, 2)), batch(4, (8, 0, 1))],
    "behind 2^31-1 stands 0": [batch(0, (7, 0, LAST)), batch(1, (7, 0, 0))],
    "round the end within a batch": [batch(0, (7, 0, LAST - 1), 4), batch(4, (7, 0, 2))],
    "the first batch of one nobody knows": [batch(0, (7, 3, 1234))],
    "a new epoch begins with 0": [batch(0, (7, 0, 5)), batch(1, (7, 1, 0)), batch(2, (7, 4, 0))],
    "no producer": [batch(0, (-1, -1, -1), 3), batch(3, (-1, -1, -1))],
    "written by a coordinator, without sequences": [batch(0, (7, 0, -1)), batch(1, (7, 0, -1))],
    "records compacted away": [husk(0, (7, 0, 0), 3), batch(4, (7, 0, 4))],
    "batches compacted away": [batch(0, (7, 0, 0)), batch(9, (7, 0, 5))],
    "silent for a day, and forgotten": [batch(0, (7, 1, 0)), batch(1, (7, 1, 50), at=NOON + DAY)],
    "an old one, when nobody knows the new one any more": [batch(0, (7, 1, 0)), batch(1, (7, 0, 9), at=NOON + DAY)],
    "transactions of version 1": [
        batch(0, (7, 0, 0), in_transaction=True), marker(1, (7, 0)), batch(2, (7, 0, 1), in_transaction=True),
        marker(3, (7, 0), abort=True),
    ],
    "transactions of version 2": [
        batch(0, (7, 0, 0), 4, in_transaction=True), marker(4, (7, 1)), batch(5, (7, 1, 0), in_transaction=True),
        marker(6, (7, 2)),
    ],
    "a marker first, then any sequence": [marker(0, (7, 0)), batch(1, (7, 0, 55))],
    "a new epoch whose first batches were compacted away": [
        batch(0, (7, 0, 0)), marker(9, (7, 1)), batch(10, (7, 1, 8)),
    ],
    "a batch compacted away in front of a marker": [batch(0, (7, 0, 0)), marker(5, (7, 0)), batch(6, (7, 0, 3))],
    "a batch of a new epoch compacted away between two markers": [
        batch(0, (7, 0, 0)), marker(1, (7, 1)), marker(9, (7, 1)), batch(10, (7, 1, 4)),
    ],
    "an emptied marker first": [husk(0, (7, 2, -1), 0, TRANSACTIONAL | CONTROL), batch(1, (7, 2, 55))],
}  # fmt: skip


@pytest.mark.parametrize("batches", FINE.values(), ids=FINE)
def test_what_a_leader_takes_is_fine(tmp_path: Path, batches: list[bytes]) -> None:
    assert found_by("producers", written(tmp_path / "t-0", _0=b"".join(batches))) == []


WRONG = {
    "a gap": ([batch(0, (7, 0, 0), 3), batch(3, (7, 0, 5))], ("producer-out-of-sequence", 3, 5, 3)),
    "a gap round the end": ([batch(0, (7, 0, LAST)), batch(1, (7, 0, 1))], ("producer-out-of-sequence", 0, 1, 1)),
    "back": ([batch(0, (7, 0, 4), 3), batch(3, (7, 0, 5))], ("producer-out-of-sequence", 7, 5, 3)),
    "a new epoch begins with 1": ([batch(0, (7, 0, 0)), batch(1, (7, 1, 1))], ("producer-out-of-sequence", 0, 1, 1)),
    "behind a marker of the next epoch": (
        [batch(0, (7, 0, 0), in_transaction=True), marker(1, (7, 1)), batch(2, (7, 1, 1))],
        ("producer-out-of-sequence", 0, 1, 2),
    ),
    "twice": (
        [batch(0, (7, 0, 0), 3), batch(3, (7, 0, 3)), batch(4, (7, 0, 0), 3)],
        ("producer-batch-twice", 4, "0 as at offset 0", 4),
    ),
    "an old epoch": ([batch(0, (7, 3, 0)), batch(1, (7, 2, 0))], ("producer-epoch-goes-back", 3, 2, 1)),
    "a marker of an old epoch": ([batch(0, (7, 3, 0)), marker(1, (7, 2))], ("producer-epoch-goes-back", 3, 2, 1)),
}  # fmt: skip


@pytest.mark.parametrize(("batches", "expected"), WRONG.values(), ids=WRONG)
def test_what_a_leader_refuses_is_one_finding(tmp_path: Path, batches: list[bytes], expected) -> None:
    found = found_by("producers", written(tmp_path / "t-0", _0=b"".join(batches)))
    assert said(found) == [expected]
    position = sum(map(len, batches[: -1 if len(batches) > 1 else None]))
    field = "producer_epoch" if "epoch-goes" in expected[0] else "base_sequence"
    assert (found[0].location.position, found[0].location.field) == (position, field)
    assert found[0].severity is Severity.ERROR


def test_producers_are_followed_from_segment_to_segment(tmp_path: Path) -> None:
    found = found_by("producers", written(tmp_path / "t-0", _0=batch(0, (7, 0, 0), 3), _3=batch(3, (7, 0, 9))))
    assert said(found) == [("producer-out-of-sequence", 3, 9, 3)]
    assert found[0].location.path == "00000000000000000003.log"


def test_a_sixth_batch_later_the_first_is_no_longer_known_again(tmp_path: Path) -> None:
    batches = [batch(number, (7, 0, number)) for number in range(6)]
    twice = b"".join((*batches, batch(6, (7, 0, 1)))), b"".join((*batches, batch(6, (7, 0, 0))))
    slugs = [
        found_by("producers", written(tmp_path / f"t-{n}", _0=log))[0].slug for n, log in enumerate(twice)
    ]  # fmt: skip
    assert slugs == ["producer-batch-twice", "producer-out-of-sequence"]


def test_a_gap_that_damage_explains_is_not_told(tmp_path: Path) -> None:
    middle = with_bit_flipped(batch(1, (7, 0, 1), 4), 71)
    found = found_by("producers", written(tmp_path / "t-0", _0=batch(0, (7, 0, 0)) + middle + batch(5, (7, 0, 5))))
    assert [one.slug for one in found] == ["crc-mismatch"]


def test_coordinators_write_each_batch_with_sequence_0(tmp_path: Path) -> None:
    log = b"".join(batch(offset, (7, 0, 0), in_transaction=True) for offset in range(3)) + marker(3, (7, 0))
    assert found_by("producers", written(tmp_path / "__consumer_offsets-0", _0=log)) == []


def test_open_transactions_say_whose_they_are_and_what_they_hold_back(tmp_path: Path) -> None:
    first, plain = batch(0, (7, 2, 0), 2, in_transaction=True), batch(2, (-1, -1, -1))
    other = (
        batch(3, (8, 0, 0), in_transaction=True)
        + batch(4, (9, 0, 0), in_transaction=True)
        + marker(5, (9, 0), at=NOON + 2 * DAY)
    )
    found = found_by("producers", written(tmp_path / "t-0", _0=first + plain + other))
    since = "2023-11-14T22:13:20.000Z, 2 days before the latest timestamp"
    assert said(found) == [
        ("open-transaction", 0, f"producer 7 in epoch 2, since {since}", 0),
        ("open-transaction", 0, f"producer 8 in epoch 0, since {since}", 3),
    ]
    assert [one.location.position for one in found] == [0, len(first + plain)]
    assert {one.severity for one in found} == {Severity.INFO}


def test_a_transaction_whose_marker_may_be_damaged_is_not_called_open(tmp_path: Path) -> None:
    log = batch(0, (7, 0, 0), in_transaction=True) + with_bit_flipped(marker(1, (7, 0)), 75) + batch(2, (-1, -1, -1))
    assert [one.slug for one in found_by("producers", written(tmp_path / "t-0", _0=log))] == ["crc-mismatch"]


def test_a_marker_of_a_later_version_is_understood(tmp_path: Path) -> None:
    log = batch(0, (7, 0, 0), in_transaction=True) + marker(1, (7, 0), surplus=3)
    assert [one.slug for one in found_by("producers", written(tmp_path / "t-0", _0=log))] == [
        "control-record-not-understood"  # of the engine: read as far as it is known, so the transaction is not open
    ]


def test_too_many_producers_are_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "MOST_PRODUCERS", 10)
    segments = {f"_{offset}": batch(offset, (offset, 0, 0)) for offset in range(40)}
    found = found_by("producers", written(tmp_path / "t-0", **segments))
    assert said(found) == [("too-many-producers", 10, None, None)]
    assert found[0].incomplete


def test_a_log_that_starts_inside_a_transaction_is_fine(tmp_path: Path) -> None:
    log = marker(50, (7, 0), abort=True) + batch(51, (7, 0, 77), in_transaction=True) + marker(52, (7, 0))
    assert found_by("producers", log_dir(tmp_path / "logs", log_50=log)) == []
