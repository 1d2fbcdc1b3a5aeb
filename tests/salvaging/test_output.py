"""The new directory: what is in it, what is refused, and what is left when the work is cut short."""

from __future__ import annotations

import hashlib
import json
import resource
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from fixtures.make.damage import BASE, damaged, make_batch, split
from tests.conftest import SCRIPT
from tests.house.test_read_only import state

Kinspect = Callable[..., "subprocess.CompletedProcess[str]"]

BATCHES = split(BASE.read_bytes())


@pytest.fixture(autouse=True)
def _on_each_engine(each_engine: str) -> None:
    """Every test here runs on both engines."""


@pytest.fixture
def broker_dir(real_dirs: Mapping[str, Path], tmp_path: Path) -> Path:
    """A copy of a bundled directory, with one partition damaged."""
    copy = Path(shutil.copytree(real_dirs["kafka-4.3.0-stopped"], tmp_path / "kafka"))
    (copy / "indexed-0" / f"{0:020d}.log").write_bytes(damaged("batch-twice"))
    return copy


def manifest(target: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (target / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_answer_counts_what_was_saved_and_what_was_not(
    kinspect: Kinspect, broker_dir: Path, tmp_path: Path
) -> None:
    done = kinspect("salvage", broker_dir, "-t", "indexed", "--output", tmp_path / "out")
    assert done.returncode == 1
    assert done.stdout.splitlines()[1].split() == [
        "indexed", "0", "3", "36", "144", "46452", "1269", "1", "0", "144"
    ]  # fmt: skip
    assert "36 batches with 144 records salvaged, 46,452 bytes; 1,269 bytes left out; 1 batch apart" in done.stdout
    assert "batch-set-apart" in done.stdout + done.stderr


def test_machines_get_a_row_for_each_partition(kinspect: Kinspect, broker_dir: Path, tmp_path: Path) -> None:
    done = kinspect("salvage", broker_dir, "-t", "indexed", "--output", tmp_path / "out", "-J")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {
            "topic": "indexed", "partition": 0, "state": "live", "segments": 3, "batches": 36, "records": 144,
            "bytes": 46452, "bytes_left_out": 1269, "batches_apart": 1, "first_offset": 0, "end_offset": 144,
        }
    ]  # fmt: skip


def test_an_undamaged_directory_exits_0(kinspect: Kinspect, real_dirs: Mapping[str, Path], tmp_path: Path) -> None:
    done = kinspect("salvage", real_dirs["kafka-3.6.0-stopped"], "--output", tmp_path / "out")
    assert done.returncode == 0
    assert "; nothing left out; " in done.stdout


def test_the_manifest_proves_every_piece(kinspect: Kinspect, broker_dir: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    kinspect("salvage", broker_dir, "--output", target)
    lines = manifest(target)
    copied = [line for line in lines if line["what"] in ("range", "apart")]
    assert len(copied) > 40
    for line in copied:
        original = (broker_dir / line["source"]).read_bytes()[line["position_from"] : line["position_to"]]
        start = line.get("target_position", 0)
        assert hashlib.sha256(original).hexdigest() == line["sha256"], line
        assert (target / line["target"]).read_bytes()[start : start + len(original)] == original, line
    (left_out,) = (line for line in lines if line["what"] == "left_out")
    assert (left_out["source"], left_out["position_from"], left_out["position_to"]) == (
        "indexed-0/00000000000000000000.log", 3807, 5076,
    )  # fmt: skip
    assert (left_out["first_offset"], left_out["last_offset"]) == (8, 11)


def test_what_fits_nowhere_is_a_segment_of_its_own(kinspect: Kinspect, broker_dir: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    kinspect("salvage", broker_dir, "--output", target)
    apart = target / "orphans" / "indexed-0" / f"{0:020d}.log" / "at-3807" / f"{8:020d}.log"
    assert apart.read_bytes() == BATCHES[2]
    assert kinspect("verify", apart).returncode == 0


def test_files_beside_the_segments_agree_with_them(kinspect: Kinspect, broker_dir: Path, tmp_path: Path) -> None:
    cut = damaged("cut-in-last-batch")
    for name in (f"{48:020d}.log", f"{96:020d}.log"):
        (broker_dir / "indexed-0" / name).unlink()
    (broker_dir / "indexed-0" / f"{0:020d}.log").write_bytes(cut)
    kinspect("salvage", broker_dir, "--output", tmp_path / "out")
    data = tmp_path / "out" / "data"
    for name in ("meta.properties", "bootstrap.checkpoint", "indexed-0/partition.metadata"):
        assert (data / name).read_bytes() == (broker_dir / name).read_bytes(), name
    for name in ("recovery-point-offset-checkpoint", "replication-offset-checkpoint"):
        assert "indexed 0 44" in (data / name).read_text().splitlines(), name
    assert "trimmed 0 5" in (data / "log-start-offset-checkpoint").read_text().splitlines()
    assert (data / "indexed-0" / "leader-epoch-checkpoint").read_text() == "0\n1\n0 0\n"
    assert not (data / ".kafka_cleanshutdown").exists()
    assert not list(data.glob("*/*.snapshot"))


def test_a_text_file_that_is_broken_is_not_taken_over(kinspect: Kinspect, broker_dir: Path, tmp_path: Path) -> None:
    (broker_dir / "indexed-0" / "partition.metadata").write_text("version: 0\ntopic_id: ???")
    (broker_dir / "indexed-0" / f"{0:020d}.log").write_bytes(BASE.read_bytes())
    done = kinspect("salvage", broker_dir, "-t", "indexed", "--output", tmp_path / "out", "-v")
    assert not (tmp_path / "out" / "data" / "indexed-0" / "partition.metadata").exists()
    assert "file-not-copied" in done.stdout + done.stderr


def test_an_empty_last_segment_keeps_the_end_of_the_log(kinspect: Kinspect, tmp_path: Path) -> None:
    folder = tmp_path / "t-0"
    folder.mkdir()
    (folder / f"{0:020d}.log").write_bytes(b"".join(BATCHES[:2]))
    (folder / f"{8:020d}.log").write_bytes(bytes(100))
    kinspect("salvage", folder, "--output", tmp_path / "out")
    written = sorted(path.name for path in (tmp_path / "out" / "data" / "t-0").glob("*.log"))
    assert written == [f"{0:020d}.log", f"{8:020d}.log"]


def test_segments_that_overlap_keep_each_offset_once(kinspect: Kinspect, tmp_path: Path) -> None:
    folder = tmp_path / "t-0"
    folder.mkdir()
    (folder / f"{0:020d}.log").write_bytes(b"".join(BATCHES[:6]))
    (folder / f"{8:020d}.log").write_bytes(b"".join(BATCHES[2:]))
    done = kinspect("salvage", folder, "--output", tmp_path / "out")
    assert done.returncode == 1
    data = tmp_path / "out" / "data" / "t-0"
    assert b"".join(path.read_bytes() for path in sorted(data.glob("*.log"))) == BASE.read_bytes()


def test_a_segment_named_beyond_its_batches_is_named_by_them(kinspect: Kinspect, tmp_path: Path) -> None:
    folder = tmp_path / "t-0"
    folder.mkdir()
    (folder / f"{500:020d}.log").write_bytes(BASE.read_bytes())
    kinspect("salvage", folder, "--output", tmp_path / "out")
    assert (tmp_path / "out" / "data" / "t-0" / f"{0:020d}.log").read_bytes() == BASE.read_bytes()


def test_more_offsets_than_an_index_can_count_begin_another_segment(kinspect: Kinspect, tmp_path: Path) -> None:
    folder = tmp_path / "t-0"
    folder.mkdir()
    far = make_batch(2**31 - 1, [b"a", b"b"])  # its second record is one too far
    (folder / f"{0:020d}.log").write_bytes(BATCHES[0] + far)
    kinspect("salvage", folder, "--output", tmp_path / "out")
    written = [path for path in (tmp_path / "out").rglob("*.log") if path.is_file()]
    assert sorted(path.read_bytes() for path in written) == sorted([BATCHES[0], far])


# -- refusals


@pytest.mark.parametrize("where", ["kafka/new", "kafka/indexed-0/new", "link/new", "kafka"])
def test_nothing_is_written_below_what_is_read(
    kinspect: Kinspect, broker_dir: Path, tmp_path: Path, where: str
) -> None:
    (tmp_path / "link").symlink_to(broker_dir)
    before = state(broker_dir)
    done = kinspect("salvage", broker_dir, "--output", tmp_path / where)
    assert done.returncode == 2
    assert "--output" in done.stderr
    assert state(broker_dir) == before


@pytest.mark.parametrize("given", ["indexed-0", "indexed-0/00000000000000000000.log"])
def test_nothing_is_written_beside_the_partition_that_was_given(
    kinspect: Kinspect, broker_dir: Path, given: str
) -> None:
    done = kinspect("salvage", broker_dir / given, "--output", broker_dir / "new")
    assert done.returncode == 2, done
    assert not (broker_dir / "new").exists()


def test_nothing_that_exists_is_written_over(kinspect: Kinspect, broker_dir: Path, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine").touch()
    done = kinspect("salvage", broker_dir, "--output", full)
    assert (done.returncode, list(full.iterdir())) == (2, [full / "mine"])
    assert "nothing is written over it" in done.stderr
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    assert kinspect("salvage", broker_dir, "--output", tmp_path / "link").returncode == 2


def test_an_empty_directory_may_be_named(kinspect: Kinspect, broker_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert kinspect("salvage", broker_dir, "-t", "codecs", "--output", tmp_path / "empty").returncode == 0
    assert (tmp_path / "empty" / "data").is_dir()


def test_an_earlier_attempt_is_named(kinspect: Kinspect, broker_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "out.unfinished").mkdir()
    done = kinspect("salvage", broker_dir, "--output", tmp_path / "out")
    assert done.returncode == 2
    assert "an earlier attempt left" in done.stderr


def test_a_wrong_option_leaves_nothing_behind(kinspect: Kinspect, broker_dir: Path, tmp_path: Path) -> None:
    assert kinspect("salvage", broker_dir, "-t", "nothing", "--output", tmp_path / "out").returncode == 1
    assert [path.name for path in tmp_path.iterdir()] == ["kafka"]


# -- cut short


def test_a_disk_that_is_full_leaves_an_unfinished_directory(broker_dir: Path, tmp_path: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    command = [str(SCRIPT), "salvage", str(broker_dir), "--output", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, check=False)
    assert done.returncode == 3
    assert "cannot write" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "out.unfinished").is_dir()


def test_ctrl_c_leaves_an_unfinished_directory_and_says_so(tmp_path: Path) -> None:
    image = tmp_path / "image"
    with image.open("wb") as file:
        for _ in range(60):
            file.write((b"\x00" * 15 + b"\x01") * 65536)
    command = [str(SCRIPT), "salvage", str(image), "--carve", "--output", str(tmp_path / "out")]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "out.unfinished").exists():
        time.sleep(0.05)
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "out.unfinished" in said
    assert not (tmp_path / "out").exists()


def test_a_file_that_cannot_be_read_is_told_and_the_rest_is_saved(
    without_privileges: Kinspect, broker_dir: Path, tmp_path: Path
) -> None:
    (broker_dir / "indexed-0" / f"{48:020d}.log").chmod(0)
    done = without_privileges("salvage", broker_dir, "-t", "indexed", "--output", tmp_path / "out")
    assert done.returncode == 3
    assert len(list((tmp_path / "out" / "data" / "indexed-0").glob("*.log"))) == 2


# -- rights, and any file


def test_rights_are_those_of_the_original(kinspect: Kinspect, broker_dir: Path, tmp_path: Path) -> None:
    (broker_dir / "indexed-0").chmod(0o750)
    for path in (broker_dir / "indexed-0").iterdir():
        path.chmod(0o440)
    kinspect("salvage", broker_dir, "-t", "indexed", "--output", tmp_path / "out")
    folder = tmp_path / "out" / "data" / "indexed-0"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o640}


def test_a_disk_image_is_carved(kinspect: Kinspect, tmp_path: Path) -> None:
    image = tmp_path / "sda1.img"
    image.write_bytes(bytes(5000) + BATCHES[3] + BATCHES[4] + b"\x07" * 777 + BATCHES[0] + bytes(99))
    done = kinspect("salvage", image, "--carve", "--output", tmp_path / "out")
    assert done.returncode == 0, done
    assert done.stdout.splitlines()[-1].startswith("3 batches with 12 records found by their CRCs")
    orphans = tmp_path / "out" / "orphans" / "sda1.img"
    found = {str(path.relative_to(orphans)): path.read_bytes() for path in orphans.rglob("*.log") if path.is_file()}
    position = 5000 + len(BATCHES[3] + BATCHES[4]) + 777
    assert found == {
        f"at-5000/{12:020d}.log": BATCHES[3] + BATCHES[4],
        f"at-{position}/{0:020d}.log": BATCHES[0],
    }


def test_files_of_other_names_in_a_partition_are_carved(kinspect: Kinspect, broker_dir: Path, tmp_path: Path) -> None:
    (broker_dir / "indexed-0" / "old.bak").write_bytes(b"junk" + BATCHES[5])
    kinspect("salvage", broker_dir, "-t", "indexed", "--carve", "--output", tmp_path / "out")
    found = tmp_path / "out" / "orphans" / "indexed-0" / "old.bak" / "at-4" / f"{20:020d}.log"
    assert found.read_bytes() == BATCHES[5]
