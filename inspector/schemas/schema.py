"""A message schema as Kafka keeps it: the form of its own message JSON, without the sentences.

`Schema.load` takes such a JSON object and checks it; it knows nothing of bytes (`wire.py` does). Whatever may change
the bytes is understood or refused: a key that is not in the lists below is an error, so that a newer form of the JSON
cannot be misread silently.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

ANY_LATER = 0x7FFF
"""The highest version of an open range, as in "2+"."""

_SCHEMA_KEYS = {"name", "type", "apiKey", "validVersions", "flexibleVersions", "fields", "commonStructs"}
_SCHEMA_KEYS_WITHOUT_BYTES = {"listeners", "latestVersionUnstable"}
_FIELD_KEYS = {
    "name",
    "type",
    "versions",
    "nullableVersions",
    "flexibleVersions",
    "tag",
    "taggedVersions",
    "default",
    "fields",
}
_FIELD_KEYS_WITHOUT_BYTES = {"about", "mapKey", "ignorable", "entityType", "zeroCopy"}


@dataclass(frozen=True, slots=True)
class Versions:
    """A range of versions, both ends included; `highest` below `lowest` means none."""

    lowest: int
    highest: int

    @classmethod
    def parse(cls, text: str) -> Versions:
        """A range as Kafka writes it: "0+", "1-3", "2" or "none"."""
        if text in ("", "none"):
            return NO_VERSIONS
        if text.endswith("+"):
            return cls(int(text[:-1]), ANY_LATER)
        lowest, _, highest = text.partition("-")
        return cls(int(lowest), int(highest or lowest))

    def __contains__(self, version: int) -> bool:
        return self.lowest <= version <= self.highest

    def __str__(self) -> str:
        return str(self.lowest) if self.lowest == self.highest else f"{self.lowest} to {self.highest}"


NO_VERSIONS = Versions(0, -1)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message or struct.

    type: a primitive, the name of a struct, or either with `[]` in front.
    versions, nullable, tagged: in which versions it exists, may be null, and is a tagged field (then with `tag`).
    flexible: where the field departs from the message's own flexible versions.
    default: as written in the schema, "" when it says nothing.
    fields: of the struct that this field declares itself; structs used twice stand in `Schema.structs`.
    """

    name: str
    type: str
    versions: Versions
    nullable: Versions
    tagged: Versions
    tag: int | None
    flexible: Versions | None
    default: str
    fields: tuple[Field, ...]

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Field:
        """A field from its JSON object. The name becomes camelCase, as in Kafka's generated classes."""
        _refuse_unknown(data, _FIELD_KEYS | _FIELD_KEYS_WITHOUT_BYTES)
        tagged = Versions.parse(data.get("taggedVersions", "none"))
        flexible = data.get("flexibleVersions")
        return cls(
            name=data["name"][:1].lower() + data["name"][1:],
            type=data["type"],
            versions=Versions.parse(data["versions"]) if "versions" in data else tagged,
            nullable=Versions.parse(data.get("nullableVersions", "none")),
            tagged=tagged,
            tag=data.get("tag"),
            flexible=None if flexible is None else Versions.parse(flexible),
            default=_default_text(data.get("default")),
            fields=_load_fields(data.get("fields", ())),
        )

    def is_tagged(self, version: int) -> bool:
        """True when the field stands in the tagged section of `version`."""
        return self.tag is not None and version in self.tagged


# Identity is enough to tell schemas apart, and makes them keys of the interpreter's cache.
@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """A versioned message: its fields and the structs that they name.

    type: "data", "metadata", "coordinator-key" or "coordinator-value", "" when the schema says nothing.
    api_key: the number by which records in a topic name this message, None where they have none.
    """

    name: str
    versions: Versions
    flexible: Versions
    fields: tuple[Field, ...]
    structs: Mapping[str, tuple[Field, ...]]
    type: str = ""
    api_key: int | None = None

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Schema:
        """A schema from Kafka's message JSON, read into Python; its sentences may be left out."""
        _refuse_unknown(data, _SCHEMA_KEYS | _SCHEMA_KEYS_WITHOUT_BYTES)
        return cls(
            name=data["name"],
            versions=Versions.parse(data["validVersions"]),
            flexible=Versions.parse(data["flexibleVersions"]),
            fields=_load_fields(data["fields"]),
            structs={struct["name"]: _load_fields(struct["fields"]) for struct in data.get("commonStructs", ())},
            type=data.get("type", ""),
            api_key=data.get("apiKey"),
        )


def _load_fields(fields: Iterable[Mapping[str, Any]]) -> tuple[Field, ...]:
    return tuple(Field.load(field) for field in fields)


def _default_text(default: object) -> str:
    """Kafka writes defaults as text or as JSON values, -1 as "-1"; but "null" is null, and a JSON null says nothing."""
    if default is None:
        return ""
    return default if isinstance(default, str) else json.dumps(default)


def _refuse_unknown(data: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(data) - known)
    if unknown:
        raise ValueError(f"schema of {data.get('name')!r}: unknown key {', '.join(unknown)}")
