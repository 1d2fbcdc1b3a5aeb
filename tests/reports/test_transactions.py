"""What became of each transaction: by Kafka's own reading of the fixtures, and on segments made by hand."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.make.damage import with_bit_flipped, with_fields
from inspector import transactions as module
from inspector.reports.filters import Filters
from inspector.reports.selection import OffsetRange
from tests.conftest import FIXTURES
from tests.reports.conftest import shown
from tests.reports.segments import TOPIC, control_husk, data_batch, made_partition, marker, timed_batch

SAYS = ".kafka-says"
REAL = FIXTURES / "real"
TXN_INDEX_LINE = re.compile(r"producerId: (\d+) firstOffset: (\d+) lastOffset: (\d+)")


def partitions_with_transactions():
    """Directory and partition, wherever Kafka read a transactional batch."""
    files = sorted(REAL.glob(f"*{SAYS}/*/*.jsonl"))
    found = (file.parent for file in files if '"isTransactional":true' in file.read_text())
    return sorted({(folder.parent.name.removesuffix(SAYS), folder.name) for folder in found})


def by_kafka(directory, partition):
    """Offset → outcome of each transactional record, by the batches and markers that Kafka's classes read."""
    outcomes, pending, batch = {}, {}, {}
    for file in sorted((REAL / f"{directory}{SAYS}" / partition).glob(f"{'[0-9]' * 20}.jsonl")):
        for said in map(json.loads, file.read_text().splitlines()):
            if said["line"] == "batch":
                batch = said
            elif batch["isTransactional"] and not batch["isControlBatch"]:
                pending.setdefault(batch["producerId"], []).append(said["offset"])
            elif said.get("controlType") in ("COMMIT", "ABORT"):
                outcome = {"COMMIT": "committed", "ABORT": "aborted"}[said["controlType"]]
                outcomes.update(dict.fromkeys(pending.pop(batch["producerId"], []), outcome))
    return outcomes | {offset: "open" for offsets in pending.values() for offset in offsets}


@pytest.mark.parametrize(("directory", "partition"), partitions_with_transactions())
def test_every_outcome_is_the_one_that_kafka_reads(directory, partition):
    part = shown(REAL / directory / partition)
    told = {row["offset"]: row["transaction"] for row in part.rows if row["transaction"] is not None}
    assert told == by_kafka(directory, partition)
    assert {row["is_transactional"] and not row["is_control"] for row in part.rows if row["transaction"]} <= {True}


@pytest.mark.parametrize("directory", [path.name for path in sorted(REAL.glob("*/")) if SAYS not in path.name])
def test_the_aborted_records_are_those_of_the_transaction_indexes(directory):
    for dump in sorted((REAL / f"{directory}{SAYS}").glob("*/*.txnindex.dump.txt")):
        rows = shown(REAL / directory / dump.parent.name).rows
        for producer_id, first, last in (map(int, found) for found in TXN_INDEX_LINE.findall(dump.read_text())):
            of_it = [r for r in rows if r["producer_id"] == producer_id and first <= r["offset"] < last]
            assert {row["transaction"] for row in of_it if not row["is_control"]} <= {"aborted"}
            assert [row["offset"] for row in of_it][:1] in ([first], [])


# -- segments made by hand


def outcomes(directory, **selection):
    return {row["offset"]: row["transaction"] for row in shown(directory, TOPIC, **selection).rows}


def test_the_first_marker_of_the_producer_decides_and_its_epoch_does_not_matter(tmp_path):
    directory = made_partition(
        tmp_path / "data",
        data_batch(0, 7) + data_batch(1, 8) + marker(2, 8, "abort") + marker(3, 7, "commit", epoch=1)
        + data_batch(4, 7, epoch=1) + marker(5, 7, "abort", epoch=2) + data_batch(6, 8),
    )  # fmt: skip
    told = outcomes(directory)
    assert told == {0: "committed", 1: "aborted", 2: None, 3: None, 4: "aborted", 5: None, 6: "open"}


def test_a_marker_without_data_decides_nothing_behind_it(tmp_path):
    directory = made_partition(tmp_path / "data", marker(0, 7, "abort") + data_batch(1, 7) + marker(2, 7))
    assert outcomes(directory) == {0: None, 1: "committed", 2: None}


def test_the_marker_may_lie_segments_ahead(tmp_path):
    segments = [data_batch(0, 7) + data_batch(1, 8), *(timed_batch(n, [n]) for n in range(2, 9)), marker(9, 7)]
    directory = made_partition(tmp_path / "data", *segments)
    assert outcomes(directory, limit=2) == {0: "committed", 1: "open"}


def test_what_a_file_alone_does_not_tell_is_unknown_and_said(tmp_path):
    directory = made_partition(tmp_path / "data", data_batch(0, 7) + data_batch(1, 8) + marker(2, 8), marker(3, 7))
    part = shown(directory / f"{TOPIC}-0" / f"{0:020}.log")
    assert [row["transaction"] for row in part.rows] == ["unknown", "committed", None]
    (finding,) = part.findings
    assert (finding.slug, finding.location.position, finding.first_offset) == ("transaction-marker-elsewhere", 0, 0)
    assert not part.verdict.incomplete


