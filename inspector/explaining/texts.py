"""The small text files of a log directory, token by token: checkpoints, properties, JSON.

What Kafka itself would make of them is told by `text_files.py`, whose findings are shown at the line they are about as
far as that can be told, else at the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ..broker_files import (
    CLEAN_SHUTDOWN,
    CLEANER_OFFSETS,
    LOCK,
    LOG_START_OFFSETS,
    META_PROPERTIES,
    RECOVERY_POINTS,
    REPLICATION_OFFSETS,
)
from ..findings import Finding
from ..location import Location
from ..regions import Region
from ..segment import Role
from ..text_files import (
    Parsed,
    parse_clean_shutdown,
    parse_leader_epochs,
    parse_meta_properties,
    parse_offset_checkpoint,
    parse_partition_metadata,
    parse_quorum_state,
)
from .json_text import json_object
from .leaves import Piece, group
from .tokens import token

_SPACE = "separator"
_LINE_END = "line end"

_VERSION = "Version of the file's form; 0, no other was ever written."
_COUNT = "How many lines follow. The broker refuses the file if there are more or fewer."


class TextFile(NamedTuple):
    """A kind of text file. regions: its tokens. parse: what Kafka makes of it, for what is wrong with it.

    about: what it is for, in a sentence. since: the release that brought it.
    """

    regions: Callable[[Piece], list[Region]]
    parse: Callable[[bytes, Location], Parsed[Any]]
    about: str = ""
    since: str = ""


class _Line(NamedTuple):
    """A line: where it starts, where its text ends, and where its end of line does."""

    start: int
    text_end: int
    end: int


def _lines(data: bytes) -> Iterator[_Line]:
    """As `bytes.splitlines` has them."""
    start = 0
    for line in data.splitlines(keepends=True):
        yield _Line(start, start + len(line.rstrip(b"\r\n")), start + len(line))
        start += len(line)


def _words(piece: Piece, line: _Line, names: tuple[tuple[str, str], ...]) -> Iterator[Region]:
    """The words of a line with what separates them. names: of each word, and the sentence about it."""
    position, number = line.start, 0
    for found in re.finditer(rb"\S+", piece.data[line.start : line.text_end]):
        start, end = line.start + found.start(), line.start + found.end()
        if start > position:
            yield token(_SPACE, piece, position, start)
        name, sentence = names[number] if number < len(names) else ("more", "No field of this kind of file.")
        yield token(name, piece, start, end, sentence)
        position, number = end, number + 1
    if position < line.text_end:
        yield token(_SPACE, piece, position, line.text_end)
    if line.text_end < line.end:
        yield token(_LINE_END, piece, line.text_end, line.end)


def _checkpoint(names: tuple[tuple[str, str], ...]) -> Callable[[Piece], list[Region]]:
    """A version, a count, and so many lines of these fields."""
    heads = ((("version", _VERSION),), (("count", _COUNT),))

    def regions(piece: Piece) -> list[Region]:
        return [
            group(f"line {number + 1}", list(_words(piece, line, heads[number] if number < len(heads) else names)))
            for number, line in enumerate(_lines(piece.data))
        ]

    return regions


def _pairs(separator: bytes, sentences: Mapping[str, str]) -> Callable[[Piece], list[Region]]:
    """Lines of a name, a separator, and a value; and comments."""

    def regions(piece: Piece) -> list[Region]:
        return [
            group(f"line {number + 1}", list(_pair(piece, line, separator, sentences)))
            for number, line in enumerate(_lines(piece.data))
        ]

    return regions


def _pair(piece: Piece, line: _Line, separator: bytes, sentences: Mapping[str, str]) -> Iterator[Region]:
    text = piece.data[line.start : line.text_end]
    found = re.match(rb"([^" + separator + rb"\s]*)(\s*" + separator + rb"\s*)", text)
    if text.lstrip().startswith((b"#", b"!")) or not found:
        if text:
            yield token("comment", piece, line.start, line.text_end)
    else:
        name_end, value = line.start + found.end(1), line.start + found.end(2)
        sentence = sentences.get(found[1].decode("latin-1"), "")
        if name_end > line.start:
            yield token("name", piece, line.start, name_end)
        yield token(_SPACE, piece, name_end, value)
        if value < line.text_end:
            yield token(found[1].decode("utf-8", "replace") or "value", piece, value, line.text_end, sentence)
    if line.text_end < line.end:
        yield token(_LINE_END, piece, line.text_end, line.end)


# -- the kinds

EPOCHS = _checkpoint(
    (("epoch", "A leader epoch: it counts the leaders of the partition."),
     ("start_offset", "The first offset that was written in it."))
)  # fmt: skip

_PARTITION = {
    "version": "Version of the file's form; 0.",
    "topic_id": "The topic's id, 16 bytes in base64url. A topic that is made anew under its name has another one.",
}

_PROPERTIES = {
    "version": "0 for brokers of the ZooKeeper age, 1 for KRaft.",
    "broker.id": "Number of the broker, in version 0.",
    "node.id": "Number of the node, in version 1.",
    "cluster.id": "The cluster that the directory belongs to: a node of another one refuses it.",
    "directory.id": "The directory's own id, by which metadata tell which of several a replica lies in.",
}

_QUORUM = {
    "data_version": "Version of the file's form: 1 with voters that may change, else 0.",
    "clusterId": "The cluster; mostly left empty.",
    "leaderId": "Node id of the leader of the metadata quorum; -1: none is known.",
    "leaderEpoch": "Epoch of that leader.",
    "votedId": "The node that this one voted for in the epoch; -1: none.",
    "votedDirectoryId": "The directory of the node that it voted for.",
    "appliedOffset": "Not used; 0.",
    "currentVoters": "The nodes that may vote.",
}

_SHUTDOWN = {
    "version": "Version of the file's form; 0.",
    "brokerEpoch": "Epoch of the broker when it stopped; the controller tells by it whether the last stop was clean.",
}


def _nothing(_data: bytes, _at: Location) -> Parsed[None]:
    return Parsed(None)


def _as_it_is(piece: Piece) -> list[Region]:
    return [token("content", piece, 0, len(piece.data))] if piece.data else []


def _offsets(about: str, since: str) -> TextFile:
    offset = (("topic", "Name of the topic."), ("partition", "Number of the partition."), ("offset", about))
    return TextFile(_checkpoint(offset), parse_offset_checkpoint, "One line for each partition.", since)


BY_NAME: Mapping[str, TextFile] = {
    REPLICATION_OFFSETS: _offsets("Its high watermark: consumers get what lies before it. Up to 5 seconds old.", "0.8"),
    RECOVERY_POINTS: _offsets(
        "Its recovery point: what lies before it has reached the disk. After a crash, recovery starts here.", "0.8.1"
    ),
    LOG_START_OFFSETS: _offsets(
        "Its log start offset: what lies before it is deleted, although bytes may remain.", "0.11 (KIP-107)"
    ),
    CLEANER_OFFSETS: _offsets("Where the log cleaner goes on: what lies before it was compacted.", "0.8.1"),
    Role.LEADER_EPOCHS: TextFile(
        EPOCHS, parse_leader_epochs, "Where in the log each leader began, for finding where replicas part.",
        "0.11 (KIP-101)",
    ),
    Role.PARTITION_METADATA: TextFile(
        _pairs(b":", _PARTITION), parse_partition_metadata, "It ties the directory to the topic's id.", "2.8 (KIP-516)"
    ),
    META_PROPERTIES: TextFile(
        _pairs(b"=", _PROPERTIES), parse_meta_properties, "A broker of another identity refuses the directory.", "0.9"
    ),
    Role.QUORUM_STATE: TextFile(
        json_object(_QUORUM), parse_quorum_state, "What a node of the metadata quorum remembers of elections.",
        "2.7 (KIP-595)",
    ),
    CLEAN_SHUTDOWN: TextFile(
        json_object(_SHUTDOWN), parse_clean_shutdown,
        "That it is there counts: the next start need not recover the logs. Empty before 3.7.",
        "0.7; with the broker's epoch 3.7 (KIP-966)",
    ),
    LOCK: TextFile(_as_it_is, _nothing, "It holds nothing: a running broker has it locked.", "0.8"),
}  # fmt: skip
"""The text files by their names."""


def findings_of(kind: TextFile, data: bytes, at: Location) -> tuple[Finding, ...]:
    """What is wrong with it, as Kafka would see it."""
    return kind.parse(data, at).findings
