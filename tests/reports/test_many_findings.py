"""A segment full of damage: every finding passes as a row, and what is kept of them stays small."""

import json

import pytest
from click.testing import CliRunner
from inspector.cli.main import kinspect

from fixtures.make.damage import BASE, split, with_bit_flipped
from inspector import found
from inspector.found import Findings, not_kept
from inspector.reports.integrity import integrity
from inspector.reports.selection import Selection
from inspector.reports.show import show

KEPT = 5
BATCHES = split(BASE.read_bytes())


@pytest.fixture
def directory(tmp_path, monkeypatch):
    monkeypatch.setattr(found, "MOST_KEPT", KEPT)
    folder = tmp_path / "indexed-0"
    folder.mkdir()
    (folder / BASE.name).write_bytes(b"".join(with_bit_flipped(batch, 200) for batch in BATCHES))
    return folder


def test_verify_gives_every_finding_and_keeps_some(directory):
    report = integrity([directory], Selection())
    rows = list(report.all_rows())
    assert [row[0] for row in rows] == ["KI-2001"] * len(BATCHES) + ["KI-4501"]  # and what they cost
    assert [finding.slug for finding in report.findings] == ["crc-mismatch"] * KEPT + ["lost-offsets"]
    assert not_kept(report.findings) == {"crc-mismatch": len(BATCHES) - KEPT}
    assert report.verdict().text.startswith(f"damaged: {len(BATCHES)} errors; ")


def test_show_counts_what_it_does_not_keep(directory):
    report = show([directory], Selection(("*",)))
    assert len(list(report.all_rows())) == 48
    assert f"; {len(BATCHES)} errors" in report.verdict().text
    assert len(report.findings) == KEPT


def test_the_rest_is_told_with_a_way_to_see_it(directory):
    said = CliRunner().invoke(kinspect, ["verify", str(directory)]).stdout
    assert f"and {len(BATCHES) - KEPT} more crc-mismatch (all: kinspect verify -J)" in said
    lines = CliRunner().invoke(kinspect, ["verify", str(directory), "-J"]).stdout.splitlines()
    assert [json.loads(line)["slug"] for line in lines] == ["crc-mismatch"] * len(BATCHES) + ["lost-offsets"]


def test_a_kind_that_is_full_does_not_keep_out_another(directory):
    report = integrity([directory], Selection())
    for _ in report.all_rows():
        pass
    assert isinstance(report.findings, Findings)
    report.findings += [report.findings[0].as_slug("torn-tail")]
    assert report.findings[-1].slug == "torn-tail"


def test_consequences_are_not_counted_beyond(directory):
    report = integrity([directory], Selection())
    list(report.all_rows())
    before = not_kept(report.findings)["crc-mismatch"]
    report.findings.append(report.findings[0].because("something at 0"))
    assert not_kept(report.findings)["crc-mismatch"] == before
