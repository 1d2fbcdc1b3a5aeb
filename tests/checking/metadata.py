"""A cluster's metadata log, from the messages that a test names."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fixtures.make.damage import make_batch
from inspector.cluster_metadata import CONFIG, NAMES, PARTITION, REMOVE_TOPIC, TOPIC
from inspector.schemas import encode, load_family

Told = tuple[int, dict[str, Any]]
"""One message: its `apiKey` and fields."""


def topic_id(number: int) -> str:
    """An id as text."""
    return base64.urlsafe_b64encode(uuid.UUID(int=number + 1000).bytes).decode().rstrip("=")


def topic(name: str, number: int = 1, replicas: Sequence[int] = (0,), partition: int = 0) -> list[Told]:
    """A topic with one partition."""
    of_topic = (TOPIC, {"name": name, "topicId": topic_id(number)})
    of_partition = {"partitionId": partition, "topicId": topic_id(number), "replicas": list(replicas)}
    rest: dict[str, Any] = {"isr": list(replicas), "removingReplicas": [], "addingReplicas": [], "leader": 0}
    return [of_topic, (PARTITION, {**of_partition, **rest})]


def policy(name: str, value: str | None) -> Told:
    """The topic's own cleanup.policy, or None where it was taken back."""
    return CONFIG, {"resourceType": 2, "resourceName": name, "name": "cleanup.policy", "value": value}


def removed(number: int = 1) -> Told:
    """The end of a topic."""
    return REMOVE_TOPIC, {"topicId": topic_id(number)}


def batch(base_offset: int, told: Sequence[Told], **fields: int) -> bytes:
    """These messages as one batch."""
    values = [b"\x01" + bytes((kind, 0)) + encode(load_family("cluster_metadata")[NAMES[kind]], 0, body)
              for kind, body in told]  # fmt: skip
    return make_batch(base_offset, values, **fields)


def write_log(directory: Path, *told: Told, base_offset: int = 0) -> Path:
    """The log with these messages in the directory of a broker."""
    folder = directory / "__cluster_metadata-0"
    folder.mkdir(parents=True)
    (folder / f"{base_offset:020}.log").write_bytes(batch(base_offset, told) if told else b"")
    return folder
