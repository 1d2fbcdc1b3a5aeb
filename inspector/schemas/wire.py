"""How the types of Kafka's messages lie in bytes: one class a type, each reading, writing, and naming its default.

Nothing here knows versions: `interpreter.py` picks the types for one version of a schema. The encodings are those of
Kafka's generated message classes. Two points that are easy to miss: the mark of a nullable struct is a signed byte
among ordinary fields but an unsigned varint in a tagged field, and Kafka takes any negative length for null.
"""

from __future__ import annotations

import re
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple, Protocol, TypeVar

from .reader import Reader

MAX_STRING_SIZE = 0x7FFF
"""Kafka refuses longer strings, in the compact form too."""

UNKNOWN_TAGS = "unknownTaggedFields"
"""The key under which a struct's value keeps the tagged fields that its schema does not name, if there are any."""

_UUID_SIZE = 16
_UUID_TEXT = re.compile("[A-Za-z0-9_-]{22}")
_INT8 = struct.Struct(">b")
_PRESENT, _NULL = 1, -1
_PRESENT_IN_TAG, _NULL_IN_TAG = 1, 0

T = TypeVar("T")


class RawTaggedField(NamedTuple):
    """A tagged field that the schema does not name, kept as it is."""

    tag: int
    data: bytes


class WireType(Protocol):
    """What a type can do."""

    def read(self, reader: Reader, path: str) -> object:
        """The value at the reader's position; its spans are noted."""

    def write(self, value: object, out: bytearray, path: str) -> None:
        """Append `value`; a value that does not fit is a ValueError naming `path`."""

    def default(self, text: str) -> object:
        """The default that a schema writes as `text` ("": it writes none)."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number or bool of fixed size, big-endian. Any non-zero byte is a true bool."""

    format: struct.Struct

    def read(self, reader: Reader, path: str) -> object:
        """The number."""
        start = reader.position
        (value,) = self.format.unpack(reader.take(self.format.size, path))
        reader.note(path, start, value)
        return value

    def write(self, value: object, out: bytearray, path: str) -> None:
        """Append the number."""
        try:
            out += self.format.pack(value)
        except struct.error as error:
            raise ValueError(f"{path}: {value!r}: {error}") from None

    def default(self, text: str) -> object:
        """Zero, false, or the number written, which may be hexadecimal."""
        (zero,) = self.format.unpack(bytes(self.format.size))
        if not text:
            return zero
        if isinstance(zero, bool):
            return text.lower() == "true"
        return float(text) if isinstance(zero, float) else int(text, 0)


@dataclass(frozen=True, slots=True)
class Uuid:
    """16 bytes, shown as Kafka does: 22 characters of base64url."""

    def read(self, reader: Reader, path: str) -> object:
        """The text form."""
        start = reader.position
        value = _uuid_text(reader.take(_UUID_SIZE, path))
        reader.note(path, start, value)
        return value

    def write(self, value: object, out: bytearray, path: str) -> None:
        """Append the 16 bytes of the text form."""
        text = _expect(value, str, path)
        if not _UUID_TEXT.fullmatch(text):
            raise ValueError(f"{path}: {value!r} is no uuid in base64url")
        out += urlsafe_b64decode(f"{text}==")

    def default(self, text: str) -> object:
        """The uuid written, or the zero uuid."""
        return text or _uuid_text(bytes(_UUID_SIZE))


