"""KRaft snapshots: whole ones from a real node, and their frame broken in every way."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from inspector.reports.selection import Selection
from inspector.reports.show import show
from tests.conftest import FIXTURES
from tests.files.test_another_kind import FILES

REAL = FIXTURES / "real" / "kafka-4.3.0-killed"
SNAPSHOT = max(REAL.glob("__cluster_metadata-0/*-0000000001.checkpoint"))
NAME = SNAPSHOT.name
END = NAME.partition("-")[0]
DATA = SNAPSHOT.read_bytes()


def batches(data: bytes) -> list[bytes]:
    found = []
    while data:
        size = 12 + int.from_bytes(data[8:12], "big")
        found.append(data[:size])
        data = data[size:]
    return found


HEADER, *RECORDS, FOOTER = batches(DATA)


def at_offset(batch: bytes, offset: int) -> bytes:
    return offset.to_bytes(8, "big") + batch[8:]


@pytest.fixture
def verified(kinspect, tmp_path: Path):
    """What `verify` says about bytes under a name: its lines of code, slug and place."""

    def verify(data: bytes, name: str = NAME) -> list[str]:
        path = tmp_path / name
        path.write_bytes(data)
        done = kinspect("verify", path, "-f", "csv", "--columns", "code,slug,position,expected,found,caused_by")
        assert done.returncode in (0, 1), done.stderr
        return done.stdout.splitlines()[1:]

    return verify


@pytest.mark.parametrize("suffix", ["", ".deleted"])
def test_whole_snapshots_have_no_findings(verified, suffix: str) -> None:
    for path in [*REAL.glob("__cluster_metadata-0/*.checkpoint"), REAL / "bootstrap.checkpoint"]:
        assert verified(path.read_bytes(), path.name + suffix) == [], path


def test_a_snapshot_cut_between_batches_has_no_footer(verified) -> None:
    assert verified(DATA.removesuffix(FOOTER)) == ["KI-4021,kraft-snapshot-footer-missing,,,,"]


def test_a_snapshot_cut_within_a_batch_has_no_footer_for_that_reason(verified) -> None:
    lines = verified(DATA[:-30])
    position = len(DATA) - len(FOOTER)
    assert lines[-1] == f"KI-4021,kraft-snapshot-footer-missing,,,,truncated-batch at position {position}"
    assert len(lines) == 2


def test_a_snapshot_without_its_beginning(verified) -> None:
    lines = verified(b"".join([*RECORDS, FOOTER]))
    assert lines == ["KI-4020,kraft-snapshot-header-missing,0,SNAPSHOT_HEADER,a record of data,"]


@pytest.mark.parametrize("name", [NAME, "bootstrap.checkpoint", "bootstrap.checkpoint.deleted"])
def test_an_empty_file_is_no_snapshot(verified, name: str) -> None:
    assert verified(b"", name) == ["KI-4020,kraft-snapshot-header-missing,0,SNAPSHOT_HEADER,no record,"]


def test_batches_behind_the_footer(verified) -> None:
    behind = at_offset(FOOTER, int.from_bytes(FOOTER[:8], "big") + 1)
    assert verified(DATA + behind) == [f"KI-4023,kraft-snapshot-goes-on,{len(DATA)},,{len(DATA) - len(FOOTER)},"]


def test_a_name_of_another_epoch(verified) -> None:
    lines = verified(DATA, f"{END}-0000000002.checkpoint")
    assert lines == ["KI-4024,kraft-snapshot-epoch,0,2,1,"]


@pytest.mark.parametrize("end", [0, len(HEADER), len(DATA) - 30])
def test_a_snapshot_being_written_is_only_noted(verified, end: int) -> None:
    lines = verified(DATA[:end], f"{END}-0000000001-8761234.checkpoint.part")
    assert lines[-1] == "KI-4022,kraft-snapshot-unfinished,,,,"
    assert all(line.split(",")[1] in ("torn-tail", "kraft-snapshot-unfinished") for line in lines)


def test_a_log_under_a_snapshots_name_is_none(verified) -> None:
    log = (REAL / "hello-world-4-0" / "00000000000000000000.log").read_bytes()
    slugs = [line.split(",")[1] for line in verified(log)]
    assert "kraft-snapshot-header-missing" in slugs
    assert "kraft-snapshot-footer-missing" in slugs


def test_a_part_of_a_snapshot_is_shown_without_judging_the_rest(kinspect) -> None:
    done = kinspect("show", SNAPSHOT, "-t", "*", "-o", "5:7", "-J")
    assert len(done.stdout.splitlines()) == 2
    assert "kraft-snapshot" not in done.stderr


def test_the_name_tells_which_log_the_snapshot_stands_for(kinspect, tmp_path: Path) -> None:
    shutil.copy(REAL / "bootstrap.checkpoint", tmp_path)
    bootstrap = kinspect("show", tmp_path / "bootstrap.checkpoint", "-t", "*")
    assert "snapshot: of the start of a new directory, by its name; its own offsets start at 0\n" in bootstrap.stdout
    shown = kinspect("show", SNAPSHOT, "-t", "*", "-n", "1")
    assert f"snapshot: of the log before offset {int(END)}, up to leader epoch 1, by its name; its own" in shown.stdout


OTHERS = [(kind, path) for kind, paths in FILES.items() if kind != "kraft snapshot" for path in paths]


@pytest.mark.parametrize(("kind", "path"), OTHERS, ids=[f"{kind}-{path.parent.name}" for kind, path in OTHERS])
def test_another_kind_of_file_under_a_snapshots_name_is_a_finding(tmp_path: Path, kind: str, path: Path) -> None:
    shutil.copy(path, tmp_path / NAME)
    report = show([tmp_path / NAME], Selection(("*",)))
    rows = list(report.all_rows())
    assert "kraft-snapshot-header-missing" in [finding.slug for finding in report.findings]
    assert kind == "log" or rows == []


@pytest.fixture
def metadata(tmp_path: Path) -> Path:
    """A copy of a metadata log's folder, with its snapshots."""
    return Path(shutil.copytree(SNAPSHOT.parent, tmp_path / "__cluster_metadata-0"))


def test_verify_looks_at_the_snapshots_beside_the_log(kinspect, metadata: Path) -> None:
    whole = kinspect("verify", metadata)
    count = len(list(metadata.glob("*.checkpoint")))
    assert whole.returncode == 0, whole.stdout
    assert f"1 segment, {count} KRaft snapshots, " in whole.stdout
    (metadata / NAME).write_bytes(DATA.removesuffix(FOOTER))
    (metadata / f"{END}-0000000001-12345.checkpoint.part").write_bytes(DATA[:300])
    cut = kinspect("verify", metadata)
    assert cut.returncode == 1
    assert f"error KI-4021 kraft-snapshot-footer-missing: {NAME}: ends without a footer\n" in cut.stdout
    assert "info KI-4022 kraft-snapshot-unfinished: " in cut.stdout


def test_a_broken_quorum_state_is_told_with_the_partition(kinspect, metadata: Path) -> None:
    (metadata / "quorum-state").write_text("{", encoding="utf-8")
    done = kinspect("verify", metadata)
    assert done.returncode == 1
    assert "error KI-1010 bad-quorum-state: quorum-state: expected an object of JSON, found '{'\n" in done.stdout
