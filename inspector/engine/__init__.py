"""Engines: from bytes to columns. Two implementations of one protocol give the same answers, byte for byte.

The spec engine is always there; the native engine takes its place where it is built. To ask which one that is loads
neither of them.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from ..errors import EngineBrokenError, EngineMissingError
from ..location import Location
from ..model import RecordBatch
from ..source import Meter, Source
from ..words import LOG_APPEND_TIME

if TYPE_CHECKING:
    from types import ModuleType

    from .chunk import BinaryColumn, Chunk
    from .key_sample import KeySampler
    from .keys import HashRule, KeyTally, Placed
    from .text import TextPlan

AUTO, NATIVE, SPEC = ENGINES = ("auto", "native", "spec")
"""What `choose` takes."""

NATIVE_MODULE = "inspector._native"

VARIABLE = "KINSPECT_ENGINE"
"""Set to `native` or `spec`, it is what `auto` means."""

MAGIC_V2 = 2


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What to read of one segment file.

    position: where to start, the start of an entry; 0 unless an index says better. base_offset: the file name's offset,
    None when unknown. follows: the last offset of the segments before (-1: none).
    start_offset, stop_offset: records below the first, or at and beyond the second, are left out (None: no bound).
    records: decode the records too; else only the batch table is filled. control_only: those of control batches alone.
    since, until: batches that `rules_out` stay undecoded; records in the others are not looked at one by one.
    check_crc: compute the CRCs (a header-only sweep skips over the bodies without reading them). most_batches: stop
    behind so many (None: go on to the end).
    columns: the columns of `RECORDS` to fill (None: all; none: records are decoded and counted). key: records with any
    other key are left out. text: how the engine is to write the records as it goes, where it can.
    """

    position: int = 0
    base_offset: int | None = None
    follows: int = -1
    start_offset: int | None = None
    stop_offset: int | None = None
    records: bool = True
    control_only: bool = False
    since: int | None = None
    until: int | None = None
    check_crc: bool = True
    most_batches: int | None = None
    columns: tuple[str, ...] | None = None
    key: bytes | None = None
    text: TextPlan | None = None

    def rules_out(self, batch: RecordBatch) -> bool:
        """Whether an intact header proves that no record of the batch lies between `since` and `until`.

        A v2 header's max_timestamp is the greatest of the records' as the broker counted it (`LogValidator`), and under
        LogAppendTime that of each. CreateTime is in no order: later batches can hold earlier records, so `until` rules
        out nothing. Wrappers of v1 were not always right about their contents.
        """
        if not batch.crc_ok or batch.magic != MAGIC_V2:
            return False
        latest = batch.max_timestamp
        if self.since is not None and latest < self.since:
            return True
        return self.until is not None and latest >= self.until and batch.timestamp_type == LOG_APPEND_TIME


class Engine(Protocol):
    """Reads segment files into chunks.

    meter: counts what was read of segments and indexes for one answer; sources are opened with it.
    """

    meter: Meter

    @property
    def name(self) -> str:
        """`spec` or `native`."""

    def scan(self, source: Source, request: ScanRequest, at: Location) -> Iterator[Chunk]:
        """The batches (and records) of a file in order, with findings placed by `at`. Never raises on content."""

    def hash_keys(self, keys: BinaryColumn, algorithm: str, count: int) -> Sequence[int]:
        """The partition among `count` of each key of a column, -1 for null, by one of `hashing.ALGORITHMS`."""

    def text_plan(self, format: str, ascii_only: bool, columns: Sequence[tuple[str, str | None]]) -> TextPlan | None:
        """How to write records in a machine format, or None where this engine leaves that to others.

        columns: of records by name, each with its text where that is the same in all rows, else None.
        """

    def key_tally(self, count: int, most: int) -> KeyTally:
        """An empty tally of the keys of a topic of `count` partitions, which remembers `most` of them."""

    def place(self, chunk: Chunk, rule: HashRule, count: int, partition: int) -> Placed:
        """Holds the records of a chunk in `partition` against a rule; it has the columns `batch`, `key` and
        `damaged`.

        Control records are left out, and of damaged ones nothing is said.
        """

    def key_sampler(self, most: int) -> KeySampler:
        """A sampler that has seen nothing yet, and remembers up to `most` keys."""


def choose(name: str = AUTO) -> Engine:
    """The engine of that name; `auto` is the native one where it is built, else the one on the spec.

    Raises EngineMissingError or EngineBrokenError where `native` cannot be had.
    """
    return _MAKERS[taken_by_auto() if name == AUTO else name]()


def taken_by_auto() -> str:
    """`native` or `spec`, told without loading what reads.

    The environment variable KINSPECT_ENGINE decides where it is set. A native engine that is broken is not passed over
    in silence: it warns, as Python does.
    """
    asked_for = os.environ.get(VARIABLE)
    if asked_for in _MAKERS:
        return asked_for
    try:
        native_module()
    except EngineMissingError:
        return SPEC
    except EngineBrokenError as error:
        warnings.warn(f"{error.message}; the engine on the spec reads instead", RuntimeWarning, stacklevel=2)
        return SPEC
    return NATIVE


def native_module() -> ModuleType:
    """The native engine's module, of which only `by_native.py` knows what is in it. Raises as `choose`."""
    if find_spec(NATIVE_MODULE) is None:
        raise EngineMissingError(
            "the native engine was not built here",
            hint="It is built where kinspect is installed with cargo at hand; --engine spec gives the same answers.",
        )
    try:
        return import_module(NATIVE_MODULE)
    except ImportError as error:
        raise _broken(error) from error


def about_native() -> dict[str, str]:
    """What the native engine tells of itself: its version, what built it. Raises as `choose`."""
    return dict(getattr(native_module(), "about", dict)())


def _broken(error: ImportError) -> EngineBrokenError:
    return EngineBrokenError(
        f"the native engine was built, but cannot be loaded: {error}",
        hint="Install kinspect anew; until then --engine spec gives the same answers.",
    )


def _native() -> Engine:
    native_module()
    try:
        from .by_native import NativeEngine
    except ImportError as error:  # a module of another version
        raise _broken(error) from error
    return NativeEngine()


def _spec() -> Engine:
    from .by_spec import SpecEngine

    return SpecEngine()


_MAKERS = {NATIVE: _native, SPEC: _spec}
