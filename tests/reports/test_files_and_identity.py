"""`ls --files` and `ls --identity`: every file once, and what of several directories cannot be true together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inspector.reports.files import files
from inspector.reports.identity import identity
from inspector.reports.inventory import inventory
from inspector.reports.selection import Selection
from tests.reports.conftest import Taken, taken

UNIQUE = "0123456789abcdef0123456789abcdef"
ALL = Selection()
CLUSTER, OTHER_CLUSTER = "4L6g3nShT-eMCtK--X86sw", "a2luc3BlY3QtZml4dHVyZQ"
TOPIC_ID, OTHER_ID = "7tWWqXUTTwKnNOFEgkUvDg", "MFz2AkH8QpqRVmfCUOpHsA"


def made(
    root: Path, *partitions: str, node: int = 1, cluster: str = CLUSTER, directory_id: str = "", ids: str = TOPIC_ID
) -> Path:
    """A broker's directory with empty partitions that all have the same topic id."""
    root.mkdir()
    directory_line = f"directory.id={directory_id}\n" if directory_id else ""
    (root / "meta.properties").write_text(f"version=1\nnode.id={node}\ncluster.id={cluster}\n{directory_line}")
    for name in partitions:
        (root / name).mkdir()
        (root / name / "00000000000000000000.log").touch()
        (root / name / "partition.metadata").write_text(f"version: 0\ntopic_id: {ids}")
    return root


def told(part: Taken) -> list[str]:
    return [f"{finding.slug}: {finding}" for finding in part.findings]


@pytest.mark.parametrize("name", ["kafka-3.6.0-stopped", "kafka-4.3.0-killed", "kafka-3.6.0-old-formats"])
def test_the_files_are_those_that_find_finds(real_dirs, name: str) -> None:
    root = real_dirs[name]
    part = taken(files([root], ALL))
    seen = {(Path(row["directory"]) / row["file"]).as_posix(): row["bytes"] for row in part.rows}
    there = {path.relative_to(root).as_posix(): path.stat().st_size for path in root.rglob("*") if path.is_file()}
    assert seen == there and len(part.rows) == len(there)
    assert all(row["kind"] != "foreign" for row in part.rows)
    assert part.verdict.text.startswith(f"{len(there)} files, {sum(there.values()):,} bytes; ")
    assert part.findings == []


def test_files_of_a_partition_a_file_and_a_topic(real_dirs) -> None:
    root = real_dirs["kafka-4.3.0-stopped"]
    whole = taken(files([root], Selection(("trimmed",)))).rows
    alone = taken(files([root / "trimmed-0"], ALL)).rows
    assert [row["file"] for row in whole] == [row["file"] for row in alone]
    assert ({row["directory"] for row in whole}, {row["directory"] for row in alone}) == ({"trimmed-0"}, {"."})
    (row,) = taken(files([root / "trimmed-0" / "00000000000000000000.log"], ALL)).rows
    assert (row["file"], row["kind"], row["topic"]) == ("00000000000000000000.log", "log", "trimmed")


def test_what_is_foreign_is_a_row_and_no_finding_beside(tmp_path: Path) -> None:
    root = made(tmp_path / "data", "t-0")
    (root / "lost+found").mkdir()
    (root / "t-0" / "notes.txt").write_text("x")
    (root / "t-0" / "00000000000000000000.log.swap").touch()
    part = taken(files([root], ALL))
    foreign = [(row["directory"], row["file"], row["note"]) for row in part.rows if row["kind"] == "foreign"]
    assert foreign == [(".", "lost+found", "a folder"), ("t-0", "notes.txt", None)]
    assert part.findings == []
    assert "; 2 foreign, 1 swap; " in part.verdict.text


def test_one_row_a_directory_with_what_its_files_say(real_dirs) -> None:
    part = taken(identity([real_dirs["kafka-3.6.0-stopped"], real_dirs["kafka-4.3.0-killed"]], ALL))
    old, new = part.rows
    assert (old["node_id"], old["directory_id"], old["meta_properties_version"]) == (0, None, 0)
    assert (old["shutdown"], old["kafka_at_least"], old["kafka_at_most"]) == ("clean", "2.8", "3.6")
    assert (new["cluster_id"], new["node_id"], new["meta_properties_version"]) == (OTHER_CLUSTER, 1, 1)
    assert (new["shutdown"], new["kafka_at_least"], new["kafka_at_most"]) == ("unclean", "4.0", None)
    assert ("__cluster_metadata", "AAAAAAAAAAAAAAAAAAAAAQ") in new["topic_ids"]
    assert len(new["topic_ids"]) == new["topics"]
    assert (part.findings, part.verdict.text) == ([], "2 directories; 2 clusters, 2 nodes")


