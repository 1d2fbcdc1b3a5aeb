"""A delivery log against the disk: each promise that can be broken is broken once, and once by everything at random."""

from __future__ import annotations

import hashlib
import json
import os
import random
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.make.damage import make_batch_of, make_record, with_bit_flipped
from inspector.auditing.acks import DeliveryLog, read_acks
from inspector.auditing.evidence import _Partition
from inspector.reports.audit import audit
from inspector.reports.selection import Selection
from tests.reports.conftest import Taken, taken

Ack = dict[str, Any]
Records = list[tuple[bytes, bytes]]


class Disk:
    """One topic, written batch by batch, and the delivery log that its producer kept."""

    def __init__(self, partitions: int = 1) -> None:
        self.batches: list[list[bytes]] = [[] for _ in range(partitions)]
        self.ends = [0] * partitions
        self.acks: list[Ack] = []
        self.cleaned: dict[int, int] | None = {}

    def send(self, *records: str, partition: int = 0, ack: bool = True, **header: int) -> None:
        """One batch; a record is its value, and its key is `k-` and that."""
        offset = self.ends[partition]
        pairs = [(f"k-{record}".encode(), record.encode()) for record in records]
        self.batches[partition].append(batch_of(offset, pairs, **header))
        self.ends[partition] += len(records)
        for number, (key, value) in enumerate(pairs):
            line = {"topic": "t", "partition": partition, "offset": offset + number, "sent": len(self.acks)}
            self.acks += [{**line, "key": key.decode(), "value": value.decode()}] if ack else []

    def written(self, root: Path, base: int = 0) -> Path:
        """The directory of a broker."""
        root.mkdir(exist_ok=True)
        (root / "meta.properties").write_text("version=1\ncluster.id=AAAAAAAAAAAAAAAAAAAAAA\nnode.id=1\n")
        if self.cleaned is not None:
            lines = [f"t {number} {offset}" for number, offset in self.cleaned.items()]
            (root / "cleaner-offset-checkpoint").write_text("\n".join(("0", str(len(lines)), *lines, "")))
        for number, batches in enumerate(self.batches):
            folder = root / f"t-{number}"
            folder.mkdir()
            (folder / f"{base:020}.log").write_bytes(b"".join(batches))
        return root

    def audited(self, root: Path, **selection: Any) -> Taken:
        """What is found about it."""
        log = log_of(root.parent / "acks.jsonl", self.acks)
        return taken(audit([self.written(root)], Selection(**selection), log))


def batch_of(offset: int, pairs: Records, **header: int) -> bytes:
    records = b"".join(make_record(number, value, key) for number, (key, value) in enumerate(pairs))
    return make_batch_of(offset, records, len(pairs), **header)


def log_of(path: Path, acks: list[Ack]) -> DeliveryLog:
    path.write_text("".join(json.dumps(ack) + "\n" for ack in acks))
    return read_acks(str(path))


def outcomes(part: Taken) -> list[tuple[str, int, int, int | None, int | None]]:
    return [(row["outcome"], row["partition"], row["offset"], row["lies_in"], row["lies_at"]) for row in part.rows]


@pytest.fixture
def disk() -> Disk:
    """Six batches of three."""
    made = Disk()
    for number in range(6):
        made.send(*(f"{number}-{name}" for name in "abc"))
    return made


def test_all_that_was_acknowledged_is_there(disk, tmp_path):
    disk.send("not told of", ack=False)
    part = disk.audited(tmp_path / "data")
    assert part.rows == []
    assert part.verdict.ok
    assert part.verdict.text == "18 acknowledged records: 18 present; no damage seen"


def test_a_log_that_ends_too_early_has_lost_records(disk, tmp_path):
    del disk.batches[0][4:]
    part = disk.audited(tmp_path / "data")
    assert outcomes(part) == [("lost", 0, offset, None, None) for offset in range(12, 18)]
    assert part.rows[0]["why"] == "the log ends before offset 12"
    assert not part.verdict.ok


def test_a_batch_that_is_missing_in_between_is_lost_unless_compaction_may_have_been_there(disk, tmp_path):
    del disk.batches[0][2]
    lost = disk.audited(tmp_path / "data")
    assert outcomes(lost) == [("lost", 0, offset, None, None) for offset in (6, 7, 8)]
    disk.cleaned = {0: 8}
    by_half = disk.audited(tmp_path / "by-half")
    assert [row["outcome"] for row in by_half.rows] == ["undecidable", "undecidable", "lost"]
    disk.cleaned = None
    unknown = disk.audited(tmp_path / "unknown")
    assert [row["outcome"] for row in unknown.rows] == ["undecidable"] * 3
    assert "cleaner-offset-checkpoint is missing" in unknown.rows[0]["why"]
    assert unknown.verdict.ok


