"""How many bytes an answer cost: every report that reads logs counts them."""

from __future__ import annotations

from collections import deque

import pytest

from inspector.reports.batches import batches
from inspector.reports.integrity import integrity
from inspector.reports.inventory import inventory
from inspector.reports.labs import lab_check
from inspector.reports.selection import OffsetRange, Selection
from inspector.reports.show import show

INDEXED = Selection(topics=("indexed",))

REPORTS = {
    "show": lambda path: show([path], INDEXED),
    "batches": lambda path: batches([path], INDEXED),
    "verify": lambda path: integrity([path], INDEXED),
    "ls": lambda path: inventory([path], INDEXED, segments=False),
    "labs-check": lambda path: lab_check([path], (1,)),
}


def cost(report) -> int:
    """The bytes that were read once all rows were taken."""
    deque(report.all_rows(), maxlen=0)
    return report.progress.meter.bytes_read


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_on_logs_counts_what_it_reads(name, real_dirs):
    assert cost(REPORTS[name](real_dirs["kafka-3.6.0-stopped"])) > 0


def test_two_answers_do_not_share_their_count(real_dirs):
    path = real_dirs["kafka-3.6.0-stopped"]
    once = cost(show([path], INDEXED))
    assert cost(show([path], INDEXED)) == once


def test_whole_segments_are_counted_whole(real_dirs):
    path = real_dirs["kafka-3.6.0-stopped"]
    sizes = sum(file.stat().st_size for file in (path / "indexed-0").glob("*.log"))
    assert cost(integrity([path], INDEXED)) >= sizes


def test_what_an_index_spares_is_not_counted(real_dirs):
    path = real_dirs["kafka-3.6.0-stopped"]
    end = Selection(topics=("indexed",), offsets=OffsetRange(140))
    assert cost(show([path], end)) < cost(show([path], INDEXED)) / 2