def test_several_directories_of_one_healthy_cluster_contradict_nothing(tmp_path: Path) -> None:
    dirs = [
        made(tmp_path / "n1-a", "t-0", "u-0", node=1, directory_id="A" * 22),
        made(tmp_path / "n1-b", "t-1", f"t-0.{UNIQUE}-future", node=1, directory_id="B" * 22),
        made(tmp_path / "n2", "t-0", "t-1", node=2, directory_id="C" * 22),
    ]
    part = taken(identity(dirs, ALL))
    assert (told(part), part.verdict.text) == ([], "3 directories; 1 cluster, 2 nodes")
    assert [row["log_dir"] for row in part.rows] == [str(path) for path in dirs]


def test_a_copy_is_told_by_its_directory_id_alone(tmp_path: Path) -> None:
    one = made(tmp_path / "one", "t-0", directory_id=OTHER_ID)
    copy = made(tmp_path / "copy", "t-0", directory_id=OTHER_ID)
    part = taken(identity([one, copy], ALL))
    assert told(part) == [f"duplicate-directory-id: {copy}: the directory id {OTHER_ID} is that of {one} too"]


def test_a_partition_in_two_directories_of_one_node_is_told_once_for_the_pair(tmp_path: Path) -> None:
    one, other = made(tmp_path / "one", "t-0", "t-1"), made(tmp_path / "other", "t-0", "t-1")
    assert told(taken(identity([one, other], ALL))) == [
        f"partition-in-two-directories: {other}: t-0 lies in {one} of the same node too"
    ]


def test_the_same_node_number_in_two_clusters_is_a_note(tmp_path: Path) -> None:
    one, other = made(tmp_path / "one", "t-0"), made(tmp_path / "other", "t-0", cluster=OTHER_CLUSTER, ids=OTHER_ID)
    part = taken(identity([one, other], ALL))
    assert told(part) == [
        f"node-in-two-clusters: {other}: node 1 of this cluster is another than node 1 of the cluster of {one}"
    ]


def test_a_topic_under_two_ids_within_a_cluster_is_told_with_both(tmp_path: Path) -> None:
    one = made(tmp_path / "one", "t-0", f"t-1.{UNIQUE}-delete")
    (one / f"t-1.{UNIQUE}-delete" / "partition.metadata").write_text("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAg")
    other = made(tmp_path / "other", "t-1", node=2, ids=OTHER_ID)
    assert told(taken(identity([one, other], ALL))) == [
        f"topic-under-two-ids: {other}/t-1/partition.metadata: topic t ({OTHER_ID}) has this id here, and another one "
        f"elsewhere in the cluster: {TOPIC_ID} in {one}"
    ]


def test_a_directory_of_no_broker_has_no_identity(tmp_path: Path) -> None:
    (tmp_path / "t-0").mkdir()
    (tmp_path / "t-0" / "00000000000000000000.log").touch()
    part = taken(identity([tmp_path], ALL))
    (row,) = part.rows
    assert (row["cluster_id"], row["node_id"], row["kafka_at_least"], row["topic_ids"]) == (None, None, None, [])
    assert part.verdict.text == "1 directory; 1 directory of an unknown cluster"


def test_the_same_directory_is_shown_once_whatever_it_is_called(tmp_path: Path, kinspect) -> None:
    root = made(tmp_path / "data", "t-0")
    (tmp_path / "link").symlink_to(root)
    part = taken(inventory([root, tmp_path / "link", tmp_path / "data" / ".." / "data"], ALL, segments=False))
    assert [row.get("log_dir") for row in part.rows] == [None]
    assert told(part) == [
        f"given-twice: {tmp_path / 'link'}: is the same directory as {root}, and shown once",
        f"given-twice: {tmp_path / 'data' / '..' / 'data'}: is the same directory as {root}, and shown once",
    ]
    for command in (["ls"], ["ls", "--files"], ["verify"], ["batches"], ["show", "-t", "t"]):
        done = kinspect(*command, root, tmp_path / "link")
        assert (done.returncode, (done.stdout + done.stderr).count("given-twice")) == (0, 1), command


def test_the_machine_forms_have_one_object_a_directory_and_a_file(real_dirs, kinspect) -> None:
    root = real_dirs["kafka-4.3.0-stopped"]
    (line,) = kinspect("ls", root, "--identity", "-J").stdout.splitlines()
    assert f"directory.id={json.loads(line)['directory_id']}\n" in (root / "meta.properties").read_text()
    rows = [json.loads(line) for line in kinspect("ls", root, "--files", "-J", "-t", "compacted").stdout.splitlines()]
    deleted = [row["file"] for row in rows if row["pending"] == "deleted"]
    assert len(deleted) == 27 and all(name.endswith(".deleted") for name in deleted)