def test_what_compaction_took_out_of_a_batch_cannot_be_told(disk, tmp_path):
    thin = make_record(1, b"1-b", b"k-1-b")
    disk.batches[0][1] = make_batch_of(3, thin, 1, last_offset_delta=2)
    part = disk.audited(tmp_path / "data")
    assert outcomes(part) == [("undecidable", 0, 3, None, None), ("undecidable", 0, 5, None, None)]
    assert "compaction took it out of its batch" in part.rows[0]["why"]


def test_before_the_log_start_offset_nothing_can_be_told(disk, tmp_path):
    del disk.batches[0][:2]
    root = disk.written(tmp_path / "data", base=6)
    part = taken(audit([root], Selection(), log_of(tmp_path / "acks", disk.acks)))
    assert outcomes(part) == [("undecidable", 0, offset, None, None) for offset in range(6)]
    assert "below the log start offset 6" in part.rows[0]["why"]


def test_damage_at_the_start_of_the_log_hides_nothing_that_was_removed_before(disk, tmp_path):
    disk.batches[0][2] = with_bit_flipped(disk.batches[0][2], 70)
    del disk.batches[0][:2]
    root = disk.written(tmp_path / "data", base=6)
    part = taken(audit([root], Selection(), log_of(tmp_path / "acks", disk.acks)))
    assert [row["outcome"] for row in part.rows] == ["undecidable"] * 6 + ["damaged"] * 3


def test_batches_that_claim_a_wide_range_of_offsets_cost_no_more_than_others(tmp_path):
    disk = Disk()
    for number in range(3000):
        disk.send(str(number), last_offset_delta=2**31 - 1)
    counted = 0

    def counting(self, start, stop):
        nonlocal counted
        for case in cases_in(self, start, stop):
            counted += 1
            yield case

    cases_in = _Partition._cases_in
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Partition, "_cases_in", counting)
        part = disk.audited(tmp_path / "data")
    assert {row["outcome"] for row in part.rows} <= {"undecidable"}
    assert counted <= 3 * 3000


def test_another_record_at_an_offset_is_told_from_the_one_acknowledged(disk, tmp_path):
    disk.batches[0][5] = batch_of(15, [(b"k-5-a", b"5-a"), (b"k-5-b", b"other"), (b"other", b"5-c")])
    part = disk.audited(tmp_path / "data")
    assert outcomes(part) == [("replaced", 0, 16, None, None), ("replaced", 0, 17, None, None)]
    place = part.rows[0]
    assert (place["segment"], place["position"]) == (f"{0:020}.log", sum(map(len, disk.batches[0][:5])))


def test_a_marker_at_an_offset_is_no_record(disk, tmp_path):
    disk.batches[0][5] = batch_of(15, [(b"\0\0\0\1", b"\0" * 6)], attributes=0x30, producer_id=7)
    del disk.acks[-2:]
    assert outcomes(disk.audited(tmp_path / "data")) == [("replaced", 0, 15, None, None)]


def test_a_record_that_lies_elsewhere_is_found_by_its_content(tmp_path):
    disk = Disk(2)
    disk.send("a", "b", "c")
    disk.send("x", partition=1)
    disk.send("b", partition=1, ack=False)
    disk.batches[0] = [batch_of(0, [(b"k-a", b"a"), (b"k-?", b"?"), (b"k-c", b"c")])]
    part = disk.audited(tmp_path / "data")
    assert outcomes(part) == [("misplaced", 0, 1, 1, 1)]
    assert part.rows[0]["why"] == "at its own place: another record has its offset"


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ((-1, -1), (-1, -1), "by a producer without idempotence"),
        ((7, 0), (8, 0), "sent by producer 7 and by producer 8"),
        ((7, 4), (7, 5), "sent twice by producer 7"),
        ((7, 4), (7, 4), "producer 7 wrote sequence 4 twice"),
    ],
)
def test_a_record_that_lies_there_twice_is_doubled(tmp_path, first, second, why):
    disk = Disk()
    disk.send("a", producer_id=first[0], base_sequence=first[1])
    disk.send("a", ack=False, producer_id=second[0], base_sequence=second[1])
    part = disk.audited(tmp_path / "data")
    assert outcomes(part) == [("doubled", 0, 0, 0, 1)]
    assert part.rows[0]["why"].startswith(why)
    assert not part.verdict.ok


def test_the_same_content_acknowledged_twice_is_not_doubled(tmp_path):
    disk = Disk()
    disk.send("a", "a")
    assert disk.audited(tmp_path / "data").rows == []


def test_the_fewest_records_that_broke_the_order_are_named(disk, tmp_path):
    late = disk.acks[4:6]
    for ack, sent in zip(late, (16.5, 16.6), strict=True):
        ack["sent"] = sent
    part = disk.audited(tmp_path / "data")
    assert outcomes(part) == [("reordered", 0, 4, None, None), ("reordered", 0, 5, None, None)]
    assert part.rows[0]["why"] == "sent after the record of line 17, which lies behind it at offset 16"


