"""Names of fields as Kafka's protocol tables spell them: `leaderId` is `leader_id`, `kRaftVersion` `kraft_version`."""

from __future__ import annotations

import re

from .wire import RawTaggedField

_SEAM = re.compile("(?<=[^A-Z])(?=[A-Z])")


def snake_case(name: str) -> str:
    """`name` in lower case, with an underscore before each capital that follows none (`MessageGenerator`)."""
    return _SEAM.sub("_", name[:1].upper() + name[1:]).lower()


def with_snake_case(value: object) -> object:
    """A decoded value with all its names in snake case, at any depth."""
    if isinstance(value, dict):
        return {snake_case(name): with_snake_case(inner) for name, inner in value.items()}
    if isinstance(value, RawTaggedField):
        return {"tag": value.tag, "data": value.data}
    if isinstance(value, list):
        return [with_snake_case(inner) for inner in value]
    return value