@dataclass(frozen=True, slots=True)
class Length:
    """What stands in front of strings, bytes and arrays: a signed number, or in compact form a varint of N + 1.

    format: of the signed number; None for the compact form.
    word: what the path of its span ends in, `length` or `count`.
    """

    format: struct.Struct | None
    nullable: bool
    word: str = "length"

    def read(self, reader: Reader, path: str) -> int | None:
        """How many bytes or elements follow, None for null. The bytes are known to remain."""
        at, start = f"{path}#{self.word}", reader.position
        length = self._read_claim(reader, at)
        reader.note(at, start, length)
        if length >= 0:
            reader.check_claim(at, start, length)
            return length
        if not self.nullable:
            reader.fail(path, "a value", "null", start)
        return None

    def _read_claim(self, reader: Reader, path: str) -> int:
        if self.format is None:
            return reader.varint(path) - 1
        (length,) = self.format.unpack(reader.take(self.format.size, path))
        return int(length)

    def write(self, length: int | None, out: bytearray, path: str) -> None:
        """Append the length, or the mark of null."""
        if length is None and not self.nullable:
            raise ValueError(f"{path} must not be null")
        number = -1 if length is None else length
        out += _varint(number + 1) if self.format is None else self.format.pack(number)


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes, or records, which are bytes to a schema."""

    length: Length

    def read(self, reader: Reader, path: str) -> object:
        """The bytes, or None."""
        size = self.length.read(reader, path)
        start = reader.position
        value = None if size is None else reader.take(size, path)
        reader.note(path, start, value)
        return value

    def write(self, value: object, out: bytearray, path: str) -> None:
        """Append the length and the bytes."""
        data = None if value is None else _expect(value, bytes, path)
        self.length.write(None if data is None else len(data), out, path)
        out += data or b""

    def default(self, text: str) -> object:
        """Null or empty."""
        return None if text == "null" else b""


@dataclass(frozen=True, slots=True)
class Text:
    """A string. Bytes that are no UTF-8 stay `bytes`, so that nothing is lost."""

    length: Length

    def read(self, reader: Reader, path: str) -> object:
        """The text, None, or the bytes if they are no UTF-8."""
        start = reader.position
        size = self.length.read(reader, path)
        if size is not None and size > MAX_STRING_SIZE:
            reader.fail(path, f"a string of at most {MAX_STRING_SIZE} bytes", size, start)
        start = reader.position
        value = None if size is None else _text(reader.take(size, path))
        reader.note(path, start, value)
        return value

    def write(self, value: object, out: bytearray, path: str) -> None:
        """Append the length and the text in UTF-8."""
        data = value if value is None or isinstance(value, bytes) else _expect(value, str, path).encode()
        if data is not None and len(data) > MAX_STRING_SIZE:
            raise ValueError(f"{path}: {len(data)} bytes, more than {MAX_STRING_SIZE}")
        self.length.write(None if data is None else len(data), out, path)
        out += data or b""

    def default(self, text: str) -> object:
        """Null, or the text written."""
        return None if text == "null" else text


@dataclass(frozen=True, slots=True)
class Array:
    """A count and that many elements of one type."""

    count: Length
    element: WireType

    def read(self, reader: Reader, path: str) -> object:
        """The list of the elements, or None."""
        start = reader.position
        count = self.count.read(reader, path)
        if count is None:
            return None
        reader.check_elements(f"{path}#count", start, count)
        return [self.element.read(reader, f"{path}[{index}]") for index in range(count)]

    def write(self, value: object, out: bytearray, path: str) -> None:
        """Append the count and the elements."""
        elements = None if value is None else _expect(value, list, path)
        self.count.write(None if elements is None else len(elements), out, path)
        for index, element in enumerate(elements or ()):
            self.element.write(element, out, f"{path}[{index}]")

    def default(self, text: str) -> object:
        """Null or empty."""
        return None if text == "null" else []


@dataclass(frozen=True, slots=True)
class Slot:
    """A field's place in a struct: its name, its type in this version, and the default as the schema writes it."""

    name: str
    type: WireType
    default_text: str

    @property
    def default(self) -> object:
        """A fresh default, which the caller may keep."""
        return self.type.default(self.default_text)


