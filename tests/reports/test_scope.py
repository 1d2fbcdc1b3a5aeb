"""What `verify` is told to look at: single checks, and segments that were modified since."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fixtures.make.damage import BASE, sealed, split, with_bit_flipped, with_fields
from inspector.checking import CHECKS, Check, Rule
from inspector.engine import ScanRequest, choose
from inspector.findings import Finding
from inspector.reports.inputs import bytes_of, open_inputs
from inspector.reports.integrity import integrity
from inspector.reports.scope import COUNTED, HEADERS, Scope, parse_rate
from inspector.reports.selection import Selection
from tests.reports.conftest import Taken, taken

FIRST, SECOND, THIRD = (f"{offset:020}.log" for offset in (0, 48, 96))
BATCHES = split(BASE.read_bytes())
OLD, NEW = 1_700_000_000, 1_800_000_000
"""Seconds of the epoch."""

CRC = frozenset({"crc"})

BETWEEN = (OLD + NEW) // 2 * 1000


def verified(directory: Path, **scope: Any) -> Taken:
    return taken(integrity([directory], Selection(), Scope(**scope)))


@pytest.fixture
def directory(copied) -> Path:
    """Three segments of 48 records each, the middle one with a batch that rotted and another of an earlier epoch."""
    root = copied("kafka-3.6.0-stopped", "indexed-0")
    path = root / "indexed-0" / SECOND
    batches = split(path.read_bytes())
    batches[2] = with_bit_flipped(batches[2], 200)
    batches[0] = with_fields(batches[0], partition_leader_epoch=7)
    path.write_bytes(b"".join(batches))
    return root


def stamp(directory: Path, **seconds: int) -> None:
    """Gives segments a time of modification: `_48=OLD`."""
    for name, moment in seconds.items():
        os.utime(directory / "indexed-0" / f"{int(name[1:]):020}.log", (moment, moment))


# -- which checks


@pytest.fixture
def requests(each_engine: str, monkeypatch: pytest.MonkeyPatch) -> list[ScanRequest]:
    """What engines are asked for from here on."""
    noted: list[ScanRequest] = []
    engine = type(choose(each_engine))
    scan = engine.scan

    def noting(self: Any, source: Any, request: ScanRequest, at: Any) -> Iterator[Any]:
        noted.append(request)
        return scan(self, source, request, at)

    monkeypatch.setattr(engine, "scan", noting)
    return noted


def test_all_checks_run_unasked_and_nothing_is_left_to_say(directory: Path) -> None:
    part = verified(directory)
    assert set(part.slugs) >= {"crc-mismatch", "leader-epoch-goes-back"}
    assert "not checked" not in part.verdict.text


def test_the_bytes_alone(directory: Path, requests: list[ScanRequest]) -> None:
    part = verified(directory, only=CRC)
    assert part.slugs == ["crc-mismatch", "lost-offsets"]
    others = [check.title for name, check in CHECKS.items() if name != "crc"]
    assert part.verdict.text.endswith(f"records read; not checked: {', '.join(others)}")
    checking = [one for one in requests if "key" not in one.columns]  # what was lost is read for once more
    assert {(one.records, one.check_crc, one.columns) for one in checking} == {(True, True, ())}
    assert len(checking) < len(requests)


def test_a_rule_that_skims_reads_the_headers_alone(directory: Path, requests: list[ScanRequest]) -> None:
    part = verified(directory, only=frozenset({"epochs"}))
    assert set(part.slugs) == {"leader-epoch-goes-back", "epoch-unlike-checkpoint"}
    others = [check.title for name, check in CHECKS.items() if name != "epochs"]
    assert part.verdict.text.endswith(f"3 segments, 36 batches read; not checked: {', '.join(others)}")
    assert {(one.records, one.check_crc) for one in requests} == {(False, False)}


class Anything(Rule):
    """Finds nothing, and says so of each batch."""


class OfKeys(Rule):
    columns = ("key",)


class Skimming(Rule):
    skims = True


@pytest.mark.parametrize(
    ("only", "rules", "request_made"),
    [
        ("crc", (), COUNTED),
        ("crc", (Skimming,), COUNTED),
        ("epochs", (Skimming,), HEADERS),
        ("epochs", (Skimming, Anything), ScanRequest(records=False)),
        ("epochs", (Skimming, OfKeys), COUNTED),
    ],
)
def test_no_more_is_read_than_the_rules_need(only: str, rules: tuple[type[Rule], ...], request_made) -> None:
    made = [rule(None) for rule in rules]  # type: ignore[arg-type]
    assert Scope(only=frozenset({only})).request(made) == request_made


def test_framing_that_breaks_off_is_told_whatever_is_checked(directory: Path) -> None:
    path = directory / "indexed-0" / FIRST
    path.write_bytes(path.read_bytes()[:-30])
    assert "truncated-batch" in verified(directory, only=frozenset({"epochs"})).slugs


# -- which segments


def test_segments_that_were_not_modified_since_are_not_opened(directory: Path, reads) -> None:
    stamp(directory, _0=OLD, _48=OLD, _96=NEW)
    part = verified(directory, modified_since=BETWEEN)
    assert (part.rows, reads.logs()) == ([], {THIRD})
    assert part.verdict.text.startswith("no damage; 1 partition, 1 segment, 12 batches, 48 records read; not checked: ")
    assert "2 segments not modified since 2025-06-15T15:06:40.000Z" in part.verdict.text
    assert not part.verdict.incomplete


def test_the_moment_itself_counts(directory: Path) -> None:
    stamp(directory, _0=OLD, _48=NEW, _96=OLD)
    part = verified(directory, modified_since=NEW * 1000, only=CRC)
    roots = [(one.slug, one.location.path) for one in part.findings if one.caused_by is None]
    assert roots == [("crc-mismatch", f"indexed-0/{SECOND}")]
    assert "1 segment, " in part.verdict.text
    assert verified(directory, modified_since=NEW * 1000 + 1).verdict.text.startswith("no damage; 1 partition, 0 seg")


def test_segments_in_the_middle_that_are_left_out_leave_no_gap(directory: Path) -> None:
    stamp(directory, _0=NEW, _48=OLD, _96=NEW)
    part = verified(directory, modified_since=BETWEEN)
    assert part.rows == []
    assert "1 partition, 2 segments, 24 batches, 96 records read" in part.verdict.text


def test_an_order_that_holds_for_any_segments_is_still_judged(directory: Path) -> None:
    path = directory / "indexed-0" / FIRST
    first, *others = split(path.read_bytes())
    path.write_bytes(b"".join((with_fields(first, partition_leader_epoch=9), *others)))
    stamp(directory, _0=NEW, _48=OLD, _96=NEW)
    part = verified(directory, modified_since=BETWEEN, only=frozenset({"epochs"}))
    assert {(one.slug, one.expected) for one in part.findings if one.slug != "epoch-unlike-checkpoint"} == {
        ("leader-epoch-goes-back", 9)
    }


class Wholes(Rule):
    """Says what it was told of."""

    def begin(self, number: int, segment: Any) -> Iterator[Finding]:
        yield Finding("foreign-entry", segment.location(), found=f"begin {number}")

    def end(self, number: int, segment: Any) -> Iterator[Finding]:
        yield Finding("foreign-entry", segment.location(), found=f"end {number}")


class Each(Wholes):
    needs_all = False


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two checks that say of which segments they are told."""
    monkeypatch.setitem(CHECKS, "wholes", Check("whole logs", (Wholes,)))
    monkeypatch.setitem(CHECKS, "each", Check("single segments", (Each,)))


