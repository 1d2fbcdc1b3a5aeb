"""Checkpoints, identities and markers, whole and broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from inspector.location import Location
from inspector.text_files import (
    OBJECT_LIMIT,
    SIZE_LIMIT,
    CleanShutdown,
    EpochEntry,
    Identity,
    Parsed,
    PartitionMetadata,
    QuorumState,
    parse_clean_shutdown,
    parse_leader_epochs,
    parse_meta_properties,
    parse_offset_checkpoint,
    parse_partition_metadata,
    parse_quorum_state,
    read_text_file,
)

HERE = Location("some-checkpoint")


def said(findings: tuple[object, ...]) -> list[str]:
    return [str(finding) for finding in findings]


@pytest.mark.parametrize(
    ("data", "offsets"),
    [
        (b"", {}),
        (b"0\n0\n", {}),
        (b"0\n1\nhello-world 2 17\n", {("hello-world", 2): 17}),
        (b"0\n2\na 0 1\nb.c-d 11 9223372036854775807", {("a", 0): 1, ("b.c-d", 11): 2**63 - 1}),
        (b"0\r\n1\r\na 0 1\r\n", {("a", 0): 1}),
        (b"0\n1\na \t 0   1\n", {("a", 0): 1}),
        (b"0\n2\na 0 1\na 0 2\n", {("a", 0): 2}),
        (b"0\n1\ncaf\xe9\x1b 0 1\n", {("caf\\xe9\\x1b", 0): 1}),
    ],
)
def test_offset_checkpoints(data: bytes, offsets: dict[tuple[str, int], int]) -> None:
    parsed = parse_offset_checkpoint(data, HERE)
    assert parsed.value == offsets
    assert parsed.findings == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"1\n0\n", "expected version 0, found version '1'"),
        (b"\n", "expected version 0 in the first line, found ''"),
        (b"0\n", "expected the number of entries in the second line, found ''"),
        (b"0\n-1\n", "expected the number of entries in the second line, found '-1'"),
        (b"0\n2\na 0 1\n", "expected 2 entries, as the second line says, found 1 lines"),
        (b"0\n1\na 0 1\n\n", "expected 1 entries, as the second line says, found 2 lines"),
        (b"0\n1\na 0\n", "expected topic, partition and offset in a line, found 'a 0'"),
        (b"0\n1\na 0 one\n", "expected an offset, found 'one'"),
        (b"0\n1\na 0 -1\n", "expected an offset, found '-1'"),
        (b"0\n1\na 0 9223372036854775808\n", "expected an offset, found '9223372036854775808'"),
        (b"0\n1\na 2147483648 1\n", "expected a partition number, found '2147483648'"),
        (b"0\n1\na 0 \xd9\xa1\n", "expected an offset, found '١'"),
        (b"0\n1\n\x1b[2J 0 1 2\n", r"expected topic, partition and offset in a line, found '\x1b[2J 0 1 2'"),
        (b"\0" * 4096, r"expected version 0 in the first line, found '" + r"\x00" * 60 + "…'"),
        (b"0" * 100_000, "expected version 0 in the first line, found '" + "0" * 60 + "…'"),
    ],
)
def test_a_broken_offset_checkpoint_is_as_good_as_none(data: bytes, message: str) -> None:
    parsed = parse_offset_checkpoint(data, HERE)
    assert parsed.value == {}
    assert said(parsed.findings) == [f"some-checkpoint: {message}"]
    assert [finding.slug for finding in parsed.findings] == ["bad-checkpoint"]


def test_leader_epochs_keep_their_order() -> None:
    parsed = parse_leader_epochs(b"0\n3\n0 0\n3 12\n4 200\n", HERE)
    assert parsed.value == (EpochEntry(0, 0), EpochEntry(3, 12), EpochEntry(4, 200))
    assert parsed.value[1].start_offset == 12
    assert parsed.findings == ()
    assert parse_leader_epochs(b"", HERE).value == ()


@pytest.mark.parametrize("entries", [b"1 5\n1 9\n", b"2 5\n1 9\n", b"1 5\n2 5\n", b"1 5\n2 4\n"])
def test_leader_epochs_out_of_order_are_kept_with_a_finding(entries: bytes) -> None:
    parsed = parse_leader_epochs(b"0\n2\n" + entries, HERE)
    assert len(parsed.value) == 2
    epoch, offset = entries.split()[:2]
    assert (
        f"expected epoch and offset above epoch {epoch.decode()} from offset {offset.decode()} on"
        in said(parsed.findings)[0]
    )


def test_a_malformed_leader_epoch_line_makes_the_file_absent() -> None:
    parsed = parse_leader_epochs(b"0\n1\n0\n", HERE)
    assert parsed.value == ()
    assert said(parsed.findings) == ["some-checkpoint: expected epoch and start offset in a line, found '0'"]


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_partition_metadata_gives_the_topic_id(end: bytes) -> None:
    parsed = parse_partition_metadata(b"version: 0\ntopic_id: 7tWWqXUTTwKnNOFEgkUvDg" + end, HERE)
    assert parsed.value == PartitionMetadata(0, "7tWWqXUTTwKnNOFEgkUvDg")
    assert parsed.findings == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA", "expected a topic id, found the id that is all zeros"),
        (b"version: 0\ntopic_id: short", "expected topic_id: 22 characters of base64url, found 'short'"),
        (b"version: 0\n", "expected topic_id: 22 characters of base64url, found ''"),
        (b"version: -1\ntopic_id: 7tWWqXUTTwKnNOFEgkUvDg", "expected version: a number from 0, found '-1'"),
        (b"\xff\xfe\0garbage", "expected version: a number from 0, found ''"),
    ],
)
def test_broken_partition_metadata_gives_no_id(data: bytes, message: str) -> None:
    parsed = parse_partition_metadata(data, HERE)
    assert parsed.value == PartitionMetadata()
    assert said(parsed.findings) == [f"some-checkpoint: {message}"]


def test_meta_properties_of_kraft() -> None:
    data = (
        b"#\n#Mon Jan 05 10:00:00 UTC 2026\nnode.id=3\ndirectory.id=MFz2AkH8QpqRVmfCUOpHsA\nversion=1\ncluster.id=xyz\n"
    )
    parsed = parse_meta_properties(data, HERE)
    assert parsed.value == Identity(1, 3, "xyz", "MFz2AkH8QpqRVmfCUOpHsA")
    assert parsed.findings == ()


def test_meta_properties_of_the_zookeeper_age() -> None:
    parsed = parse_meta_properties(b"!x\r\nversion=0\r\nbroker.id=0\r\ncluster.id=a\\=\\=\r\n", HERE)
    assert parsed.value == Identity(version=0, node_id=0, cluster_id="a==")
    assert parsed.findings == ()


@pytest.mark.parametrize(
    "line", [b"broker.id=7", b"broker.id : 7", b"  broker.id 7", b"broker.id:7", b"broker\\.id = 7"]
)
def test_java_properties_may_be_spelled_in_many_ways(line: bytes) -> None:
    assert parse_meta_properties(line + b"\n", HERE).value.node_id == 7


def test_java_escapes_are_undone() -> None:
    assert parse_meta_properties(b"cluster.id=\\u00e9\\:x\n", HERE).value.cluster_id == "é:x"


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        (
            b"version=1\n",
            [
                "expected node.id in version 1, found no such line",
                "expected cluster.id in version 1, found no such line",
            ],
        ),
        (
            b"version: 0\ntopic_id: 7tWWqXUTTwKnNOFEgkUvDg",
            ["expected one of broker.id, node.id, cluster.id, directory.id, found none of them"],
        ),
        (b"version=7\nnode.id=1\n", ["expected version 0 or 1, found version 7"]),
        (b"version=0\nbroker.id=one\n", ["expected broker.id: a number from 0, found 'one'"]),
    ],
)
def test_broken_meta_properties_are_kept_as_far_as_they_go(data: bytes, messages: list[str]) -> None:
    assert said(parse_meta_properties(data, HERE).findings) == [f"some-checkpoint: {text}" for text in messages]


@pytest.mark.parametrize("data", [b"\0" * 10_000, b"\\" * 10_000, b"=" * 10_000, b"\xff\n" * 1000, b"\\u12"])
def test_garbage_in_meta_properties_is_harmless(data: bytes) -> None:
    assert parse_meta_properties(data, HERE).value == Identity()


@pytest.mark.parametrize(
    ("data", "marker"),
    [
        (b"", CleanShutdown()),
        (b'{"version":0,"brokerEpoch":14}', CleanShutdown(0, 14)),
        (b'{"version":0,"brokerEpoch":-1,"later":[]}', CleanShutdown(0, -1)),
    ],
)
def test_the_marker_of_a_clean_stop(data: bytes, marker: CleanShutdown) -> None:
    parsed = parse_clean_shutdown(data, HERE)
    assert (parsed.value, parsed.findings) == (marker, ())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"version":0}', f"expected brokerEpoch: a number from -1 to {2**63 - 1}, found null"),
        (b"[1]", "expected an object of JSON, found '[1]'"),
        (b"garbage", "expected an object of JSON, found 'garbage'"),
        (b"[" * 100_000, f"expected an object of JSON, found '{'[' * 60}…'"),
        (b"\xff", r"expected an object of JSON, found '\xff'"),
    ],
)
def test_a_marker_that_is_not_understood_says_why(data: bytes, message: str) -> None:
    parsed = parse_clean_shutdown(data, HERE)
    assert parsed.value == CleanShutdown()
    assert said(parsed.findings) == [f"some-checkpoint: {message}"]


FIRST_QUORUM = (
    b'{"clusterId":"abc","leaderId":2,"leaderEpoch":7,"votedId":-1,"appliedOffset":0,'
    b'"currentVoters":[{"voterId":1},{"voterId":2}],"data_version":0}'
)
LATER_QUORUM = (
    b'{"leaderId":1,"leaderEpoch":1,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}'
)


@pytest.mark.parametrize(
    ("data", "state"),
    [
        (b"", QuorumState()),
        (FIRST_QUORUM, QuorumState(0, "abc", 2, 7, -1, None, 0, (1, 2))),
        (FIRST_QUORUM.replace(b'[{"voterId":1},{"voterId":2}]', b"null"), QuorumState(0, "abc", 2, 7, -1, None, 0)),
        (LATER_QUORUM, QuorumState(1, None, 1, 1, -1, "AAAAAAAAAAAAAAAAAAAAAA")),
    ],
)
def test_quorum_state_in_both_versions(data: bytes, state: QuorumState) -> None:
    parsed = parse_quorum_state(data, HERE)
    assert (parsed.value, parsed.findings) == (state, ())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "expected an object of JSON, found '{'"),
        (b'{"version":0,"brokerEpoch":14}', "expected data_version: a number from 0 to 2147483647, found null"),
        (LATER_QUORUM.replace(b'_version":1', b'_version":2'), "expected data_version 0 or 1, found 2"),
        (
            LATER_QUORUM.replace(b'"leaderId":1', b'"leaderId":"1"'),
            'expected leaderId: a number from -1 to 2147483647, found "1"',
        ),
        (LATER_QUORUM.replace(b'"AAAAAAAAAAAAAAAAAAAAAA"', b"1"), "expected votedDirectoryId: text, found 1"),
        (
            FIRST_QUORUM.replace(b'{"voterId":1},', b"3,"),
            'expected a list of voters in currentVoters, found [3, {"voterId": 2}]',
        ),
        (
            FIRST_QUORUM.replace(b'"voterId":1', b'"voterId":true'),
            "expected voterId: a number from 0 to 2147483647, found true",
        ),
    ],
)
def test_a_broken_quorum_state_says_why(data: bytes, message: str) -> None:
    parsed = parse_quorum_state(data, HERE)
    assert parsed.value == QuorumState()
    assert [(finding.slug, str(finding)) for finding in parsed.findings] == [
        ("bad-quorum-state", f"some-checkpoint: {message}")
    ]


def test_a_missing_file_is_not_found_and_no_finding(tmp_path: Path) -> None:
    parsed = read_text_file(tmp_path / "absent", HERE, parse_offset_checkpoint)
    assert (parsed.value, parsed.findings, parsed.found) == ({}, (), False)


def test_a_folder_in_the_place_of_a_file_is_a_finding(tmp_path: Path) -> None:
    parsed = read_text_file(tmp_path, HERE, parse_offset_checkpoint)
    assert said(parsed.findings) == ["some-checkpoint: could not be read: not a regular file"]


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(64 * 1024**3)
    parsed = read_text_file(huge, HERE, parse_offset_checkpoint)
    assert parsed.value == {}
    assert said(parsed.findings) == [f"some-checkpoint: expected at most {SIZE_LIMIT} bytes, found more"]


@pytest.mark.parametrize(
    "parse", [parse_meta_properties, parse_partition_metadata, parse_quorum_state, parse_clean_shutdown]
)
def test_a_file_of_one_object_is_not_parsed_where_that_would_take_hundreds_of_times_its_size(
    parse: Callable[[bytes, Location], Parsed[object]], tmp_path: Path
) -> None:
    file = tmp_path / "lists"
    file.write_bytes(b"[" + b"[]," * OBJECT_LIMIT + b"[]]")
    parsed = read_text_file(file, HERE, parse)
    assert said(parsed.findings) == [f"some-checkpoint: expected at most {OBJECT_LIMIT} bytes, found more"]