def test_the_order_of_several_producers_is_that_of_each(disk, tmp_path):
    for ack in disk.acks:
        ack["sent"], ack["producer"] = ack["offset"] % 2 * -100 + ack["offset"], ack["offset"] % 2
    assert disk.audited(tmp_path / "data").rows == []
    for ack in disk.acks:
        del ack["sent"]
    assert disk.audited(tmp_path / "again").rows == []


def test_records_in_damaged_batches_are_damaged_and_those_behind_are_not(disk, tmp_path):
    disk.batches[0][1] = with_bit_flipped(disk.batches[0][1], 70)
    disk.batches[0][3] = bytes(len(disk.batches[0][3]))
    part = disk.audited(tmp_path / "data")
    assert outcomes(part) == [("damaged", 0, offset, None, None) for offset in (3, 4, 5, 9, 10, 11)]
    starts = [sum(map(len, disk.batches[0][:number])) for number in (1, 3)]
    assert [row["position"] for row in part.rows] == [starts[0]] * 3 + [starts[1]] * 3


def test_bytes_at_the_end_that_were_never_a_whole_batch_do_not_hide_a_loss(disk, tmp_path):
    disk.batches[0][5] = disk.batches[0][5][:-10]
    disk.cleaned = {}
    root = disk.written(tmp_path / "data")
    (root / ".lock").touch()
    part = taken(audit([root], Selection(), log_of(tmp_path / "acks", disk.acks)))
    assert outcomes(part) == [("lost", 0, offset, None, None) for offset in (15, 16, 17)]


def test_a_partition_or_a_topic_that_is_not_here_cannot_be_told(disk, tmp_path):
    disk.acks += [{"topic": "t", "partition": 7, "offset": 3}, {"topic": "gone", "partition": 0, "offset": 3}]
    part = disk.audited(tmp_path / "data")
    assert [row["why"] for row in part.rows] == [
        "there is no directory of partition 0 here",
        "there is no directory of partition 7 here",
    ]


def test_a_partition_that_waits_for_its_removal_is_named(disk, tmp_path):
    root = disk.written(tmp_path / "data")
    (root / "t-0").rename(root / f"t-0.{'0' * 32}-delete")
    (root / "u-0").mkdir()
    part = taken(audit([root], Selection(), log_of(tmp_path / "acks", disk.acks[:1])))
    assert part.rows[0]["why"] == f"its directory waits for removal: t-0.{'0' * 32}-delete"


def test_a_topic_may_be_chosen(disk, tmp_path):
    disk.acks.append({"topic": "gone", "partition": 0, "offset": 3})
    part = disk.audited(tmp_path / "data", topics=("t",))
    assert part.rows == []


def test_of_many_rows_so_many_are_shown_as_asked_for(disk, tmp_path):
    disk.acks += [{"topic": "gone", "partition": 0, "offset": offset} for offset in range(9)]
    del disk.batches[0][5]
    part = disk.audited(tmp_path / "data", limit=10)
    assert len(part.rows) == 10
    assert part.closing == ["1 of 3 shown; all: -n 0"]
    assert "3 lost, 9 undecidable" in part.verdict.text


# -- what a line may look like


def digests(name: str, algorithm: str, data: str, length: int = 64) -> Ack:
    return {f"{name}_{algorithm}": hashlib.new(algorithm, data.encode()).hexdigest()[:length]}


LINES: Mapping[str, Callable[[Ack], Ack]] = {
    "by offset alone": lambda _ack: {},
    "key": lambda ack: {"key": ack["key"]},
    "value": lambda ack: {"value": ack["value"]},
    "base64": lambda _ack: {"key": {"$base64": "ay0wLWE="}},
    "sha256": lambda ack: {**digests("key", "sha256", ack["key"]), **digests("value", "sha256", ack["value"])},
    "the beginning of sha256": lambda ack: digests("value", "sha256", ack["value"], 16),
    "sha1": lambda ack: digests("value", "sha1", ack["value"]),
    "md5": lambda ack: digests("value", "md5", ack["value"]),
    "crc32": lambda _ack: {"value_crc32": "2a8fc1cd"},
}


@pytest.mark.parametrize("known", LINES)
def test_a_record_is_compared_by_what_is_known_of_it(tmp_path, known):
    disk = Disk()
    disk.send("0-a")
    ack = disk.acks.pop()
    place = {name: ack[name] for name in ("topic", "partition", "offset")}
    what = LINES[known](ack)
    if known == "crc32":
        import zlib

        what = {"value_crc32": f"{zlib.crc32(b'0-a'):08X}"}
    disk.acks = [{**place, **what}]
    assert disk.audited(tmp_path / "data").rows == []
    if what:
        disk.batches[0] = [batch_of(0, [(b"another", b"record")])]
        assert [row["outcome"] for row in disk.audited(tmp_path / "other").rows] == ["replaced"]