@dataclass(frozen=True, slots=True)
class Block:
    """A struct, or a whole message: its fields in order and, in flexible versions, its tagged fields."""

    slots: tuple[Slot, ...]
    tagged: Mapping[int, Slot]
    flexible: bool

    def read(self, reader: Reader, path: str) -> dict[str, object]:
        """The fields by name. A tagged field that is not there has its default, and no span."""
        value = {slot.name: slot.type.read(reader, _join(path, slot.name)) for slot in self.slots}
        if self.flexible:
            value |= {slot.name: slot.default for slot in self.tagged.values()}
            value |= self._read_tags(reader, path)
        return value

    def _read_tags(self, reader: Reader, path: str) -> dict[str, object]:
        known: dict[str, object] = {}
        unknown: list[RawTaggedField] = []
        for _ in range(reader.counted(f"{path}#tags")):
            self._read_tag(reader, path, known, unknown)
        return known | ({UNKNOWN_TAGS: unknown} if unknown else {})

    def _read_tag(self, reader: Reader, path: str, known: dict[str, object], unknown: list[RawTaggedField]) -> None:
        start = reader.position
        tag = reader.varint(f"{path}#tag")
        slot = self.tagged.get(tag)
        at = _join(path, slot.name if slot else f"{UNKNOWN_TAGS}[{len(unknown)}]")
        reader.note(f"{at}#tag", start, tag)
        size = reader.counted(f"{at}#size")
        if slot is None:
            start = reader.position
            unknown.append(RawTaggedField(tag, reader.take(size, at)))
            reader.note(at, start, unknown[-1].data)
            return
        with reader.inside(size, at):
            known[slot.name] = slot.type.read(reader, at)

    def write(self, value: object, out: bytearray, path: str) -> None:
        """Append the fields; one that `value` does not hold is written as its default."""
        fields = _expect(value, dict, path)
        self._refuse_unknown(fields, path)
        for slot in self.slots:
            slot.type.write(fields.get(slot.name, slot.default), out, _join(path, slot.name))
        if self.flexible:
            _write_tags([*self._tags(fields, path), *fields.get(UNKNOWN_TAGS, ())], out)

    def _tags(self, fields: dict[str, object], path: str) -> Iterable[tuple[int, bytes]]:
        for tag, slot in self.tagged.items():
            value = fields.get(slot.name, slot.default)
            if value != slot.default:
                payload = bytearray()
                slot.type.write(value, payload, _join(path, slot.name))
                yield tag, bytes(payload)

    def _refuse_unknown(self, fields: dict[str, object], path: str) -> None:
        names = {slot.name for slot in (*self.slots, *self.tagged.values())}
        unknown = sorted(fields.keys() - names - ({UNKNOWN_TAGS} if self.flexible else set()))
        if unknown:
            raise ValueError(f"{path or 'message'} has no field {', '.join(unknown)} in this version")

    def default(self, text: str) -> object:
        """Null, or every field's default."""
        if text == "null":
            return None
        return {slot.name: slot.default for slot in (*self.slots, *self.tagged.values())}


@dataclass(frozen=True, slots=True)
class Nullable:
    """A struct with an int8 in front: below 0 means null, otherwise the struct follows."""

    block: Block

    def read(self, reader: Reader, path: str) -> object:
        """The fields by name, or None."""
        start = reader.position
        (mark,) = _INT8.unpack(reader.take(_INT8.size, f"{path}#present"))
        reader.note(f"{path}#present", start, mark)
        return None if mark < 0 else self.block.read(reader, path)

    def write(self, value: object, out: bytearray, path: str) -> None:
        """Append the mark and the struct."""
        out += _INT8.pack(_NULL if value is None else _PRESENT)
        if value is not None:
            self.block.write(value, out, path)

    def default(self, text: str) -> object:
        """Null, or every field's default."""
        return self.block.default(text)


@dataclass(frozen=True, slots=True)
class NullableInTag:
    """A nullable struct in a tagged field: an unsigned varint in front, of which 0 means null."""

    block: Block

    def read(self, reader: Reader, path: str) -> object:
        """The fields by name, or None."""
        start = reader.position
        mark = reader.varint(f"{path}#present")
        reader.note(f"{path}#present", start, mark)
        return None if mark == _NULL_IN_TAG else self.block.read(reader, path)

    def write(self, value: object, out: bytearray, path: str) -> None:
        """Append the mark and the struct."""
        out += _varint(_NULL_IN_TAG if value is None else _PRESENT_IN_TAG)
        if value is not None:
            self.block.write(value, out, path)

    def default(self, text: str) -> object:
        """Null, or every field's default."""
        return self.block.default(text)


def _write_tags(tags: list[tuple[int, bytes]], out: bytearray) -> None:
    out += _varint(len(tags))
    for tag, payload in sorted(tags, key=itemgetter(0)):
        out += _varint(tag) + _varint(len(payload)) + payload


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _text(raw: bytes) -> str | bytes:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _uuid_text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _expect(value: object, kind: type[T], path: str) -> T:
    if not isinstance(value, kind):
        raise ValueError(f"{path or 'message'}: expected {kind.__name__}, found {value!r}")
    return value
