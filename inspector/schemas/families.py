"""Kafka's own schemas, one family of messages a file under `data/`, read when they are first asked for.

`python -m tools.schemas` takes them out of Kafka's jars: names, types, versions, no sentences. They are those of the
release that the files name. Early-access brokers before 3.7 wrote some records of the new group coordinator (KIP-848)
in another layout under the same version 0; those layouts are not kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

from .schema import Schema

FAMILIES = (
    "cluster_metadata", "consumer_offsets", "consumer_protocol", "control_records", "producer_snapshot",
    "remote_log_metadata", "share_group_state", "transaction_state",
)  # fmt: skip


@cache
def load_family(name: str) -> Mapping[str, Schema]:
    """The schemas of one of `FAMILIES`, by the names of the messages."""
    text = resources.files(__package__).joinpath("data", f"{name}.json").read_text(encoding="utf-8")
    return {data["name"]: Schema.load(data) for data in json.loads(text)["schemas"]}
