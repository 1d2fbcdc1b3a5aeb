"""The native engine's module, made by `native/python`."""

from array import array
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

_Bytes: TypeAlias = bytes | bytearray | memoryview | array[int]

_Capsule: TypeAlias = object
"""A `PyCapsule`, which has no name in Python before 3.13."""

FindingTuple: TypeAlias = tuple[
    int, int, int | None, int | None, int | None, str | None, Any, Any, int | None, int | None, int | None,
    tuple[bytes | None, bytes | None] | None,
]  # fmt: skip
"""number of the code, position, size, batch, record, field, expected, found, first_offset, last_offset, position of the
batch whose wrong CRC caused it, and key and value of a control record that is asked about."""

def about() -> dict[str, str]:
    """What was built: the version, and for which target."""

def arrow_schema(fields: Sequence[tuple[str, str, bool]]) -> _Capsule:
    """A capsule with the Arrow schema of a table of these fields: name, Arrow's format, nullable."""

def arrow_stream(chunks: Iterator[Chunk], table: str, fields: Sequence[tuple[str, str, bool]]) -> _Capsule:
    """A capsule with an Arrow stream of the table `batches` or `records` of chunks from a generator."""

def decompress(codec: int, data: bytes, limit: int, magic: int | None = None) -> tuple[str, bytes | str, int]:
    """`("ok", bytes, trailing)`, or `("unknown" | "limit" | "broken", text, 0)`; magic: of a wrapper of v0 or v1."""

def hash_keys(validity: _Bytes, offsets: _Bytes, data: _Bytes, algorithm: str, count: int) -> bytes:
    """The partitions as int32s; see `Engine.hash_keys`."""

def place(
    chunk: Chunk, algorithm: str, hashes_null: bool, spreads_empty: bool, count: int, partition: int
) -> tuple[int, int, list[int]]:
    """Explained, undecidable, and the rows that lie elsewhere; see `Engine.place`."""

_Moment: TypeAlias = tuple[int, int]
"""A timestamp and an offset."""

class KeySample:
    """See `inspector.engine.key_sample.KeySampler`."""

    def __new__(cls, most: int) -> KeySample: ...
    @property
    def distinct(self) -> int: ...
    @property
    def damaged(self) -> int: ...
    @property
    def is_cut(self) -> bool: ...
    def add(self, chunk: Chunk, partition: int) -> None: ...
    def keys(self, most: int) -> list[tuple[bytes, list[int], list[tuple[int, int, int, _Moment, _Moment]], int, int]]:
        """Key, numbers, stays (partition, producer_id, records, first, last), records and length."""
    def held(self) -> list[tuple[int, int, int, int, int]]:
        """Partition, records, those with a null and with an empty key, and bytes."""
    def hottest(self, most: int) -> tuple[list[tuple[bytes, int]], int]:
        """Keys with their records, and by how much these may be too low."""

class KeyTally:
    """See `inspector.engine.keys.KeyTally`."""

    def __new__(cls, count: int, most: int) -> KeyTally: ...
    @property
    def records(self) -> int: ...
    @property
    def is_cut(self) -> bool: ...
    @property
    def distinct(self) -> int: ...
    @property
    def astray(self) -> int: ...
    def add(self, key: bytes | None, partition: int) -> None: ...
    def add_rows(self, chunk: Chunk, start: int, stop: int, partition: int) -> None: ...

class Pool:
    """Threads that sweep; started when there is something to do."""

    def __new__(cls, threads: int) -> Pool: ...
    @property
    def threads(self) -> int: ...

class TextPlan:
    """Columns of records by name, each with its text where that is the same in all rows; in a format."""

    def __new__(cls, format: str, ascii_only: bool, columns: list[tuple[str, str | None]]) -> TextPlan: ...
    def write(self, chunk: Chunk, start: int, stop: int, outcomes: bytes, most: int) -> tuple[bytes, int]:
        """Rows as text, as many as `most` bytes hold (one at least), and the row behind them."""

class Scan:
    """A sweep over a `Source`; request: the fields of a `ScanRequest` by name."""

    def __new__(cls, pool: Pool, source: object, request: dict[str, Any]) -> Scan: ...
    def next(self) -> Chunk | None:
        """The next chunk, or None behind the last. Raises what the source raises, and KeyboardInterrupt."""

class Buffer:
    """A read-only view of some bytes of a chunk."""

    def __len__(self) -> int: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...

class Chunk:
    """Some whole batches in file order, their records, and what was found on the way."""

    @property
    def batches(self) -> int: ...
    @property
    def records(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def looked_at(self) -> int: ...
    @property
    def text(self) -> Buffer: ...
    @property
    def written(self) -> int: ...
    def findings(self) -> list[FindingTuple]: ...
    def column(self, table: str, name: str) -> list[Buffer]:
        """The buffers of a column of `batches` or `records`: validity where nulls may occur, then as Arrow has them."""
