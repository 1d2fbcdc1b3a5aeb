"""Explanations of every file that brokers wrote and of every damaged one: each byte has one owner, values give it back.

They say what the engine says: the same batches, records and findings.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.engine import ScanRequest, choose
from inspector.engine.chunk import batches_of, records_of
from inspector.explaining import Wanted, explain
from inspector.regions import Explanation, Region
from inspector.segment import parse_base_offset
from inspector.source import open_source
from tests.conftest import FIXTURES
from tests.explaining.rebuilding import assert_whole, leaves_of, regions_named

OF_THE_RECIPES = (
    ".py",
    ".java",
    ".sh",
    ".md",
    ".txt",
    ".jsonl",
    ".xml",
    ".go",
    ".mod",
    ".js",
    ".json",
    ".pyc",
    ".toml",
)


def log_directory_files(folder: str) -> list[Path]:
    return [
        path
        for path in sorted((FIXTURES / folder).rglob("*"))
        if path.is_file() and "kafka-says" not in str(path) and path.suffix not in OF_THE_RECIPES
    ]


BESIDE_LOGS = [path for path in log_directory_files("real") if path.suffix != ".log"]
REAL_LOGS = [path for path in log_directory_files("real") if path.suffix == ".log" and "many-0" not in path.parts]
DIRECTORIES = sorted({path.relative_to(FIXTURES / "real").parts[0] for path in REAL_LOGS})


@pytest.mark.parametrize("name", DIRECTORIES)
def test_every_byte_beside_the_logs_has_one_owner(name):
    for path in BESIDE_LOGS:
        if name in path.parts:
            assert_whole(explain(path))


@pytest.mark.parametrize("name", [name for name in DIRECTORIES if "replicas" not in name])
def test_every_byte_of_a_log_has_one_owner(name):
    for path in REAL_LOGS:
        if name in path.parts:
            explained = explain(path, Wanted(limit=2))
            assert_whole(explained)
            assert broken(explained) == []


@pytest.mark.parametrize("folder", ("damaged", "crashed", "built"))
def test_every_byte_of_a_damaged_file_has_one_owner(folder):
    for path in log_directory_files(folder):
        assert_whole(explain(path))


@pytest.mark.parametrize("path", sorted((FIXTURES / "damaged").glob("*/*/*.log")), ids=lambda path: path.parts[-3])
def test_what_is_wrong_is_said_at_a_field(path):
    explained = explain(path)
    told = [finding for finding in explained.findings if finding.slug not in ("zeroed-tail", "preallocated-tail")]
    assert bool(told) == bool(broken(explained))


CODECS = sorted((FIXTURES / "real").glob("kafka-*-stopped/codecs-*/*.log"))
OLD = sorted((FIXTURES / "real").glob("kafka-3.6.0-old-formats/*/*.log"))


@pytest.mark.parametrize("path", [*CODECS, *OLD], ids=lambda path: "/".join(path.parts[-3:-1]))
def test_values_are_those_of_the_engine(path):
    scanned = list(records_as_scanned(path))
    explained = list(records_as_explained(explain(path, Wanted(limit=0))))
    assert explained == scanned
    assert scanned


@pytest.mark.parametrize("path", [*CODECS, *OLD], ids=lambda path: "/".join(path.parts[-3:-1]))
def test_batches_are_those_of_the_engine(path):
    with open_source(path) as source:
        request = ScanRequest(base_offset=parse_base_offset(path.stem), records=False)
        scanned = [
            (one.position, one.batch_bytes, one.crc, True)
            for chunk in choose().scan(source, request, location_of(path))
            for one in batches_of(chunk)
        ]
    entries = explain(path).file_buffer.region.children
    told = [
        (one.span.position, one.span.size, crc_of(one).value, "the same as stored" in crc_of(one).formula)
        for one in entries
    ]
    assert told == scanned


def location_of(path: Path):
    from inspector.location import Location

    return Location(path.name)


def crc_of(entry: Region) -> Region:
    return next(leaf for leaf in entry.leaves() if leaf.name == "crc")


def broken(explained: Explanation) -> list[str]:
    """The regions that are not what they should be."""
    return [region.name for buffer in explained.buffers for region in regions_named(buffer.region) if region.problem]


def records_as_scanned(path: Path):
    with open_source(path) as source:
        request = ScanRequest(base_offset=parse_base_offset(path.stem))
        for chunk in choose().scan(source, request, location_of(path)):
            for _batch, record in records_of(chunk):
                yield record.offset, record.timestamp, record.key, record.value


def records_as_explained(explained: Explanation):
    """Offset, timestamp, key and value of every record, as its fields and formulas tell them, in the file's order."""
    inside = {buffer.id: buffer for buffer in explained.buffers[1:]}
    for entry in explained.file_buffer.region.children:
        opened = next((leaf.opens for leaf in entry.leaves() if leaf.opens), None)
        holder = inside[opened].region if opened else entry
        records = [one for one in holder.children if one.name.startswith(("record ", "message "))] or [holder]
        yield from (told(record) for record in records)


def told(record: Region):
    """Where a formula tells the value, its last number is it; else it is the field's own."""
    leaves = leaves_of(record)
    offset = _result(leaves.get("offset_delta") or leaves["offset"])
    stamp = leaves.get("timestamp_delta") or leaves.get("timestamp")
    return offset, -1 if stamp is None else _result(stamp), leaves["key"].value, leaves["value"].value


def _result(leaf: Region) -> int:
    import re

    formula = leaf.formula.partition(";")[0]
    numbers = re.findall(r"= (-?\d+)", formula)
    return int(numbers[-1]) if numbers else leaf.value


@pytest.mark.parametrize("path", sorted((FIXTURES / "damaged").glob("*/*/*.log")), ids=lambda path: path.parts[-3])
def test_verify_finds_the_same(path):
    """`verify` finds more: what is between files, and what was lost."""
    from inspector.reports.integrity import integrity
    from inspector.reports.selection import Selection

    report = integrity([path], Selection())
    list(report.all_rows())
    verified = {(one.slug, one.location.position, one.location.field) for one in report.findings}
    explained = {(one.slug, one.location.position, one.location.field) for one in explain(path).findings}
    assert explained <= verified
    assert {one for one in verified if one[0] in OF_BYTES} <= explained


OF_BYTES = ("crc-mismatch", "truncated-batch", "unreadable-bytes", "batch-length-too-small", "malformed-record")
