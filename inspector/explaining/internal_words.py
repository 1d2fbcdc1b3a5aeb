"""What a record of an internal topic says, in a few words; and what a tombstone makes Kafka forget.

Names come from the bytes and may be anything, so they are made printable and cut. A setting's value is not repeated
here: it may be a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..names import excerpt
from ..schemas import InternalRecord
from ..words import counted, utc
from .internal_facts import NAMED, NONE, RESOURCES, TRANSACTION_STATES

LONGEST_NAME = 80

Fields = Mapping[str, Any]


def name(value: object) -> str:
    """A name out of the bytes, printable and cut."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    return "null" if value is None else excerpt(str(value), LONGEST_NAME)


def field_in_words(type_name: str, field: str, value: object) -> str:
    """What a number means by its field: a time, a state, what -1 stands for; "" where it is nothing but a number."""
    if not isinstance(value, int) or isinstance(value, bool):
        return ""
    if field.endswith(("imestamp", "imestampMs")):
        return utc(value) if value >= 0 else "none"
    if (names := NAMED.get(f"{type_name}.{field}")) is not None:
        return names.get(value, f"unknown({value})")
    return NONE.get(field, "") if value == -1 else ""


def key_in_words(record: InternalRecord) -> str:
    """What a key is about."""
    key = record.key
    return "" if key is None else f"{record.type_name} of {_about(key)}"


def value_in_words(record: InternalRecord) -> str:
    """What a value says of what its key is about; "" where it is not understood."""
    if record.value is None:
        return "" if record.value_problem else key_in_words(record)
    say = _WORDS.get(record.type_name)
    if say is not None:
        return say(record.key or {}, record.value)
    return _metadata(record) if record.key is None else _of_coordinator(record.type_name, record.key, record.value)


def tombstone_in_words(record: InternalRecord) -> str:
    """What is deleted by a value of null."""
    key = record.key or {}
    forgotten = _FORGOTTEN.get(record.type_name, "what was said before of {about} is forgotten")
    where = f"{name(key.get('topic'))}-{key.get('partition')}"
    return f"A tombstone: {forgotten.format(about=_about(key), group=name(key.get('group')), where=where)}."


def _about(key: Fields) -> str:
    """Whom or what a key names."""
    parts = []
    if "group" in key or "groupId" in key:
        parts.append(f"group {name(key.get('group', key.get('groupId')))}")
    if "memberId" in key:
        parts.append(f"member {name(key['memberId'])}")
    if "partition" in key:
        parts.append(f"{name(key.get('topic', key.get('topicId')))}-{key['partition']}")
    if "regularExpression" in key:
        parts.append(f"expression {name(key['regularExpression'])}")
    if "transactionalId" in key:
        parts.append(f"transaction {name(key['transactionalId'])}")
    return ", ".join(parts) or "nothing"


_FORGOTTEN: Mapping[str, str] = {
    "LegacyOffsetCommit": "the offset of {where} that group {group} committed is forgotten",
    "OffsetCommit": "the offset of {where} that group {group} committed is forgotten",
    "GroupMetadata": "{about} is no more; its offsets have tombstones of their own",
    "TransactionLog": "{about} is forgotten; its producer gets a new id",
    "ShareSnapshot": "the state of {about} is forgotten",
    "ShareUpdate": "the state of {about} is forgotten",
}
"""What a tombstone means, by the type of its key."""


# -- the coordinators


def _commit(key: Fields, value: Fields) -> str:
    where = f"{name(key.get('topic'))}-{key.get('partition')}"
    return f"offset {value['offset']} of {where}, committed by group {name(key.get('group'))}"


def _group(key: Fields, value: Fields) -> str:
    members = counted(len(value["members"] or ()), "member") if value["members"] else "no members"
    return f"group {name(key.get('group'))}: generation {value['generation']}, {members}"


def _transaction(key: Fields, value: Fields) -> str:
    state = value["transactionStatus"]
    return f"transaction {name(key.get('transactionalId'))}: {TRANSACTION_STATES.get(state, f'unknown({state})')}"


def _share_state(key: Fields, value: Fields) -> str:
    batches = counted(len(value["stateBatches"] or ()), "state batch")
    start = value["startOffset"]
    since = "start offset as it was" if start < 0 else f"start offset {start}"
    return f"share {_about(key)}: {since}, {batches}"


def _of_coordinator(type_name: str, key: Fields, value: Fields) -> str:
    """Of a type without words of its own: the epoch, where it has one."""
    epoch = next((value[one] for one in ("epoch", "memberEpoch", "assignmentEpoch") if one in value), None)
    return f"{type_name} of {_about(key)}" + (f": epoch {epoch}" if epoch is not None else "")


# -- metadata


def _metadata(record: InternalRecord) -> str:
    say = _OF_METADATA.get(record.type_name)
    return record.type_name if say is None else f"{record.type_name}: {say(record.value or {})}"


def _partition(value: Fields) -> str:
    where = f"partition {value['partitionId']} of topic {name(value['topicId'])}"
    leader = value["leader"]
    return where if leader == -2 else f"{where}, leader {'none' if leader == -1 else leader}"


def _config(value: Fields) -> str:
    kind = RESOURCES.get(value["resourceType"], f"resource {value['resourceType']}")
    what = "back to its default" if value["value"] is None else "set"
    resource = f" {name(value['resourceName'])}" if value["resourceName"] else "s, all of them"
    return f"{name(value['name'])} of {kind}{resource}, {what}"


def _field(field: str, before: str = "") -> Callable[[Fields], str]:
    return lambda value: f"{before}{name(value[field])}"


_OF_METADATA: Mapping[str, Callable[[Fields], str]] = {
    "TopicRecord": _field("name"),
    "RemoveTopicRecord": _field("topicId", "topic "),
    "PartitionRecord": _partition,
    "PartitionChangeRecord": _partition,
    "ConfigRecord": _config,
    "FeatureLevelRecord": lambda value: f"{name(value['name'])} at level {value['featureLevel']}",
    "RegisterBrokerRecord": _field("brokerId", "broker "),
    "UnregisterBrokerRecord": _field("brokerId", "broker "),
    "BrokerRegistrationChangeRecord": _field("brokerId", "broker "),
    "FenceBrokerRecord": _field("id", "broker "),
    "UnfenceBrokerRecord": _field("id", "broker "),
    "RegisterControllerRecord": _field("controllerId", "controller "),
    "ProducerIdsRecord": _field("nextProducerId", "next producer id "),
    "UserScramCredentialRecord": _field("name", "user "),
    "RemoveUserScramCredentialRecord": _field("name", "user "),
    "AccessControlEntryRecord": _field("principal"),
    "ClearElrRecord": _field("topicName", "topic "),
}

_WORDS: Mapping[str, Callable[[Fields, Fields], str]] = {
    "LegacyOffsetCommit": _commit,
    "OffsetCommit": _commit,
    "GroupMetadata": _group,
    "TransactionLog": _transaction,
    "ShareSnapshot": _share_state,
    "ShareUpdate": _share_state,
}
