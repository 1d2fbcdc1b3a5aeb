"""Placement as people and programs get it: on directories whose keys were placed by known rules, or by none."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from fixtures.make.damage import make_batch_of, make_record
from inspector.hashing import ALGORITHMS
from inspector.model import Record, RecordHeader
from inspector.placing.expected import Expectation, Expectations
from inspector.placing.standards import Standard, by_file, by_partitioner
from inspector.reports.against import against
from inspector.reports.placed import Question
from inspector.reports.placement import placement
from inspector.reports.selection import Selection
from tests.reports.conftest import rows_of, taken

TIME = 1_700_000_000_000
Place = Callable[[bytes], int]


def by(algorithm: str, count: int) -> Place:
    return lambda key: ALGORITHMS[algorithm](key, count)


def some_keys(number: int, seed: int = 1) -> list[bytes]:
    source = random.Random(seed)
    return [b"user-%d" % source.randrange(10**9) for _ in range(number)]


class Topic:
    """A topic that is written to, a record a batch, a second each."""

    def __init__(self, count: int) -> None:
        self.logs = [b""] * count
        self.ends = [0] * count
        self.time = TIME

    def send(self, keys: Iterable[bytes], place: Place, producer_id: int = -1) -> None:
        for key in keys:
            self.put(key, place(key), producer_id)

    def put(self, key: bytes | None, partition: int, producer_id: int = -1, value: bytes = b"value") -> None:
        offset = self.ends[partition]
        self.logs[partition] += make_batch_of(
            offset, make_record(0, value, key), 1, producer_id=producer_id, base_timestamp=self.time,
            max_timestamp=self.time,
        )  # fmt: skip
        self.ends[partition] += 1
        self.time += 1000

    def written(self, root: Path, name: str = "t") -> Path:
        """The directory of a broker, with this topic in it."""
        root.mkdir(exist_ok=True)
        (root / "meta.properties").write_text("version=1\ncluster.id=AAAAAAAAAAAAAAAAAAAAAA\nnode.id=1\n")
        for number, log in enumerate(self.logs):
            folder = root / f"{name}-{number}"
            folder.mkdir()
            (folder / f"{0:020}.log").write_bytes(log)
        return root


def told(directory: Path, question: Question = Question()) -> tuple[list[str], Mapping[str, object]]:  # noqa: B008
    """The facts of the one topic in words, and the object that programs get."""
    (section,) = list(placement([directory], Selection(), question, as_objects=False).sections)
    (row,) = rows_of(placement([directory], Selection(), question, as_objects=True))
    return [f"{name}: {text}" for name, text in section.facts], row


def test_one_rule_is_named_with_the_bound_on_chance(tmp_path):
    topic = Topic(3)
    topic.send(some_keys(100), by("murmur2", 3))
    facts, row = told(topic.written(tmp_path / "data"))
    assert facts[0] == "placement: java explains all 100 keys (by chance: less than 1 in 10^46)"
    assert facts[1] == "read: 100 records in 3 partitions, 100 distinct keys"
    assert (row["outcome"], row["records"], row["distinct_keys"], row["sampled_keys"]) == ("explained", 100, 100, 100)
    (rule,) = row["rules"]
    assert rule == {
        "rules": ["java", "librdkafka-murmur2"], "algorithms": ["murmur2"], "partition_count": 3, "keys": 100,
        "log10_chance": -46.6,
    }  # fmt: skip
    assert sum(one["records"] for one in row["partitions"]) == 100


def test_null_keys_that_are_spread_leave_one_rule(tmp_path):
    topic = Topic(3)
    topic.send(some_keys(100), by("murmur2", 3))
    for partition in range(3):
        no_key = bytes.fromhex("0e 00 00 00 01 02 76 00")
        topic.logs[partition] += make_batch_of(
            topic.ends[partition], no_key, 1, base_timestamp=TIME, max_timestamp=TIME
        )
    _, row = told(topic.written(tmp_path / "data"))
    assert (row["null_keys"], row["rules"][0]["rules"]) == (3, ["java"])


def test_two_clients_are_named_by_their_producer_ids(tmp_path):
    topic, keys = Topic(3), some_keys(100)
    topic.send(keys, by("murmur2", 3), 4013)
    topic.send(keys, by("crc32", 3), 4012)
    facts, row = told(topic.written(tmp_path / "data"))
    assert row["outcome"] == "mixed"
    assert {one["producer_id"]: one["rules"][0]["rules"][0] for one in row["producers"]} == {
        4013: "java", 4012: "librdkafka",
    }  # fmt: skip
    assert any(fact.startswith("by: producer 4012: librdkafka explains all 100 keys") for fact in facts)


def test_added_partitions_are_told_with_time_and_keys(tmp_path):
    topic, keys = Topic(4), some_keys(200)
    topic.send(keys, by("murmur2", 3))
    topic.send(keys, by("murmur2", 4))
    facts, row = told(topic.written(tmp_path / "data"))
    (change,) = row["changes"]
    assert (change["old_count"], change["new_count"], change["clear"]) == (3, 4, True)
    moved = {key.decode() for key in keys if by("murmur2", 3)(key) != by("murmur2", 4)(key)}
    assert {one["key"].decode() for one in change["moved_keys"]} == moved
    assert TIME + 180_000 < change["last_before"]["timestamp"] < TIME + 200_000 <= change["first_since"]["timestamp"]
    (said,) = (fact for fact in facts if fact.startswith("change: "))
    assert said.startswith("change: partitions were added: from 3 to 4, between 2023-11-14T22:")
    assert f"; {len(moved)} keys lie in an old and in a new partition (user-" in said


def test_what_another_count_would_move(tmp_path):
    topic, keys = Topic(3), some_keys(300)
    topic.send(keys, by("crc32", 3))
    _, row = told(topic.written(tmp_path / "data"), Question(hottest=2, what_if=6))
    moving = [key for key in keys if by("crc32", 3)(key) != by("crc32", 6)(key)]
    what_if = row["what_if"]
    assert (what_if["algorithm"], what_if["keys"], what_if["moving"]) == ("crc32", 300, len(moving))
    assert len(what_if["moving_keys"]) == 2
    assert {*what_if["moving_keys"]} <= {*moving}


def test_keys_that_no_rule_explains(tmp_path):
    topic = Topic(3)
    topic.send((b"%d" % number for number in range(100)), lambda key: int(key) % 3)
    facts, row = told(topic.written(tmp_path / "data"))
    assert (row["outcome"], row["rules"], len(row["unexplained_keys"])) == ("no rule", [], 10)
    assert facts[0].endswith("each occurs once, so nothing tells whether they decide at all")


def test_the_most_frequent_keys_and_the_shares_of_partitions(tmp_path):
    topic = Topic(2)
    topic.send([b"hot"] * 30 + some_keys(10), lambda key: int(key != b"hot"))
    report = placement([topic.written(tmp_path / "data")], Selection(), Question(hottest=1), as_objects=False)
    (section,) = list(report.sections)
    rows = [*section.rows]
    assert [(row[0], row[1], round(row[2], 2)) for row in rows] == [(0, 30, 1.0), (1, 10, 0.33)]
    assert section.closing() == ["most frequent keys, with their records: hot 30"]
    assert report.verdict().text == "t: undecidable; no damage seen"


# -- against a rule


def held_against(directory: Path, rule: str, **selection: object):
    return taken(against([directory], Selection(**selection), by_partitioner(rule)))


def test_each_record_elsewhere_is_named_with_its_place(tmp_path):
    topic = Topic(3)
    topic.send(some_keys(50), by("murmur2", 3))
    topic.put(b"foo", 1)
    topic.put(b"", 2)
    part = held_against(topic.written(tmp_path / "data"), "java")
    assert [(row["partition"], row["expected"], row["key"]) for row in part.rows] == [(1, 2, b"foo"), (2, 0, b"")]
    assert part.rows[0]["explanation"] == 'murmur2("foo") = 597841616, 597841616 % 3 = 2'
    assert not part.verdict.ok
    assert part.verdict.text.startswith("java explains 50 of 52 records, 2 lie elsewhere, 0 are not for it to decide")


def test_what_a_rule_says_nothing_of_is_counted(tmp_path):
    topic = Topic(3)
    topic.send(some_keys(50), by("crc32", 3))
    topic.put(b"", 2)
    part = held_against(topic.written(tmp_path / "data"), "librdkafka")
    assert (part.rows, part.verdict.ok) == ([], True)
    assert part.verdict.text.startswith("librdkafka explains 50 of 51 records, 0 lie elsewhere, 1 are not for it")


def test_a_limit_leaves_the_rest_counted(tmp_path):
    topic = Topic(3)
    topic.send([b"foo"] * 9, lambda _key: 0)
    part = held_against(topic.written(tmp_path / "data"), "java", limit=4)
    assert (len(part.rows), part.closing) == (4, ["the first 4 of 9 elsewhere; all: -n 0"])


def test_a_part_of_a_topic_is_not_judged(tmp_path):
    topic = Topic(3)
    topic.send(some_keys(50), by("murmur2", 3))
    directory = topic.written(tmp_path / "data")
    part = held_against(directory / "t-1", "java")
    assert (part.rows, part.verdict.ok) == ([], False)
    assert "not judged, only a part of the topic was given" in part.verdict.text


def test_a_rule_of_ones_own_that_fails_is_said(tmp_path, monkeypatch):
    (tmp_path / "my_rules_here.py").write_text("def by_number(key, count):\n    return int(key) % count\n")
    monkeypatch.chdir(tmp_path)
    topic = Topic(3)
    topic.send([b"4", b"5", b"six"], lambda key: {b"4": 1, b"5": 0, b"six": 0}[key])
    part = held_against(topic.written(tmp_path / "data"), "my_rules_here:by_number")
    assert [(row["key"], row["expected"]) for row in part.rows] == [(b"5", 2)]
    assert (
        "explains 1 of 3 records, 1 lie elsewhere, 1 are not for it to decide; it failed 1 time, first with ValueError"
        in part.verdict.text
    )


def test_a_rule_of_ones_own_that_looks_at_values_does_not_fail_where_it_explains(tmp_path, monkeypatch):
    (tmp_path / "rules_by_value.py").write_text("""
