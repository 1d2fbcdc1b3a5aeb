"""A producer's delivery log: what it was told about each record it sent, a line each (`user_lines.py`).

The fields are `topic`, `partition`, `offset`; of the record `key` and `value`, or a digest of either (`key_md5`);
`sent`, a number that rises in the order of sending; `producer`, which tells several apart; and `error`, for a record
that was not acknowledged. Others are passed over.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ..user_lines import UserLine, payload, read_user_lines

DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
    "crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
}
"""By the name behind `key_` and `value_`; given in hexadecimal, whole or its beginning."""

SHORTEST = 4
"""So many bytes of a digest there must be."""


class Scheme(NamedTuple):
    """How a payload is told from others: so many bytes of a digest."""

    algorithm: str
    length: int

    def digest(self, found: bytes | None) -> bytes | None:
        """Of a payload, None for null."""
        return None if found is None else DIGESTS[self.algorithm](found)[: self.length]


PLAIN = Scheme("sha256", 32)
"""A payload that is given itself is remembered by this."""


class Claim(NamedTuple):
    """What a key or value must be: its digest; None where it must be null."""

    scheme: Scheme
    digest: bytes | None

    def holds(self, found: bytes | None) -> bool:
        """Whether a payload is the one claimed."""
        return self.scheme.digest(found) == self.digest


@dataclass(frozen=True, slots=True)
class Ack:
    """One line. offset: None where none was acknowledged (acks=0). key, value: None where nothing is known of them.

    shown_key: the key itself where the line has it. sent: None where the order of sending is not known.
    """

    line: int
    topic: str
    partition: int
    offset: int | None
    key: Claim | None = None
    value: Claim | None = None
    shown_key: bytes | None = None
    sent: float | None = None
    producer: str = ""


@dataclass(slots=True)
class DeliveryLog:
    """All of a file. failed: lines with an error. problems: lines that were not understood, the first few in words."""

    name: str
    acks: dict[str, list[Ack]] = field(default_factory=dict)
    failed: int = 0
    not_understood: int = 0
    problems: list[str] = field(default_factory=list)

    def take(self, line: UserLine) -> None:
        """Adds a line."""
        try:
            ack = _ack(line)
        except ValueError as error:
            self._not_understood(f"line {line.number}: {error}")
        else:
            if ack is None:
                self.failed += 1
            else:
                self.acks.setdefault(ack.topic, []).append(ack)

    def _not_understood(self, problem: str) -> None:
        self.not_understood += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


MOST_PROBLEMS = 3
"""So many lines that were not understood are named."""


def read_acks(file: str) -> DeliveryLog:
    """The delivery log in a file. Raises ValueError with a sentence where it cannot be read, or holds no such line."""
    path = Path(file)
    log = DeliveryLog(path.name)
    for line in read_user_lines(path):
        log.take(line)
    if not log.acks and not log.failed:
        raise ValueError(f"{path} acknowledges nothing" + (f" ({log.problems[0]})" if log.problems else ""))
    return log


def _ack(line: UserLine) -> Ack | None:
    """What a line says; None where it tells of a failure. Raises ValueError where it says neither."""
    fields = line.fields
    if line.problem:
        raise ValueError(line.problem)
    if fields.get("error"):
        return None
    topic, producer = fields.get("topic"), fields.get("producer")
    if not isinstance(topic, str):
        raise ValueError("no topic")
    return Ack(
        line.number, topic, _number(fields, "partition"), _offset(fields), _claim(fields, "key"),
        _claim(fields, "value"), payload(fields.get("key")), _sent(fields), "" if producer is None else str(producer),
    )  # fmt: skip


def _number(fields: Mapping[str, Any], name: str) -> int:
    given = fields.get(name)
    if isinstance(given, int | str):
        try:
            return int(given)
        except ValueError:
            pass
    raise ValueError(f"no {name}, or none that is a whole number")


def _offset(fields: Mapping[str, Any]) -> int | None:
    """Clients say -1 where the broker does not tell."""
    offset = _number(fields, "offset")
    return None if offset < 0 else offset


def _sent(fields: Mapping[str, Any]) -> float | None:
    given = fields.get("sent")
    try:
        return None if given is None else float(given) if "." in str(given) else int(given)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("a field sent that is no number") from None


def _claim(fields: Mapping[str, Any], name: str) -> Claim | None:
    """What the line says of the key or the value: itself, or the first digest that it has."""
    if name in fields:
        return Claim(PLAIN, PLAIN.digest(payload(fields[name])))
    return next(_digests(fields, name), None)


def _digests(fields: Mapping[str, Any], name: str) -> Iterator[Claim]:
    for algorithm in DIGESTS:
        given = fields.get(f"{name}_{algorithm}", fields)
        if given is not fields:
            digest = None if given is None else _hexadecimal(f"{name}_{algorithm}", given)
            length = len(DIGESTS[algorithm](b""))
            if digest is not None and not SHORTEST <= len(digest) <= length:
                raise ValueError(f"{name}_{algorithm} has {len(digest)} bytes, not {SHORTEST} to {length}")
            yield Claim(Scheme(algorithm, length if digest is None else len(digest)), digest)


def _hexadecimal(name: str, given: Any) -> bytes:
    try:
        return bytes.fromhex(given)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is not hexadecimal") from None
