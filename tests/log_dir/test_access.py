"""Directories and files that may not be read, and that nothing is ever changed."""

from __future__ import annotations

from inspector.errors import AccessDeniedError, KinspectError
from inspector.log_dir import open_log_dir


def outcome(path) -> tuple[str, str, str]:
    try:
        open_log_dir(path)
    except KinspectError as error:
        return type(error).__name__, error.message, error.hint
    return "opened", "", ""


def test_a_directory_that_may_not_be_read(public_make, as_nobody) -> None:
    public_make.broker("t-0")
    public_make.root.chmod(0o700)
    assert as_nobody(lambda: outcome(public_make.root)) == (
        AccessDeniedError.__name__,
        f"permission denied: {public_make.root}",
        "Run as the user that owns the log directory.",
    )
    assert as_nobody(lambda: outcome(public_make.root / "t-0"))[0] == "AccessDeniedError"


def test_an_unreadable_partition_among_others_is_a_finding(public_make, as_nobody) -> None:
    public_make.broker("a-0", "b-0", "c-0")
    (public_make.root / "b-0").chmod(0o700)

    def look() -> list[tuple[str | None, int, list[str]]]:
        logs = open_log_dir(public_make.root).partitions
        return [(log.topic, len(log.segments), [str(f) for f in log.findings]) for log in logs]

    assert as_nobody(look) == [
        ("a", 1, []),
        ("b", 0, ["b-0: could not be read: permission denied"]),
        ("c", 1, []),
    ]


def test_unreadable_partitions_alone_are_partitions_still(public_make, as_nobody) -> None:
    public_make.partition("a-0").chmod(0o700)
    assert as_nobody(lambda: [log.topic for log in open_log_dir(public_make.root).partitions]) == ["a"]


def test_an_unreadable_checkpoint_is_a_finding(public_make, as_nobody) -> None:
    public_make.broker("t-0")
    public_make("replication-offset-checkpoint", "0\n1\nt 0 5\n").chmod(0o600)
    public_make("t-0/partition.metadata", "version: 0\ntopic_id: 7tWWqXUTTwKnNOFEgkUvDg").chmod(0o600)

    def look() -> tuple[list[str], int | None, list[str]]:
        log_dir = open_log_dir(public_make.root)
        (log,) = log_dir.partitions
        return [str(f) for f in log_dir.findings], log.high_watermark, [str(f) for f in log.findings]

    assert as_nobody(look) == (
        ["replication-offset-checkpoint: could not be read: permission denied"],
        None,
        ["t-0/partition.metadata: could not be read: permission denied"],
    )


def test_a_directory_that_may_be_listed_but_not_entered(public_make, as_nobody) -> None:
    public_make.broker("t-0")
    (public_make.root / "t-0").chmod(0o744)

    def look() -> tuple[int, list[str]]:
        (log,) = open_log_dir(public_make.root).partitions
        return len(log.segments), [str(f) for f in log.findings if f.slug == "unreadable-file"]

    segments, findings = as_nobody(look)
    assert segments == 0
    name = "t-0/00000000000000000000.log"
    assert f"{name}: could not be read: permission denied" in findings


def test_an_unreadable_lock_leaves_the_question_open(public_make, as_nobody) -> None:
    public_make.broker("t-0")
    (public_make.root / ".lock").chmod(0o600)
    assert as_nobody(lambda: open_log_dir(public_make.root).shutdown.value) == "unknown"


def test_a_file_whose_directory_may_not_be_listed(public_make, as_nobody) -> None:
    path = public_make.partition("t-0")
    path.chmod(0o711)

    def look() -> tuple[str | None, int | None, bool | None, bool]:
        (segment,) = open_log_dir(path / "00000000000000000000.log").partitions[0].segments
        return segment.topic, segment.base_offset, segment.is_last, segment.may_be_torn

    assert as_nobody(look) == ("t", 0, None, True)


def test_nothing_is_created_changed_or_touched(make) -> None:
    make.broker("t-0", "u-1")
    make("replication-offset-checkpoint", "0\n0\n")
    paths = sorted([make.root, *make.root.rglob("*")])
    before = [(path, path.stat().st_mtime_ns, path.stat().st_ctime_ns) for path in paths]
    for log in open_log_dir(make.root).partitions:
        assert (len(log.segments), log.findings, log.leader_epochs) == (1, (), ())
    paths = sorted([make.root, *make.root.rglob("*")])
    assert [(path, path.stat().st_mtime_ns, path.stat().st_ctime_ns) for path in paths] == before