@pytest.mark.usefixtures("told")
def test_rules_are_told_of_what_is_read_and_of_nothing_else(directory: Path) -> None:
    stamp(directory, _0=NEW, _48=OLD, _96=NEW)
    part = verified(directory, modified_since=BETWEEN, only=frozenset({"each"}))
    assert [one.found for one in part.findings] == ["begin 0", "end 0", "begin 2", "end 2"]
    assert verified(directory, only=frozenset({"each"})).slugs.count("foreign-entry") == 6


@pytest.mark.usefixtures("told")
def test_rules_that_need_every_segment_do_not_run_on_some_and_that_is_said(directory: Path) -> None:
    stamp(directory, _0=NEW, _48=OLD, _96=NEW)
    part = verified(directory, modified_since=BETWEEN, only=frozenset({"wholes", "crc"}))
    assert part.findings == []
    assert part.verdict.text.endswith(
        "1 segment not modified since 2025-06-15T15:06:40.000Z, and in the logs that these belong to whole logs"
    )
    stamp(directory, _48=NEW)
    part = verified(directory, modified_since=BETWEEN, only=frozenset({"wholes"}))
    assert part.slugs.count("foreign-entry") == 6


def test_a_segment_that_vanished_is_not_taken_for_an_old_one(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from inspector import partition

    listing = partition.list_partition

    def removing(*arguments: Any) -> Any:
        made = listing(*arguments)
        (directory / "indexed-0" / SECOND).unlink(missing_ok=True)
        return made

    monkeypatch.setattr(partition, "list_partition", removing)
    part = verified(directory, modified_since=BETWEEN, only=CRC)
    assert [str(one) for one in part.findings] == [f"indexed-0/{SECOND}: was there when listed, gone when opened"]


def test_the_bar_waits_for_nothing_that_is_left_out(directory: Path) -> None:
    stamp(directory, _0=OLD, _48=OLD, _96=NEW)
    report = integrity([directory], Selection(), Scope(modified_since=BETWEEN))
    size = (directory / "indexed-0" / THIRD).stat().st_size
    assert report.progress.total == size
    list(report.all_rows())
    assert 0 < report.progress.done == report.progress.total <= size


def test_the_size_of_all_segments_is_told_without_keeping_their_listings(directory: Path) -> None:
    chosen = open_inputs([directory]).choose(Selection())
    folder = directory / "indexed-0"
    assert bytes_of(chosen) == sum(path.stat().st_size for path in folder.glob("*.log"))
    (folder / FIRST).unlink()
    assert bytes_of(chosen) == sum(path.stat().st_size for path in folder.glob("*.log"))


def test_a_sealed_batch_is_no_damage_to_begin_with() -> None:
    assert sealed(BATCHES[0]) == BATCHES[0]


# -- how fast


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("1000000", 1_000_000),
        ("50MB", 50_000_000),
        ("20MiB", 20 * 1024 * 1024),
        ("1.5 gb/s", 1_500_000_000),
        ("64k", 64_000),
        ("64Ki", 65_536),
        ("1 B", 1),
    ],
)
def test_rates(text: str, rate: int) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "0", "-5MB", "MB", "5XB", "0.5", "1e9", "5MBs", "9999999999TB"])
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(ValueError, match="is no rate"):
        parse_rate(text)


def test_a_rate_changes_nothing_about_the_answer_and_the_bar_goes_on(directory: Path, monkeypatch) -> None:
    from inspector.reports import integrity as module

    report = integrity([directory], Selection(), Scope(max_rate=20_000))
    waited: list[float] = []
    reached: list[int] = []
    monkeypatch.setattr(module.time, "sleep", waited.append)
    report.progress.watch = lambda: reached.append(report.progress.reached)
    slow, fast = taken(report), verified(directory)
    assert (slow.rows, slow.verdict) == (fast.rows, fast.verdict)
    sizes = sum(path.stat().st_size for path in (directory / "indexed-0").glob("*.log"))
    assert max(waited) >= sizes / 20_000 - 1
    assert len(set(reached)) > 6 and reached == sorted(reached)
    assert reached[-1] <= sizes
