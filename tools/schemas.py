"""Takes the schemas of Kafka's messages out of its jars: `python -m tools.schemas`, and with --check only compares.

Kafka keeps them as JSON with comments and sentences. What is kept here are the facts: names, types, versions, tags,
what may be null, defaults. One family of messages is one file of `inspector/schemas/data/`, one message a line.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fixtures.make.kafka import KafkaError, libs

RELEASE = "4.3.0"
DATA = Path(__file__).resolve().parents[1] / "inspector" / "schemas" / "data"

Schema = Mapping[str, Any]


class Family(NamedTuple):
    """Which messages belong together: a jar's name without its version, and a pattern for the messages' names."""

    jar: str
    names: str


FAMILIES: Mapping[str, Family] = {
    "control_records": Family(
        "kafka-clients",
        "ControlRecordTypeSchema|EndTxnMarker|LeaderChangeMessage|Snapshot(Header|Footer)Record|KRaftVersionRecord"
        "|VotersRecord",
    ),
    "producer_snapshot": Family("kafka-storage", "ProducerSnapshot"),
    "consumer_offsets": Family("kafka-group-coordinator", r"\w+"),
    "consumer_protocol": Family("kafka-clients", "ConsumerProtocol(Assignment|Subscription)"),
    "transaction_state": Family("kafka-transaction-coordinator", r"\w+"),
    "share_group_state": Family("kafka-share-coordinator", r"\w+"),
    "remote_log_metadata": Family("kafka-storage", r"Remote\w+Record"),
    "cluster_metadata": Family("kafka-metadata", r"\w+"),
}

DROPPED = {"about", "ignorable", "entityType", "mapKey", "zeroCopy", "listeners", "latestVersionUnstable"}
"""What does not change the bytes. A key that is new stays, so that `Schema.load` refuses what it does not know."""

_PATH = re.compile(r"(?:.*/)?(?:message|metadata)/(\w+)\.json")
_STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*')


def main(arguments: Sequence[str]) -> int:
    """Writes the data anew, or with --check says which files are not as the jars have them."""
    if list(arguments) not in ([], ["--check"]):
        print("usage: python -m tools.schemas [--check]", file=sys.stderr)
        return 2
    try:
        extracted = extract(libs(RELEASE))
    except KafkaError as error:
        print(error, file=sys.stderr)
        return 2
    if not arguments:
        write(extracted)
        return 0
    stale = differing(extracted)
    for name in stale:
        print(f"{name} is not as Kafka {RELEASE} has it: run python -m tools.schemas", file=sys.stderr)
    return 1 if stale else 0


def extract(jars: Path, release: str = RELEASE) -> dict[str, str]:
    """The text of each data file by its name, from the jars of a release."""
    return {f"{name}.json": as_text(messages(jars, release, family), release) for name, family in FAMILIES.items()}


def differing(extracted: Mapping[str, str]) -> list[str]:
    """The data files that are missing, superfluous, or not as extracted."""
    there = {path.name: path.read_text(encoding="utf-8") for path in DATA.glob("*.json")}
    return sorted(name for name in there.keys() | extracted.keys() if there.get(name) != extracted.get(name))


def write(extracted: Mapping[str, str]) -> None:
    """Writes the data files."""
    DATA.mkdir(exist_ok=True)
    for name, text in extracted.items():
        (DATA / name).write_text(text, encoding="utf-8")


def as_text(messages: Sequence[Schema], release: str) -> str:
    """A data file: one message a line, so that a later release shows as a diff that can be read."""
    lines = ",\n".join(json.dumps(message, separators=(",", ":")) for message in messages)
    return f'{{"release":"{release}","schemas":[\n{lines}\n]}}\n'


def messages(jars: Path, release: str, family: Family) -> list[Schema]:
    """The messages of a family, by their numbers and names."""
    jar = jars / f"{family.jar}-{release}.jar"
    found = [_facts(message) for name, message in _all_messages(jar) if re.fullmatch(family.names, name)]
    return sorted(found, key=lambda message: (message.get("apiKey", -1), message["name"]))


def _all_messages(jar: Path) -> Iterator[tuple[str, Schema]]:
    with zipfile.ZipFile(jar) as archive:
        for path in archive.namelist():
            match = _PATH.fullmatch(path)
            if match:
                yield match[1], json.loads(without_comments(archive.read(path).decode("utf-8")))


def without_comments(text: str) -> str:
    """JSON without what stands behind `//` outside of its strings."""
    return _STRING_OR_COMMENT.sub(lambda found: found[1] or "", text)


def _facts(value: Any) -> Any:
    """The same without its sentences, at any depth, and with the name first."""
    if isinstance(value, dict):
        return {key: _facts(value[key]) for key in sorted(value, key="name".__ne__) if key not in DROPPED}
    return [_facts(inner) for inner in value] if isinstance(value, list) else value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