class ByValue:
    def partition(self, topic, key, serialized_key, value, serialized_value, cluster):
        return len(serialized_value) % len(cluster.partitions_for_topic(topic))
""")
    monkeypatch.chdir(tmp_path)
    topic = Topic(3)
    topic.send([b"a", b"b"], {b"a": 2, b"b": 1}.__getitem__)
    part = held_against(topic.written(tmp_path / "data"), "rules_by_value:ByValue")
    assert [(row["key"], row["expected"], row["explanation"]) for row in part.rows] == [
        (b"b", 2, 'rules_by_value:ByValue("b", 3) = 2')
    ]
    assert "failed" not in part.verdict.text


# -- against expectations


def expected_of(tmp_path: Path, text: str) -> Standard:
    (tmp_path / "expected").write_text(text)
    return by_file(str(tmp_path / "expected"))


def a_topic_of_countries(tmp_path: Path) -> Path:
    topic = Topic(3)
    for key, partition in ((b"de-1", 1), (b"de-2", 1), (b"at-1", 2), (b"de-1", 0)):
        topic.put(key, partition)
    return topic.written(tmp_path / "data")


@pytest.mark.parametrize(
    "text",
    [
        "key,partition\nde-1,1\nde-2,1\n",
        '{"key": "de-1", "partition": 1}\n\n{"key": {"$base64": "ZGUtMg=="}, "partition": 1}\n',
        "topic,key,value,partition\nt,de-1,,1\n,de-2,value,1\n",
    ],
)
def test_records_are_held_against_expectations_of_any_form(tmp_path, text):
    part = taken(against([a_topic_of_countries(tmp_path)], Selection(), expected_of(tmp_path, text)))
    assert [(row["partition"], row["expected"], row["key"]) for row in part.rows] == [(0, 1, b"de-1")]
    assert part.rows[0]["explanation"].startswith("expected, line ")
    assert part.verdict.text.startswith("expected explains 2 of 4 records, 1 lie elsewhere, 1 are not for it to decide")
    assert not part.verdict.ok


def test_an_expectation_that_no_record_meets_is_a_failure(tmp_path):
    text = "key,partition\nde-2,1\nfr-1,0\nde-2,2\n"
    part = taken(against([a_topic_of_countries(tmp_path)], Selection(), expected_of(tmp_path, text)))
    assert part.rows == []
    assert "no record met 2 expectations (lines 3, 4)" in part.verdict.text
    assert not part.verdict.ok


def test_headers_and_null_keys_are_looked_at():
    lines = [
        Expectation(1, 0, {"key": None}),
        Expectation(2, 1, {"header.country": b"de"}),
        Expectation(3, 2, {"topic": "t", "value": None}),
    ]
    expectations = Expectations("x", lines)

    def about(key: bytes | None, value: bytes | None, *headers: RecordHeader) -> int | None:
        found = expectations.about("t", Record(0, 0, key, value, headers, -1))
        return None if found is None else found.partition

    assert about(None, b"v") == 0
    assert about(b"k", b"v", RecordHeader(b"country", b"at"), RecordHeader(b"country", b"de")) == 1
    assert about(b"k", None) == 2
    assert about(b"", b"v") is None
    assert expectations.unseen == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "expects nothing"),
        ("key,partition\n", "expects nothing"),
        ("key,partition\nfoo,two\n", "line 2: no partition, or none that is a number"),
        ("key,partition\nfoo,1,2\n", "line 2: more fields than the first line names"),
        ("topic,partition\nt,1\n", "line 2: no key, value or header says which records are meant"),
        ("key,color,partition\nfoo,red,1\n", "line 2: no field 'color'; there are topic, key, value, header.NAME"),
        ('{"key": "foo", "partition": 1}\n{"key"', "line 2: no JSON"),
        ('{"key": "foo"}\n[1]', "no partition"),
    ],
)
def test_a_file_that_cannot_be_understood_is_said(tmp_path, text, why):
    with pytest.raises(ValueError, match=why):
        expected_of(tmp_path, text)


@pytest.mark.parametrize(
    ("words", "code"),
    [((), 0), (("--partitioner", "java"), 1), (("--partitioner", "kafkajs-legacy", "-J"), 1), (("--what-if", "5"), 0)],
)
def test_the_command_ends_with_the_code_it_promises(kinspect, real_dirs, words, code):
    done = kinspect("placement", real_dirs["kafka-3.6.0-stopped"], "-t", "hello-world-4", *words)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)


def test_an_unknown_partitioner_is_a_usage_error(kinspect, real_dirs):
    done = kinspect("placement", real_dirs["kafka-3.6.0-stopped"], "--partitioner", "libkafka")
    assert done.returncode == 2
    assert "Did you mean 'librdkafka'?" in done.stderr


# -- where no rule over keys tells


def test_keyless_records_in_runs_are_shown_with_their_batches(tmp_path):
    topic = Topic(3)
    for number in range(90):
        topic.put(None, number // 10 % 3)
    facts, row = told(topic.written(tmp_path / "data"))
    (line,) = [fact for fact in facts if fact.startswith("without a key")]
    assert line.startswith("without a key: 90 records in runs, as sticky partitioners leave them (by chance: less than")
    assert "partition 0 offsets 0 to 9 (10 batches), then partition 1 offsets 0 to 9 (10 batches)" in line
    (spread,) = row["keyless"]
    assert (spread["producer_id"], spread["manner"], spread["records"]) == (-1, "runs", 90)
    assert spread["runs"][0] == {"partition": 0, "first_offset": 0, "last_offset": 9, "batches": 10}


def test_keyless_records_by_turns_are_told_for_each_producer(tmp_path):
    topic = Topic(3)
    for number in range(60):
        topic.put(None, number % 3, producer_id=7)
        topic.put(None, number * 2 % 3, producer_id=8)
    facts, _ = told(topic.written(tmp_path / "data"))
    lines = [fact for fact in facts if fact.startswith("without a key")]
    assert [line.partition(" (")[0] for line in lines] == [
        "without a key: producer 7: 60 records by turns, each to the next partition",
        "without a key: producer 8: 60 records by turns, each to the next partition but 1",
    ]


def test_keys_that_do_not_decide_may_lie_by_turns(tmp_path):
    topic = Topic(3)
    for number in range(120):
        topic.put(b"key-%d" % (number % 40), number % 3)
    facts, row = told(topic.written(tmp_path / "data"))
    assert "so it is not the key that decides, or not alone" in facts[0]
    assert any(fact.startswith("with a key: 120 records by turns") for fact in facts)
    assert row["keyed"][0]["stride"] == 1


def test_keys_that_lie_together_by_no_known_rule_decide(tmp_path):
    topic = Topic(3)
    topic.send(some_keys(100) * 2, lambda key: sum(key) % 3)
    facts, _ = told(topic.written(tmp_path / "data"))
    assert "each of 100 keys with several records lies in one partition (by chance: less than 1 in 10^" in facts[0]


def test_values_that_decide_are_seen(tmp_path):
    topic = Topic(3)
    for number in range(120):
        topic.put(b"key-%d" % (number % 40), number % 11 % 3, value=b"country-%d" % (number % 11))
    facts, row = told(topic.written(tmp_path / "data"))
    (line,) = [fact for fact in facts if fact.startswith("by value")]
    assert line.startswith("by value: each of 11 values that occur more than once lies in one partition")
    assert row["value_decides"] is True


def test_two_clients_one_after_the_other_are_told_apart_in_time(tmp_path):
    topic = Topic(3)
    topic.send(some_keys(200), by("crc32", 3))
    topic.send(some_keys(200), by("murmur2", 3))
    facts, row = told(topic.written(tmp_path / "data"))
    lines = [fact for fact in facts if fact.startswith("in time")]
    assert lines[0] == "in time: one after the other"
    assert lines[1].startswith("in time: librdkafka from 2023-11-14T22:13:") and lines[2].startswith(
        "in time: java from"
    )
    assert [span["algorithm"] for span in row["spans"]] == ["crc32", "murmur2"]
    assert row["spans"][0]["last_timestamp"] < row["spans"][1]["first_timestamp"]


def test_two_clients_at_the_same_time_do_not_follow_each_other(tmp_path):
    topic = Topic(3)
    for one, other in zip(some_keys(200, 1), some_keys(200, 2), strict=True):
        topic.send([one], by("crc32", 3))
        topic.send([other], by("murmur2", 3))
    facts, _ = told(topic.written(tmp_path / "data"))
    assert "in time: one after the other" not in facts
    assert len([fact for fact in facts if fact.startswith("in time")]) == 2


def test_records_beyond_those_looked_at_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr("inspector.placing.closer.MOST_RECORDS", 60)
    topic = Topic(3)
    for number in range(90):
        topic.put(None, number // 10 % 3)
    facts, _ = told(topic.written(tmp_path / "data"))
    assert any(fact.startswith("looked at: for this, the first ") for fact in facts)


def test_two_clients_that_send_the_same_keys_are_not_taken_for_one(tmp_path):
    topic = Topic(3)
    topic.send(some_keys(120), by("murmur2", 3))
    topic.send(some_keys(120), by("crc32", 3))
    _, row = told(topic.written(tmp_path / "data"))
    assert [rule["algorithms"] for rule in row["rules"]] == [["murmur2"], ["crc32"]]


@pytest.mark.parametrize("last", [100_000, 2**31 - 1])
def test_a_folder_that_claims_a_great_number_does_not_make_the_search_endless(tmp_path, last):
    topic = Topic(3)
    topic.send(some_keys(60), by("murmur2", 3))
    root = topic.written(tmp_path / "data")
    (root / f"t-{last}").mkdir()
    _, row = told(root)
    assert row["partition_count"] == last + 1
    assert [(rule["algorithms"], rule["partition_count"]) for rule in row["rules"]] == [(["murmur2"], 3)]


def test_of_very_many_producers_those_with_the_most_keys_are_judged(tmp_path):
    topic = Topic(3)
    for producer_id in range(130):
        topic.send(some_keys(5, producer_id), by("murmur2", 3), producer_id)
    topic.send(some_keys(40, 999), by("crc32", 3), 999)
    facts, row = told(topic.written(tmp_path / "data"))
    assert len(row["producers"]) == 100 and row["producers"][0]["producer_id"] == 999
    assert "by: 31 producers with fewer keys, not looked at each by itself" in facts


def test_keys_that_moved_are_named_with_their_last_and_first_records(tmp_path):
    topic, keys = Topic(4), some_keys(100)
    topic.send(keys, by("murmur2", 3))
    ends = list(topic.ends)
    topic.send(keys, by("murmur2", 4))
    report = placement([topic.written(tmp_path / "data")], Selection(), Question(hottest=2), as_objects=False)
    (section,) = report.sections
    _ = [*section.rows]
    first, _, more, *_ = section.closing()
    moved = sorted(key for key in keys if by("murmur2", 3)(key) != by("murmur2", 4)(key))
    old, new = by("murmur2", 3)(moved[0]), by("murmur2", 4)(moved[0])
    last = [key for key in keys if by("murmur2", 3)(key) == old].index(moved[0])
    since = ends[new] + [key for key in keys if by("murmur2", 4)(key) == new].index(moved[0])
    assert first.startswith(f"{moved[0].decode()}: partition {old} up to offset {last} (2023-11-14T22:")
    assert f", partition {new} from offset {since} (2023-11-14T22:" in first
    assert more == f"{len(moved) - 2} more keys have moved; all: -J"