def test_null_is_not_empty(tmp_path):
    disk = Disk()
    disk.send("a")
    disk.batches[0] = [batch_of(0, [(b"", b"")])]
    disk.acks = [{"topic": "t", "partition": 0, "offset": 0, "key": None, "value": ""}]
    assert [row["outcome"] for row in disk.audited(tmp_path / "data").rows] == ["replaced"]


def test_lines_that_are_no_acknowledgements_are_counted_apart(disk, tmp_path):
    path = tmp_path / "acks"
    lines = [json.dumps(ack) for ack in disk.acks]
    failed = json.dumps({"topic": "t", "key": "k", "error": "TimeoutException: expired"})
    strange = ['{"topic": "t", "ofset": 3}', '{"topic": "t", "partition": 1.5, "offset": 0}', '{"topic": "t", "par']
    path.write_text("\n".join((*lines, failed, *strange)))
    part = taken(audit([disk.written(tmp_path / "data")], Selection(), read_acks(str(path))))
    assert part.rows == []
    assert part.verdict.text.startswith(
        "18 acknowledged records: 18 present; 1 line with an error, not judged; 3 lines not understood "
        "(line 20: no partition, or none that is a whole number; line 21: no partition"
    )
    assert part.verdict.incomplete


def test_an_acknowledgement_without_an_offset_is_looked_for_by_its_content(disk, tmp_path):
    disk.acks = [{**disk.acks[4], "offset": -1}, {**disk.acks[5], "offset": -1, "value": "never sent"}]
    part = disk.audited(tmp_path / "data")
    assert outcomes(part) == [("undecidable", 0, None, None, None)]
    assert "1 present, 1 undecidable" in part.verdict.text


def test_csv_and_a_pipe_will_do(disk, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    rows = "".join(f"t,0,{ack['offset']},{ack['key']},\n" for ack in disk.acks)
    text = f"\ufefftopic,partition,offset,key,value\r\n\n{rows}"
    threading.Thread(target=pipe.write_text, args=(text,), daemon=True).start()
    part = taken(audit([disk.written(tmp_path / "data")], Selection(), read_acks(str(pipe))))
    assert part.verdict.text.startswith("18 acknowledged records: 18 present")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "acknowledges nothing"),
        ("nonsense", "acknowledges nothing"),
        ('{"topic": 3, "partition": 0, "offset": 0}', "line 1: no topic"),
        ('{"topic": "t", "partition": 0, "offset": 0, "key_md5": "xy"}', "line 1: key_md5 is not hexadecimal"),
        ('{"topic": "t", "partition": 0, "offset": 0, "key_md5": "aabb"}', "key_md5 has 2 bytes, not 4 to 16"),
        ('{"topic": "t", "partition": 0, "offset": 0, "sent": "soon"}', "a field sent that is no number"),
        ("topic,partition,offset\nt,0,0,0\n", "line 2: more fields than the first line names"),
        ('topic,partition,offset,key\nt,0,0,"\udcff"\n', "line 2: a payload that is no UTF-8"),
    ],
)
def test_a_log_without_a_single_acknowledgement_is_refused_with_the_reason(tmp_path, text, why):
    path = tmp_path / "acks"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ValueError, match=why):
        read_acks(str(path))


# -- everything at once


@given(st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_whatever_is_planted_is_found_and_nothing_else(tmp_path_factory, seed):
    chance = random.Random(seed)
    disk = Disk(3)
    for number in range(60):
        disk.send(*(f"{number}-{each}" for each in range(chance.randint(1, 4))), partition=chance.randrange(3))
    planted = {}
    for partition, batches in enumerate(disk.batches):
        for index in chance.sample(range(len(batches)), min(3, len(batches))):
            offset = int.from_bytes(batches[index][:8], "big")
            count = int.from_bytes(batches[index][57:61], "big")
            kind = chance.choice(("lost", "damaged"))
            planted.update({(partition, offset + each): kind for each in range(count)})
            batches[index] = b"" if kind == "lost" else with_bit_flipped(batches[index], chance.randrange(21, 61))
    part = disk.audited(tmp_path_factory.mktemp("audit") / "data")
    found = {(row["partition"], row["offset"]): row["outcome"] for row in part.rows}
    lost_beside_damage = {
        place for place in planted if planted[place] == "lost" and found.get(place) == "damaged"
    }  # what was cut out beside damaged bytes may have been in them
    assert found.keys() == planted.keys()
    assert all(found[place] == planted[place] for place in planted.keys() - lost_beside_damage)
