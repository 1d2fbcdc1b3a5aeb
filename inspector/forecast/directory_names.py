"""Folders of a log directory as `LogManager` takes them: whatever is no partition keeps the broker from starting.

Laxer than `partition.parse_partition_dir_name`, which asks for the names that brokers write. Source:
`LocalLog.parseTopicPartitionName`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .versions import Rules

DELETE, FUTURE, STRAY = "-delete", "-future", "-stray"
METADATA_TOPIC = "__cluster_metadata"
REMOTE_CACHE = "remote-log-index-cache"

_SUFFIXED = re.compile(r"[^ \t\n\x0b\f\r]+-[^ \t\n\x0b\f\r]+\.[^ \t\n\x0b\f\r]+-(delete|future|stray)")
_JAVA_INT = re.compile(r"[+-]?\d{1,100}")


class FolderName(NamedTuple):
    """What Kafka makes of it. suffix: one of the three, or ""."""

    topic: str
    partition: int
    suffix: str = ""


def folder_name(name: str, rules: Rules) -> FolderName | None:
    """The partition that a folder holds; None where Kafka takes the name for no partition, and ends."""
    known = (DELETE, FUTURE, STRAY) if rules.knows_strays else (DELETE, FUTURE)
    suffix = next((one for one in known if name.endswith(one)), "")
    if suffix and not _SUFFIXED.fullmatch(name):
        return None
    whole = name[: name.rindex(".")] if suffix else name
    topic, dash, number = whole.rpartition("-")
    if not dash or not topic or not _JAVA_INT.fullmatch(number) or not -(2**31) <= int(number) < 2**31:
        return None
    return FolderName(topic, int(number), suffix)
