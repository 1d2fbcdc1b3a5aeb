"""Internal topics in explanations: fields with their bytes, and in words what each record says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.make.damage import make_batch_of, sealed
from inspector.explaining import Wanted, explain
from inspector.explaining.internal import FIELDS_SHOWN
from inspector.regions import BYTES, GROUP, Region
from inspector.schemas import encode, load_family
from inspector.spec.primitives import Varint
from tests.conftest import FIXTURES
from tests.engine.test_fuzz import MUTATIONS, mutated, quiet
from tests.explaining.rebuilding import assert_whole, leaves_of, regions_named

REAL = FIXTURES / "real"
STOPPED = "kafka-4.3.0-stopped"
SHARED = "share group kinspect-shared, FISN68OyTaGdIj_PSHtuKw-0: start offset 5, 1 state batch"
STEM = "00000000000000000000"
COMMIT_BY_3_6 = re.compile(r"\| offset: (\d+) .* key: offset_commit::group=(.*),partition=(.*) payload: offset=(\d+)")
STATE_BY_3_6 = re.compile(
    r"\| offset: (\d+) .* key: transaction_metadata::transactionalId=(.*) payload: .*state=(\w+),"
)


def values_in_words(path: Path) -> dict[int, str]:
    """What is said of the value of each record, by its offset."""
    return {offset_of(leaf): value.shown for leaf, value in records_of(path)}


def offset_of(leaf: Region) -> int:
    """What follows from the field; an old message tells it itself."""
    found = re.findall(r"= (\d+)(?:;|$)", leaf.formula)
    return int(found[0]) if found else leaf.value


def records_of(path: Path) -> list[tuple[Region, Region]]:
    """The field with the offset, and the value, of all records."""
    explained = explain(path, Wanted(limit=0))
    records = [one for buffer in explained.buffers for one in regions_named(buffer.region) if is_record(one)]
    opened = [leaves_of(one) for one in records]
    return [(one.get("offset_delta") or one["offset"], one["value"]) for one in opened]


def is_record(region: Region) -> bool:
    return region.name.startswith(("record ", "message "))


DUMPS = sorted(REAL.glob("kafka-*.kafka-says/__consumer_offsets-*/*.decoded.txt"))
TRANSACTIONS = sorted(REAL.glob("kafka-3.6.0-*.kafka-says/__transaction_state-*/*.decoded.txt"))


def log_of(dump: Path) -> Path:
    return REAL / dump.parts[-3].removesuffix(".kafka-says") / dump.parts[-2] / f"{STEM}.log"


@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: "/".join(path.parts[-3:-1]))
def test_commits_say_what_kafka_says(dump: Path) -> None:
    told = values_in_words(log_of(dump))
    for offset, group, partition, committed in COMMIT_BY_3_6.findall(dump.read_text()):
        assert told[int(offset)] == f"offset {committed} of {partition}, committed by group {group}"


@pytest.mark.parametrize("dump", TRANSACTIONS, ids=lambda path: "/".join(path.parts[-3:-1]))
def test_transactions_say_what_kafka_says(dump: Path) -> None:
    told = values_in_words(log_of(dump))
    for offset, name, state in STATE_BY_3_6.findall(dump.read_text()):
        assert told[int(offset)] == f"transaction {name}: {state}"


@pytest.mark.parametrize(
    ("log", "sayings"),
    [
        (f"{STOPPED}/__transaction_state-2/{STEM}.log", ["transaction kinspect-open: Ongoing"]),
        (f"{STOPPED}/__consumer_offsets-3/{STEM}.log", ["offset 14 of codecs-0, committed by group kinspect-modern"]),
        (f"{STOPPED}/__share_group_state-0/{STEM}.log", [SHARED]),
        (f"{STOPPED}/__cluster_metadata-0/{STEM}.log", ["TopicRecord: hello-world-1", "NoOpRecord"]),
        (f"{STOPPED}/bootstrap.checkpoint", ["FeatureLevelRecord: metadata.version at level 30"]),
    ],
)  # fmt: skip
def test_values_are_told_in_words(log: str, sayings: list[str]) -> None:
    told = {value.shown for _, value in records_of(REAL / log)}
    assert set(sayings) <= told


# -- made by hand


def varint(value: int) -> bytes:
    return bytes(Varint.build(value))


def explained(folder: Path, key: bytes | None, value: bytes | None, topic: str = "__consumer_offsets"):
    """A log of one record of the topic, explained."""
    parts = b"".join(varint(-1) if one is None else varint(len(one)) + one for one in (key, value))
    body = b"\0\0\0" + parts + varint(0)
    return of_log(folder, sealed(make_batch_of(0, varint(len(body)) + body, 1)), topic)


def of_log(folder: Path, data: bytes, topic: str):
    path = folder / f"{topic}-0" / f"{STEM}.log"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    found = explain(path)
    assert_whole(found)
    assert not any(one.slug == "malformed-record" for one in found.findings)
    return found


def the(found, name: str) -> Region:
    return regions_named(found.file_buffer.region, name)[0]


COMMIT_KEY = bytes.fromhex("0001 0001 67 0001 74 00000003")
COMMIT = bytes.fromhex("0003 0000000000000005 ffffffff 0000 0000018bcfe56800")


def test_a_commit_is_opened(tmp_path: Path) -> None:
    found = explained(tmp_path, COMMIT_KEY, COMMIT)
    key, value = the(found, "key"), the(found, "value")
    assert key.shown == "OffsetCommit of group g, t-3"
    assert value.shown == "offset 5 of t-3, committed by group g"
    assert [(one.name, one.kind, one.value, one.shown) for one in key.children] == [
        ("type", "int16", 1, "OffsetCommit"),
        ("group#length", "int16", 1, ""),
        ("group", "text", "g", ""),
        ("topic#length", "int16", 1, ""),
        ("topic", "text", "t", ""),
        ("partition", "int32", 3, ""),
    ]
    assert [(one.name, one.kind, one.value, one.shown) for one in value.children] == [
        ("version", "int16", 3, ""),
        ("offset", "int64", 5, ""),
        ("leader_epoch", "int32", -1, "unknown"),
        ("metadata#length", "int16", 0, ""),
        ("metadata", "text", "", "empty"),
        ("commit_timestamp", "int64", 1700000000000, "2023-11-14T22:13:20.000Z"),
    ]


def test_a_tombstone_says_what_is_forgotten(tmp_path: Path) -> None:
    value = the(explained(tmp_path, COMMIT_KEY, None), "value")
    assert (value.kind, value.value) == (BYTES, None)
    assert value.sentence == "A tombstone: the offset of t-3 that group g committed is forgotten."


def test_an_unknown_type_leaves_the_value_as_it_is(tmp_path: Path) -> None:
    found = explained(tmp_path, b"\0\x63ab", COMMIT)
    assert the(found, "key").problem == "key.type: no record of type 99 is known, and Kafka skips it"
    assert [one.name for one in the(found, "key").children] == ["type", "rest"]
    assert (the(found, "value").kind, the(found, "value").value) == (BYTES, COMMIT)
    assert found.findings == ()


def test_an_unknown_version_is_read_no_further(tmp_path: Path) -> None:
    value = the(explained(tmp_path, COMMIT_KEY, b"\0\x09" + COMMIT[2:]), "value")
    assert value.problem == "value: expected OffsetCommitValue version 0 to 4, found 9"
    assert [one.name for one in value.children] == ["version", "rest"]


def test_the_same_bytes_in_a_topic_of_a_user_stay_bytes(tmp_path: Path) -> None:
    found = explained(tmp_path, COMMIT_KEY, COMMIT, "orders")
    assert (the(found, "key").value, the(found, "value").value) == (COMMIT_KEY, COMMIT)


def test_metadata_begin_with_three_varints(tmp_path: Path) -> None:
    message = encode(load_family("cluster_metadata")["TopicRecord"], 0, {"name": "a\x1b[2Jb"})
    value = the(explained(tmp_path, None, b"\1\2\0" + message, "__cluster_metadata"), "value")
    assert [(one.name, one.kind, one.value, one.shown) for one in value.children[:3]] == [
        ("frame_version", "uvarint", 1, ""),
        ("api_key", "uvarint", 2, "TopicRecord"),
        ("version", "uvarint", 0, ""),
    ]
    assert value.shown == r"TopicRecord: a\x1b[2Jb"


def a_group(subscription: bytes, members: int = 1) -> bytes:
    member = {"memberId": "m", "clientId": "c", "clientHost": "h", "subscription": subscription, "assignment": b""}
    value = {"protocolType": "consumer", "members": [member] * members}
    return b"\0\3" + encode(load_family("consumer_offsets")["GroupMetadataValue"], 3, value)


GROUP_KEY = bytes.fromhex("0002 0001 67")


def test_a_members_subscription_is_a_group_of_its_own(tmp_path: Path) -> None:
    subscription = bytes.fromhex("0001 00000001 0001 74 ffffffff 00000000")
    value = the(explained(tmp_path, GROUP_KEY, a_group(subscription)), "value")
    assert value.shown == "group g: generation 0, 1 member"
    opened = regions_named(value, "subscription")[0]
    assert opened.kind == GROUP
    assert [(one.name, one.value) for one in opened.children] == [
        ("version", 1),
        ("topics#count", 1),
        ("topics[0]#length", 1),
        ("topics[0]", "t"),
        ("user_data#length", -1),
        ("user_data", None),
        ("owned_partitions#count", 0),
    ]


def test_many_fields_are_not_told_apart_one_by_one(tmp_path: Path) -> None:
    value = the(explained(tmp_path, GROUP_KEY, a_group(b"", 1_000)), "value")
    assert len(list(value.leaves())) == FIELDS_SHOWN + 1
    assert value.children[-1].name == "more fields"
    assert value.shown == "group g: generation 0, 1,000 members"


def test_a_million_fields_are_not_even_read(tmp_path: Path) -> None:
    count = 1_000_000
    topics = bytes((count + 1 >> 7 * n & 0x7F) | (0x80 if n < 2 else 0) for n in range(3)) + b"\x01" * count
    value = the(explained(tmp_path, bytes.fromhex("0010 0001 67 0001 72"), b"\0\0" + topics + bytes(17)), "value")
    assert (value.problem, value.shown) == (None, "ConsumerGroupRegularExpression of group g, expression r")
    assert len(list(value.leaves())) == FIELDS_SHOWN + 1


def test_what_many_members_sent_is_opened_as_long_as_there_is_room(tmp_path: Path) -> None:
    subscription = bytes.fromhex("0001 00000800") + bytes(4096) + bytes.fromhex("ffffffff 00000000")
    value = the(explained(tmp_path, GROUP_KEY, a_group(subscription, 200)), "value")
    assert (value.problem, value.shown) == (None, "group g: generation 0, 200 members")


TOPICS = (
    "__consumer_offsets-0", "__consumer_offsets-4", "__transaction_state-0", "__cluster_metadata-0",
    "__share_group_state-2",
)  # fmt: skip
LOGS = [REAL / f"kafka-4.3.0-rich/{topic}/{STEM}.log" for topic in TOPICS]


@quiet(60)
@given(st.sampled_from(LOGS), MUTATIONS)
def test_mutated_logs_keep_every_byte(tmp_path_factory, log: Path, mutations) -> None:
    folder = tmp_path_factory.mktemp("mutated")
    path = folder / log.parts[-2] / log.name
    path.parent.mkdir()
    path.write_bytes(mutated(log.read_bytes()[:2500], mutations))
    assert_whole(explain(path))
