"""The columns that cross from an engine to everything else: the only thing that does.

The layout is Arrow's: a validity bitmap (least significant bit first, 1 = there), little-endian values, int32 offsets
and data for bytes, and lists as int32 offsets into child columns. Every engine fills the same schemas, `BATCHES` and
`RECORDS`; a chunk holds whole batches, its records point to them by row. Payloads stay in the data buffer until a row
is asked for.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from ..findings import Finding
from ..model import Record, RecordBatch, RecordHeader, add_sequence
from ..spec.attributes import (
    COMPRESSION_MASK,
    CONTROL,
    DELETE_HORIZON,
    TRANSACTIONAL,
)
from ..spec.attributes import LOG_APPEND_TIME as LOG_APPEND_TIME_BIT
from ..words import CREATE_TIME, LOG_APPEND_TIME, NO_TIMESTAMP_TYPE, compression_name, control_type_name

CHUNK_BATCHES = 1024
"""A chunk is handed on when it holds so many batches …"""
CHUNK_RECORDS = 4096
"""… or so many records …"""
CHUNK_BYTES = 8 * 1024 * 1024
"""… or so many bytes of keys and values, or when so many bytes of the file went by."""


Buffer = memoryview
"""Bytes of one buffer of a column."""


class Field(NamedTuple):
    """One column of a schema: name, Arrow's format string (`l` int64, `z` binary, `b` boolean …), nullable or not."""

    name: str
    format: str
    nullable: bool = False


_TYPECODES: dict[str, Any] = {"c": "b", "s": "h", "i": "i", "I": "I", "l": "q"}  # Arrow's format → the array module's

HEADERS_FORMAT = "+l"
"""A list of structs of two binaries, `key` and `value` (nullable)."""

BATCHES = (
    Field("position", "l"),
    Field("batch_bytes", "l"),
    Field("base_offset", "l", nullable=True),
    Field("last_offset", "l"),
    Field("records_count", "i", nullable=True),
    Field("magic", "c"),
    Field("attributes", "s"),
    Field("crc", "I"),
    Field("crc_ok", "b", nullable=True),
    Field("partition_leader_epoch", "i"),
    Field("producer_id", "l"),
    Field("producer_epoch", "s"),
    Field("base_sequence", "i"),
    Field("base_timestamp", "l"),
    Field("max_timestamp", "l"),
)

RECORDS = (
    Field("batch", "i"),
    Field("offset", "l"),
    Field("timestamp", "l"),
    Field("sequence", "i"),
    Field("key", "z", nullable=True),
    Field("value", "z", nullable=True),
    Field("headers", HEADERS_FORMAT),
    Field("control_type", "s", nullable=True),
    Field("message_crc", "I", nullable=True),
    Field("damaged", "b"),
)


RECORD_COLUMN_NAMES = tuple(one.name for one in RECORDS)


class Bitmap:
    """A column of bits, packed as Arrow packs them: of its own, or over bits that an engine packed."""

    __slots__ = ("bits", "length")

    def __init__(self, bits: Buffer | None = None, length: int = 0) -> None:
        self.bits: Any = bytearray() if bits is None else memoryview(bits)
        self.length = length

    def append(self, bit: bool) -> None:
        """Adds one bit."""
        if not self.length & 7:
            self.bits.append(0)
        if bit:
            self.bits[-1] |= 1 << (self.length & 7)
        self.length += 1

    def set(self, row: int, bit: bool) -> None:
        """Changes one bit."""
        mask = 1 << (row & 7)
        self.bits[row >> 3] = self.bits[row >> 3] & ~mask | (mask if bit else 0)

    def __getitem__(self, row: int) -> bool:
        return bool(self.bits[row >> 3] >> (row & 7) & 1)


class _Nullable:
    """What every column has: its field, and a validity bitmap where nulls may occur."""

    __slots__ = ("field", "length", "validity")

    def __init__(self, field: Field, length: int = 0, validity: Buffer | None = None) -> None:
        self.field = field
        self.length = length
        self.validity = Bitmap(validity, length) if field.nullable else None

    def _count(self, there: bool) -> None:
        self.length += 1
        if self.validity is not None:
            self.validity.append(there)
        elif not there:
            raise ValueError(f"{self.field.name} cannot be null")

    def _there(self, row: int) -> bool:
        return self.validity is None or self.validity[row]