def test_a_segment_alone_that_is_the_last_of_its_folder_has_an_end(tmp_path):
    directory = made_partition(tmp_path / "data", data_batch(0, 8), data_batch(1, 7))
    part = shown(directory / f"{TOPIC}-0" / f"{1:020}.log")
    assert ([row["transaction"] for row in part.rows], part.findings) == (["open"], [])


DAMAGED = {
    "its-crc": with_bit_flipped(marker(1, 7), 70),
    "its-producer": with_bit_flipped(marker(1, 7), 50),
    "its-control-bit": with_fields(marker(1, 7), attributes=0x10),
    "its-magic": with_fields(marker(1, 7), magic=5),
    "its-length": with_fields(marker(1, 7), batch_length=90),
    "all-of-it": b"\xa5" * 78,
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_marker_makes_the_outcome_unknown_with_a_reason(tmp_path, damage):
    behind = data_batch(2, 9, epoch=3) + marker(3, 7, "abort") + marker(4, 9)
    directory = made_partition(tmp_path / "data", data_batch(0, 7) + DAMAGED[damage] + behind)
    part = shown(directory, TOPIC, limit=1)
    assert [row["transaction"] for row in part.rows] == ["unknown"]
    (finding,) = [finding for finding in part.findings if finding.code == "KI-5001"]
    assert finding.location.position == 0
    assert "position" in str(finding.found)
    told = outcomes(directory)
    assert (told[0], told[2]) == ("unknown", "committed")


def test_an_undecodable_marker_hides_the_outcome_of_its_producer_only(tmp_path):
    directory = made_partition(
        tmp_path / "data",
        data_batch(0, 7) + data_batch(1, 8) + control_husk(2, 7) + marker(3, 8) + marker(4, 7),
    )
    part = shown(directory, TOPIC)
    assert [row["transaction"] for row in part.rows][:2] == ["unknown", "committed"]
    assert part.slugs == ["transaction-marker-hidden"]


def test_damage_in_a_value_ahead_hides_nothing(tmp_path):
    damaged = with_bit_flipped(data_batch(1, 7, count=30), 300)
    directory = made_partition(tmp_path / "data", data_batch(0, 7) + damaged + marker(31, 7))
    told = outcomes(directory)
    assert told.pop(31) is None
    assert set(told.values()) == {"committed"}
    assert len(told) == 31


def test_records_of_a_damaged_batch_have_an_outcome_too(tmp_path):
    damaged = with_bit_flipped(data_batch(0, 7, count=3), 75)
    directory = made_partition(tmp_path / "data", damaged + marker(3, 7, "abort"))
    rows = shown(directory, TOPIC).rows[:-1]
    assert {(row["damaged"], row["transaction"]) for row in rows} == {(True, "aborted")}


def test_a_swallowed_marker_does_not_let_a_later_one_decide(tmp_path):
    big, hidden = data_batch(1, 9, count=20), marker(21, 7, "abort")
    swallowing = with_fields(big, batch_length=len(big) + len(hidden) - 12)
    log = data_batch(0, 7) + swallowing + hidden + marker(22, 7) + marker(23, 9)
    told = outcomes(made_partition(tmp_path / "data", log))
    assert told[0] in ("aborted", "unknown")


def test_a_torn_tail_is_the_end_of_the_log_and_the_transaction_open(tmp_path):
    directory = made_partition(tmp_path / "data", data_batch(0, 7) + marker(1, 7)[:40])
    (directory / ".kafka_cleanshutdown").unlink()
    part = shown(directory, TOPIC)
    assert ([row["transaction"] for row in part.rows], part.slugs) == (["open"], ["torn-tail"])


def test_after_a_clean_stop_a_truncated_batch_may_be_the_marker(tmp_path):
    directory = made_partition(tmp_path / "data", data_batch(0, 7) + marker(1, 7)[:40])
    assert outcomes(directory) == {0: "unknown"}


def test_a_segment_ahead_that_cannot_be_read_is_named_and_the_answer_incomplete(tmp_path, monkeypatch):
    directory = made_partition(tmp_path / "data", data_batch(0, 7), timed_batch(1, [5]), marker(2, 7))
    monkeypatch.setattr(module, "read_segment", refusing(f"{1:020}.log"))
    part = shown(directory, TOPIC, limit=1)
    assert [row["transaction"] for row in part.rows] == ["unknown"]
    assert part.slugs == ["transaction-marker-hidden", "unreadable-file"]
    assert part.verdict.incomplete


def refusing(name):
    """`read_segment`, but that one file cannot be read."""
    from inspector.errors import InputError
    from inspector.reading import cannot_read, read_segment

    def read(segment, engine, request, findings, shutdown):
        if segment.name == name:
            findings.append(cannot_read(segment, InputError("no")))
            return iter(())
        return read_segment(segment, engine, request, findings, shutdown)

    return read


# -- how far is looked ahead


def test_looking_ahead_decodes_control_records_alone(tmp_path, decoded):
    first = data_batch(0, 7)
    between = b"".join(timed_batch(n, [n]) for n in range(1, 40))
    directory = made_partition(tmp_path / "data", first, between + marker(40, 7))
    assert outcomes(directory, offsets=OffsetRange(0, 1)) == {0: "committed"}
    assert decoded == [0, 40]


def test_records_without_transactions_are_read_once(tmp_path, reads):
    directory = made_partition(tmp_path / "data", timed_batch(0, [1, 2]), timed_batch(2, [3]))
    assert outcomes(directory) == {0: None, 1: None, 2: None}
    first = [(position, size) for path, position, size in reads.ranges if path.endswith(f"{0:020}.log")]
    assert len(first) == 1


def test_an_open_transaction_lets_each_segment_be_opened_once_more_only(tmp_path, reads):
    segments = [b"".join(data_batch(4 * n + i, 7 + i % 2) for i in range(4)) for n in range(5)]
    directory = made_partition(tmp_path / "data", *segments)
    assert set(outcomes(directory).values()) == {"open"}
    for number in range(4):
        assert sum(path.endswith(f"{4 * number:020}.log") for path in reads.opened) == 2


def test_forgotten_markers_are_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_RUNS", 3)
    log, expected = b"", {}
    for offset in range(0, 60, 2):
        log += data_batch(offset, 100 + offset) + marker(offset + 1, 100 + offset - 20, "abort")
        expected[offset] = "aborted" if offset + 20 < 60 else "open"
    told = outcomes(made_partition(tmp_path / "data", log))
    assert {offset: outcome for offset, outcome in told.items() if outcome} == expected


# -- any log


EVENTS = st.lists(
    st.tuples(st.sampled_from(["data", "data", "plain", "commit", "abort", "roll"]), st.integers(0, 3)), min_size=1,
    max_size=40,
)  # fmt: skip


def written(events):
    """Segments with one offset an event, and the outcome of each record by arithmetic alone."""
    segments, outcome, pending, offset = [b""], {}, {}, 0
    for kind, producer in events:
        if kind == "roll":
            segments += [b""] if segments[-1] else []
            continue
        if kind == "data":
            segments[-1] += data_batch(offset, producer)
            pending.setdefault(producer, []).append(offset)
        elif kind == "plain":
            segments[-1] += timed_batch(offset, [offset])
        else:
            segments[-1] += marker(offset, producer, kind)
            end = {"commit": "committed", "abort": "aborted"}[kind]
            outcome.update(dict.fromkeys(pending.pop(producer, []), end))
        offset += 1
    outcome.update({at: "open" for offsets in pending.values() for at in offsets})
    return [segment for segment in segments if segment], {at: outcome.get(at) for at in range(offset)}


@given(EVENTS, st.integers(0, 40), st.integers(1, 40), st.sampled_from([1, 3, 1024]), st.sampled_from([2, 10**6]))
@settings(max_examples=120, deadline=None)
def test_any_order_of_data_and_markers_gives_the_outcomes_of_arithmetic(
    tmp_path_factory, events, start, count, chunk, runs
):
    segments, expected = written(events)
    directory = made_partition(tmp_path_factory.mktemp("log") / "data", *segments)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inspector.engine.by_spec.CHUNK_BATCHES", chunk)
        patch.setattr(module, "MOST_RUNS", runs)
        assert outcomes(directory) == expected
        part = {offset: outcome for offset, outcome in expected.items() if offset >= start}
        assert outcomes(directory, offsets=OffsetRange(start)) == part
        assert outcomes(directory, tail=count) == dict(list(expected.items())[-count:])
        for state in ("committed", "aborted", "open"):
            wanted = [offset for offset, outcome in expected.items() if outcome == state]
            filters = Filters(transactions=frozenset((state,)))
            assert list(outcomes(directory, filters=filters)) == wanted
            assert list(outcomes(directory, filters=filters, limit=count)) == wanted[:count]
            assert list(outcomes(directory, filters=filters, tail=count)) == wanted[-count:]
    shutil.rmtree(directory)


@given(EVENTS, st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_flipped_bytes_make_outcomes_unknown_and_never_wrong(tmp_path_factory, events, flips):
    segments, expected = written(events)
    bases = tuple(int.from_bytes(segment[:8], "big") for segment in segments)
    if not segments:
        return
    for place, mask in flips:
        data = bytearray(segments[place % len(segments)])
        data[place % len(data)] ^= mask
        segments[place % len(segments)] = bytes(data)
    directory = made_partition(tmp_path_factory.mktemp("log") / "data", *segments, bases=bases)
    part = shown(directory, TOPIC)
    for row in part.rows:
        if row["is_transactional"] and not row["is_control"] and not row["damaged"]:
            assert row["transaction"] in ("unknown", expected[int(row["value"])])
    if any(row["transaction"] == "unknown" for row in part.rows):
        assert "transaction-marker-hidden" in part.slugs
    shutil.rmtree(directory)
