"""`kinspect explain` as it is printed: in the width there is, without forgeries, with the exit codes of all."""

from __future__ import annotations

import json
import re

import pytest

from fixtures.make.damage import make_batch
from tests.conftest import FIXTURES

REAL = FIXTURES / "real" / "kafka-3.6.0-stopped"
STEM = "00000000000000000000"
LOG = REAL / "codecs-1" / f"{STEM}.log"
FILES = (
    LOG,
    REAL / "transactions-0" / "00000000000000000005.log",
    REAL / "transactions-0" / "00000000000000000012.snapshot",
    REAL / "replication-offset-checkpoint",
    FIXTURES / "real" / "kafka-4.3.0-stopped" / "__cluster_metadata-0" / f"{STEM}.log",
    FIXTURES / "damaged" / "foreign-bytes-between" / "indexed-0" / f"{STEM}.log",
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_line_fits_80_columns(kinspect, path):
    lines = kinspect("explain", path, "--no-pager").stdout.splitlines()
    rows = lines[: next((n for n, line in enumerate(lines) if line.startswith(("error ", "note: "))), None)]
    assert rows
    assert [line for line in rows if len(line) > 80 and "file" not in line] == []


@pytest.mark.parametrize("columns", (60, 80, 100))
def test_every_line_fits_the_page(columns, monkeypatch):
    import io
    from pathlib import Path

    from inspector.cli.render.explained import EXPLAINED_FORMATS
    from inspector.cli.render.page import Page
    from inspector.cli.render.style import Style

    from inspector.explaining import explain

    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", str(columns))
    stream = Terminal()
    EXPLAINED_FORMATS["text"].load()(explain(Path(LOG)), Page(stream, "never"), Style())
    assert max(map(len, stream.getvalue().splitlines())) <= columns


def test_payloads_forge_nothing(kinspect, tmp_path):
    folder = tmp_path / "forged-0"
    folder.mkdir()
    (folder / f"{STEM}.log").write_bytes(
        make_batch(0, [b"\x1b[31mred\n       0  00  base_offset = 7", b"\xe2\x80\xae"])
    )
    printed = kinspect("explain", folder / f"{STEM}.log", "--no-pager").stdout
    assert "\x1b" not in printed
    assert "\u202e" not in printed
    assert printed.count("\n       0  00  base_offset") == 0
    assert "\\u001b[31mred\\n" in printed.replace("\n" + " " * 39, "")


def test_hex_has_the_colour_of_its_kind(kinspect):
    printed = kinspect("explain", LOG, "--batch", "0", "-q", "--color", "always").stdout
    assert "\x1b[36m00 00 00 00 00 00 00 00\x1b[0m  \x1b[36m    base_offset = 0\x1b[0m" in printed
    assert "\x1b[32m" in printed


def test_long_bytes_are_cut_with_their_number(kinspect):
    printed = kinspect("explain", LOG, "--batch", "1", "-q", "--no-pager").stdout
    assert re.search(r"… 6,091 more bytes", printed)


def test_quiet_leaves_the_sentences_out(kinspect):
    whole, quiet = (kinspect("explain", LOG, *more).stdout for more in ((), ("-q",)))
    assert "Who wrote it" in whole
    assert "Who wrote it" not in quiet
    assert "last_offset = base_offset" in quiet.replace("\n", " ")


def test_json_is_one_object_and_its_lines_are_its_leaves(kinspect):
    whole = json.loads(kinspect("explain", LOG, "-f", "json").stdout)
    lines = [json.loads(line) for line in kinspect("explain", LOG, "-J").stdout.splitlines()]
    assert list(whole) == ["file", "what", "size", "buffers", "findings", "notes"]
    assert [buffer["id"] for buffer in whole["buffers"]] == [0, 1, 2, 3]
    sizes = {number: sum(line["size"] for line in lines if line["buffer"] == number) for number in range(4)}
    assert sizes == {buffer["id"]: buffer["size"] for buffer in whole["buffers"]}
    paths = [line["path"] for line in lines]
    assert paths[0] == "batch 0/header/base_offset"
    assert "batch 0, decompressed/record 1/key" in paths
    assert "".join(line["hex"] for line in lines if line["buffer"] == 0) == whole["buffers"][0]["hex"]


@pytest.mark.parametrize(
    ("words", "code"),
    (
        (("explain", LOG), 0),
        (("explain", FILES[-1]), 1),
        (("explain", FILES[-1], "--fail-on", "never"), 0),
        (("explain", FILES[-1], "--batch", "0"), 0),
        (("explain", LOG, "--offset", "4000"), 1),
        (("explain", LOG, "--offset", "1", "--batch", "1"), 2),
        (("explain", LOG, "-J", "-f", "json"), 2),
        (("explain", REAL), 3),
        (("explain", REAL / "nothing"), 3),
        (("explain", FIXTURES / "README.md"), 3),
    ),
    ids=str,
)
def test_exit_codes(kinspect, words, code):
    done = kinspect(*words)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_a_file_is_written_once(kinspect, tmp_path):
    target = tmp_path / "explained.txt"
    assert kinspect("explain", LOG, "--output", target).returncode == 0
    first = target.read_text(encoding="utf-8")
    assert first.startswith(f"{STEM}.log, 6,681 bytes\n")
    refused = kinspect("explain", LOG, "-J", "--output", target)
    assert refused.returncode == 2
    assert target.read_text(encoding="utf-8") == first
    assert kinspect("explain", LOG, "-J", "--output", target, "--force").returncode == 0
    assert target.read_text(encoding="utf-8").startswith('{"buffer": 0')


def test_nothing_is_written_into_a_log_directory(kinspect, tmp_path):
    copy = tmp_path / "orders-0" / f"{STEM}.log"
    copy.parent.mkdir()
    copy.write_bytes(LOG.read_bytes())
    done = kinspect("explain", copy, "--output", copy, "--force")
    assert done.returncode == 2
    assert copy.read_bytes() == LOG.read_bytes()
    assert list(copy.parent.iterdir()) == [copy]


def test_nothing_is_written_below_a_log_directory_either(kinspect, tmp_path):
    deeper = tmp_path / "data" / "notes" / "today"
    deeper.mkdir(parents=True)
    (tmp_path / "data" / "meta.properties").write_text("version=1\nnode.id=1\ncluster.id=x\n")
    assert kinspect("explain", LOG, "--output", deeper / "page.html", "-f", "html").returncode == 2
    assert list(deeper.iterdir()) == []