class IntColumn(_Nullable):
    """Integers of one width."""

    __slots__ = ("values",)

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.values: Any = array(_TYPECODES[field.format])

    @classmethod
    def over(cls, field: Field, length: int, buffers: Sequence[Buffer]) -> IntColumn:
        """A column over the buffers of an engine: validity where nulls may occur, values."""
        made = cls.__new__(cls)
        _Nullable.__init__(made, field, length, buffers[0])
        made.values = memoryview(buffers[-1]).cast(_TYPECODES[field.format])
        return made

    def append(self, value: int | None) -> None:
        """Adds one value."""
        self._count(value is not None)
        self.values.append(0 if value is None else value)

    def __getitem__(self, row: int) -> int | None:
        return self.values[row] if self._there(row) else None


class BoolColumn(_Nullable):
    """Booleans, a bit each."""

    __slots__ = ("values",)

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.values = Bitmap()

    @classmethod
    def over(cls, field: Field, length: int, buffers: Sequence[Buffer]) -> BoolColumn:
        """A column over the buffers of an engine: validity where nulls may occur, values."""
        made = cls.__new__(cls)
        _Nullable.__init__(made, field, length, buffers[0])
        made.values = Bitmap(buffers[-1], length)
        return made

    def append(self, value: bool | None) -> None:
        """Adds one value."""
        self._count(value is not None)
        self.values.append(bool(value))

    def __getitem__(self, row: int) -> bool | None:
        return self.values[row] if self._there(row) else None


class BinaryColumn(_Nullable):
    """Byte strings: int32 offsets into one data buffer."""

    __slots__ = ("data", "offsets")

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.offsets: Any = array("i", (0,))
        self.data: Any = bytearray()

    @classmethod
    def over(cls, field: Field, length: int, buffers: Sequence[Buffer]) -> BinaryColumn:
        """A column over the buffers of an engine: validity, offsets, data."""
        validity, offsets, data = (memoryview(buffer) for buffer in buffers)
        made = cls.__new__(cls)
        _Nullable.__init__(made, field, length, validity)
        made.offsets, made.data = offsets.cast("i"), data
        return made

    def append(self, value: bytes | None) -> None:
        """Adds one value."""
        self._count(value is not None)
        self.data += value or b""
        self.offsets.append(len(self.data))

    def __getitem__(self, row: int) -> bytes | None:
        if not self._there(row):
            return None
        return bytes(memoryview(self.data)[self.offsets[row] : self.offsets[row + 1]])


_HEADER_KEY, _HEADER_VALUE = Field("key", "z"), Field("value", "z", nullable=True)


class HeadersColumn(_Nullable):
    """Lists of record headers: int32 offsets into two child columns."""

    __slots__ = ("keys", "offsets", "values")

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.offsets: Any = array("i", (0,))
        self.keys = BinaryColumn(_HEADER_KEY)
        self.values = BinaryColumn(_HEADER_VALUE)

    @classmethod
    def over(cls, field: Field, length: int, buffers: Sequence[Buffer]) -> HeadersColumn:
        """A column over the buffers of an engine: offsets, those of the keys, those of the values."""
        made = cls.__new__(cls)
        _Nullable.__init__(made, field, length)
        made.offsets = memoryview(buffers[0]).cast("i")
        children = made.offsets[length]
        made.keys = BinaryColumn.over(_HEADER_KEY, children, buffers[1:4])
        made.values = BinaryColumn.over(_HEADER_VALUE, children, buffers[4:7])
        return made

    def append(self, headers: list[tuple[bytes, bytes | None]]) -> None:
        """Adds the headers of one record."""
        self._count(True)
        for key, value in headers:
            self.keys.append(key)
            self.values.append(value)
        self.offsets.append(self.keys.length)

    def __getitem__(self, row: int) -> tuple[RecordHeader, ...]:
        rows = range(self.offsets[row], self.offsets[row + 1])
        return tuple(RecordHeader(self.keys[i] or b"", self.values[i]) for i in rows)


Column = IntColumn | BoolColumn | BinaryColumn | HeadersColumn

_COLUMN_TYPES: dict[str, type[Column]] = {"b": BoolColumn, "z": BinaryColumn, HEADERS_FORMAT: HeadersColumn}


def column_type(field: Field) -> type[Column]:
    """The class that holds the values of a field."""
    return _COLUMN_TYPES.get(field.format, IntColumn)


