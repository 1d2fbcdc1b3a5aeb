"""Kafka's own segments and indexes, asked for offsets and times; see `fixtures/make/src/any/Finds.java`."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fixtures.make.java import JAVA, MAKE, TOOL_SECONDS, libs, run
from inspector.partition import PartitionLog
from inspector.segment import Role

SOURCE = MAKE / "src" / "any" / "Finds.java"

NAMES = {
    "3.6.0": {
        "${kafka.records}": "org.apache.kafka.common.record",
        "${kafka.segment}": "kafka.log.LogSegment",
        "${kafka.from}": ", 0",
        "${kafka.most}": "(long) segment.size()",
    },
    "4.3.0": {
        "${kafka.records}": "org.apache.kafka.common.record.internal",
        "${kafka.segment}": "org.apache.kafka.storage.internals.log.LogSegment",
        "${kafka.from}": "",
        "${kafka.most}": "Optional.of((long) segment.size())",
    },
}
"""What the versions call by other names."""


class Asked(NamedTuple):
    """Questions about a partition."""

    log: PartitionLog
    offsets: Sequence[int]
    times: Sequence[int]


class Answers(NamedTuple):
    """What Kafka says, by offset and by time."""

    by_offset: dict[int, dict[str, Any]]
    by_time: dict[int, dict[str, Any]]


def kafka_finds(version: str, asked: Sequence[Asked]) -> list[Answers]:
    """The answers of one Kafka to all questions, in one process. It is given copies: it opens them for writing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / SOURCE.name
        source.write_text(_source_for(version))
        questions = folder / "questions"
        lines = (_question(one, folder / f"{number}") for number, one in enumerate(asked))
        questions.write_text("".join(f"{line}\n" for line in lines))
        command = [*JAVA, "-Xmx384m", "-cp", f"{libs(version)}/*", str(source), str(questions)]
        said = iter(run(command, TOOL_SECONDS).splitlines())
    return [_answers(one, said) for one in asked]


def _source_for(version: str) -> str:
    text = SOURCE.read_text()
    for name, here in NAMES[version].items():
        text = text.replace(name, here)
    return text


def _question(one: Asked, copy: Path) -> str:
    _copy(one.log, copy)
    start = one.log.log_start_offset or 0
    return json.dumps({"dir": str(copy), "offsets": list(one.offsets), "times": list(one.times), "logStart": start})


def _copy(log: PartitionLog, copy: Path) -> None:
    """The segments with their indexes; those of the active one as the broker has them, without the room for more."""
    copy.mkdir()
    for segment in log.segments:
        target = copy / segment.file_name
        shutil.copy2(segment.path, target)
        for role, size in ((Role.OFFSET_INDEX, 8), (Role.TIME_INDEX, 12)):
            path = segment.sibling(role)
            data = path.read_bytes() if path is not None else b""
            target.with_suffix(f".{role}").write_bytes(
                _trimmed(data, size) if is_open(log, segment.file_name) else data
            )


def is_open(log: PartitionLog, name: str) -> bool:
    """Whether the segment was written to when the directory was left."""
    from inspector.broker_files import Shutdown
    from inspector.partition import State

    was_stopped = log.shutdown is Shutdown.CLEAN and log.state is State.LIVE
    return name == log.segments[-1].file_name and not was_stopped


def _trimmed(data: bytes, size: int) -> bytes:
    used = len(data.rstrip(b"\0"))
    return data[: -(-used // size) * size]


def _answers(one: Asked, said: Any) -> Answers:
    by_offset = {offset: json.loads(next(said)) for offset in one.offsets}
    return Answers(by_offset, {time: json.loads(next(said)) for time in one.times})
