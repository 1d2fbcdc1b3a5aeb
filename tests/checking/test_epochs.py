"""Leader epochs that go back."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.make.damage import BASE, split, with_fields

from .rules import found_by, written

BATCHES = split(BASE.read_bytes())


def of_epochs(*epochs: int) -> bytes:
    """The first batches of the base, each with an epoch; no CRC covers it."""
    return b"".join(
        with_fields(batch, partition_leader_epoch=epoch) for batch, epoch in zip(BATCHES, epochs, strict=False)
    )


@pytest.mark.usefixtures("each_engine")
@pytest.mark.parametrize("epochs", [(0, 0, 3, 3, 7), (5, -1, 5), (-1, -1)])
def test_epochs_that_rise_or_say_nothing_are_fine(tmp_path: Path, epochs: tuple[int, ...]) -> None:
    assert found_by("epochs", written(tmp_path / "t-0", _0=of_epochs(*epochs))) == []


@pytest.mark.usefixtures("each_engine")
def test_each_batch_of_an_earlier_epoch_is_one_finding(tmp_path: Path) -> None:
    found = found_by("epochs", written(tmp_path / "t-0", _0=of_epochs(2, 5, 4, 5, 3)))
    assert [(one.slug, one.expected, one.found, one.first_offset, one.last_offset) for one in found] == [
        ("leader-epoch-goes-back", 5, 4, 8, 11),
        ("leader-epoch-goes-back", 5, 3, 16, 19),
    ]
    assert found[0].location.position == len(BATCHES[0]) + len(BATCHES[1])
    assert found[0].location.field == "partition_leader_epoch"


@pytest.mark.usefixtures("each_engine")
def test_epochs_are_followed_from_segment_to_segment(tmp_path: Path) -> None:
    first, second = of_epochs(9), with_fields(BATCHES[1], partition_leader_epoch=8)
    found = found_by("epochs", written(tmp_path / "t-0", _0=first, _4=second))
    assert [one.location.path for one in found] == ["00000000000000000004.log"]