class Table:
    """Columns of one length, by the names of a schema. They are made when they are needed: often none is.

    make: how a column comes to be; by default it is empty, and rows are appended. length: how many rows there are.
    """

    __slots__ = ("_columns", "_length", "_make", "_schema")

    def __init__(
        self,
        schema: tuple[Field, ...],
        make: Callable[[Field], Column] = lambda field: column_type(field)(field),
        length: int = 0,
    ) -> None:
        self._schema = schema
        self._make = make
        self._length = length
        self._columns: dict[str, Column] = {}

    @property
    def columns(self) -> dict[str, Column]:
        """By name, in the schema's order."""
        if not self._columns:
            self._columns = {one.name: self._make(one) for one in self._schema}
        return self._columns

    def __len__(self) -> int:
        return self._length

    def append(self, *values: object) -> None:
        """Adds one row; the values in the schema's order."""
        self._length += 1
        for column, value in zip(self.columns.values(), values, strict=True):
            column.append(value)  # type: ignore[arg-type]

    def row(self, row: int) -> tuple[object, ...]:
        """One row, in the schema's order."""
        return tuple(column[row] for column in self.columns.values())


@dataclass(slots=True)
class Chunk:
    """Some whole batches in file order, their records (empty when none were asked for), and what was found on the way.

    end: position behind the last byte looked at, for progress. looked_at: records that were decoded within the offsets
    asked for, whether a filter left them or not. native: what the engine that made the columns knows them by.
    """

    batches: Table = field(default_factory=lambda: Table(BATCHES))
    records: Table = field(default_factory=lambda: Table(RECORDS))
    findings: list[Finding] = field(default_factory=list)
    end: int = 0
    looked_at: int = 0
    native: Any = None


def record_fields(columns: tuple[str, ...] | None) -> tuple[Field, ...]:
    """The fields of these columns of `RECORDS` (None: of all), in the schema's order."""
    return tuple(one for one in RECORDS if columns is None or one.name in columns)


def batches_of(chunk: Chunk) -> Iterator[RecordBatch]:
    """The batches of a chunk as values."""
    return (batch_at(chunk.batches, row) for row in range(len(chunk.batches)))


def records_of(chunk: Chunk) -> Iterator[tuple[RecordBatch, Record]]:
    """The records of a chunk as values, each with the batch it came in."""
    return records_in(chunk, range(len(chunk.records)))


def records_in(chunk: Chunk, rows: range) -> Iterator[tuple[RecordBatch, Record]]:
    """Likewise, those of some rows."""
    batches: dict[int, RecordBatch] = {}
    for row in rows:
        number, *values = cast(tuple[Any, ...], chunk.records.row(row))
        if number not in batches:
            batches[number] = batch_at(chunk.batches, number)
        yield batches[number], _record(*values)


def _record(
    offset: int, timestamp: int, sequence: int, key: bytes | None, value: bytes | None,
    headers: tuple[RecordHeader, ...], control_type: int | None, message_crc: int | None, damaged: bool,
) -> Record:  # fmt: skip
    name = None if control_type is None else control_type_name(control_type)
    return Record(offset, timestamp, key, value, headers, sequence, name, message_crc, damaged)


def last_offset(chunk: Chunk) -> int:
    """That of its last batch; there must be one. No other column is made for it."""
    column: Any = chunk.batches.columns["last_offset"]
    return int(column.values[-1])


def batch_at(table: Table, row: int) -> RecordBatch:
    """One row of the batch table as a value, with what its attributes mean."""
    raw: dict[str, Any] = dict(zip(table.columns, table.row(row), strict=True))
    attributes = raw.pop("attributes")
    return RecordBatch(
        **raw,
        compression=compression_name(attributes & COMPRESSION_MASK),
        last_sequence=add_sequence(raw["base_sequence"], raw["last_offset"] - (raw["base_offset"] or 0)),
        is_transactional=bool(attributes & TRANSACTIONAL),
        is_control=bool(attributes & CONTROL),
        delete_horizon_ms=raw["base_timestamp"] if attributes & DELETE_HORIZON else None,
        timestamp_type=_timestamp_type(raw["magic"], attributes),
    )


def _timestamp_type(magic: int, attributes: int) -> str:
    if magic == 0:
        return NO_TIMESTAMP_TYPE
    return LOG_APPEND_TIME if attributes & LOG_APPEND_TIME_BIT else CREATE_TIME
