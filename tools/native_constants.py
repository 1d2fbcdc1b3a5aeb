"""Writes `native/core/src/generated.rs`: what the native engine takes from the spec, so that it is typed once.

Headers become a struct with a `parse` and the names, widths and signs of the construct definition; the kinds of
findings become their code numbers; limits that both engines must share become constants. `--check` says whether the
file is stale.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from construct import Struct

from inspector import codecs, findings, words
from inspector.engine import by_spec, chunk, control_record, plausibility, records, resync, window
from inspector.spec import attributes, message_set, offset_index, primitives, record_batch, time_index, txn_index
from inspector.spec.layout import field_table

TARGET = Path(__file__).resolve().parents[1] / "native" / "core" / "src" / "generated.rs"

TYPES = {"b": "i8", "h": "i16", "l": "i32", "L": "u32", "q": "i64"}
"""Of the struct module → of Rust."""

STRUCTS = {
    "BatchHeader": (record_batch.record_batch_header, "The header of a v2 batch."),
    "MessageHeadV0": (message_set.HEAD_DEFINITIONS[0], "What precedes the key of a v0 message."),
    "MessageHeadV1": (message_set.HEAD_DEFINITIONS[1], "What precedes the key of a v1 message."),
    "OffsetIndexEntry": (offset_index.offset_index_entry, "An entry of an `.index`."),
    "TimeIndexEntry": (time_index.time_index_entry, "An entry of a `.timeindex`."),
    "TxnIndexEntry": (txn_index.txn_index_entry, "An entry of a `.txnindex`."),
}

CONSTANTS: tuple[tuple[str, str, int, str], ...] = (
    ("LOG_OVERHEAD", "usize", record_batch.LOG_OVERHEAD, "Bytes before what a batch's length counts."),
    ("HEADER_SIZE", "usize", record_batch.HEADER_SIZE, "Bytes of a v2 header."),
    ("MAGIC_POSITION", "usize", record_batch.MAGIC_POSITION, "Where the magic byte lies, in all formats."),
    ("CRC_START", "usize", record_batch.CRC_START, "Where the bytes begin that a v2 batch's CRC covers."),
    ("MESSAGE_CRC_START", "usize", message_set.CRC_START, "Likewise for a v0 or v1 message."),
    ("MAGIC", "i8", record_batch.MAGIC, "The magic of format v2."),
    ("MIN_BATCH_LENGTH", "i32", record_batch.MIN_BATCH_LENGTH, "The least that `batch_length` can say."),
    ("MIN_RECORD_SIZE", "i32", record_batch.MIN_RECORD_SIZE, "The least that a record takes."),
    ("COMPRESSION_MASK", "i16", attributes.COMPRESSION_MASK, "The codec's bits of `attributes`."),
    ("LOG_APPEND_TIME", "i16", attributes.LOG_APPEND_TIME, "The bit of LogAppendTime."),
    ("TRANSACTIONAL", "i16", attributes.TRANSACTIONAL, "The bit of transactional batches."),
    ("CONTROL", "i16", attributes.CONTROL, "The bit of control batches."),
    ("KNOWN_ATTRIBUTES", "i16", attributes.KNOWN_ATTRIBUTES, "All bits that have a meaning."),
    ("MESSAGE_LENGTH_SIZE", "usize", message_set.LENGTH_SIZE, "Bytes of `key_length` and `value_length`."),
    ("MIN_MESSAGE_SIZE_V0", "i32", message_set.MIN_MESSAGE_SIZE[0], "The least that a v0 `message_size` can say."),
    ("MIN_MESSAGE_SIZE_V1", "i32", message_set.MIN_MESSAGE_SIZE[1], "The least that a v1 `message_size` can say."),
    ("VARINT_MAX_BYTES", "usize", primitives.VARINT_MAX_BYTES, "Bytes of the longest varint."),
    ("VARLONG_MAX_BYTES", "usize", primitives.VARLONG_MAX_BYTES, "Bytes of the longest varlong."),
    ("SEGMENT_OFFSETS", "i64", plausibility.SEGMENT_OFFSETS, "Offsets that a segment can hold."),
    ("BUDGET_FACTOR", "u64", resync.BUDGET_FACTOR, "How often a search may look at a file's bytes."),
    ("LEAST_BUDGET", "u64", resync.LEAST_BUDGET, "So many bytes more it may look at."),
    ("FIRST_LOOK", "u64", resync.FIRST_LOOK, "Bytes of a search's first look."),
    ("LONGEST_LOOK", "u64", resync.LONGEST_LOOK, "Bytes of its longest look."),
    ("LEAST_ENTRY", "u64", resync.LEAST_ENTRY, "Bytes of the least entry of any format."),
    ("MAX_BATCH_BYTES", "u64", records.MAX_BATCH_BYTES, "Batches beyond it are not decoded."),
    ("MAX_BATCH_RECORDS", "i32", records.MAX_BATCH_RECORDS, "Nor are batches of more records."),
    ("MOST_ALIKE", "usize", control_record.MOST_ALIKE, "So many findings of a kind are told of one batch."),
    ("WINDOW_SIZE", "u64", window.WINDOW_SIZE, "Bytes of a read, unless a batch needs more."),
    ("HEADERS_ONLY_STEP", "u64", by_spec.HEADERS_ONLY_STEP, "Bytes of a read where only headers are asked for."),
    ("CHUNK_BATCHES", "usize", chunk.CHUNK_BATCHES, "A chunk is handed on with so many batches,"),
    ("CHUNK_RECORDS", "usize", chunk.CHUNK_RECORDS, "so many records,"),
    ("CHUNK_BYTES", "u64", chunk.CHUNK_BYTES, "or so many bytes of payload or of the file."),
    ("DECOMPRESSION_LIMIT", "usize", codecs.DECOMPRESSION_LIMIT, "Bytes that a batch may decompress to."),
    ("FIRST_BUFFER", "usize", codecs.FIRST_BUFFER, "The least buffer for decompressed bytes,"),
    ("GROWTH", "usize", codecs.GROWTH, "and by what it grows."),
    ("SNAPPY_MAX_RATIO", "usize", codecs.SNAPPY_MAX_RATIO, "No snappy block expands further."),
)


def _listed(names: dict[int, str]) -> tuple[str, ...]:
    """The names in the order of their numbers, of which none is left out."""
    return tuple(names[number] for number in range(len(names)))


NAMES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("COMPRESSION_NAMES", _listed(words.COMPRESSION_NAMES), "The codecs' names, by the codec's bits."),
    ("CONTROL_TYPE_NAMES", _listed(words.CONTROL_TYPE_NAMES), "The types of control records, by number."),
)

WORDS: tuple[tuple[str, str, str], ...] = (
    ("NO_TIMESTAMP_NAME", words.NO_TIMESTAMP_TYPE, "The timestamp type of format v0."),
    ("CREATE_TIME_NAME", words.CREATE_TIME, "Of records that keep the producer's time."),
    ("LOG_APPEND_TIME_NAME", words.LOG_APPEND_TIME, "Of those that have the broker's."),
)


def generated() -> str:
    """The whole file."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "//! What the spec says, for Rust. Made by `python -m tools.native_constants`: change the spec instead."
    for name, kind, value, sentence in CONSTANTS:
        yield f"\n/// {sentence}\npub const {name}: {kind} = {value};"
    for name, word, sentence in WORDS:
        yield f'\n/// {sentence}\npub const {name}: &str = "{word}";'
    for name, names, sentence in NAMES:
        listed = ", ".join(f'"{one}"' for one in names)
        yield f"\n/// {sentence}\npub const {name}: [&str; {len(names)}] = [{listed}];"
    for name, (definition, sentence) in STRUCTS.items():
        yield ""
        yield from _struct(name, definition, sentence)
    yield ""
    yield from _kinds()


def _struct(name: str, definition: Struct, sentence: str) -> Iterator[str]:
    rows = field_table(definition)
    size = sum(row.size or 0 for row in rows)
    yield from (f"/// {sentence}", "#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]", f"pub struct {name} {{")
    for row in rows:
        yield from (f"    /// {row.sentence}", f"    pub {row.name}: {TYPES[row.format]},")
    yield from ("}", "", f"impl {name} {{")
    yield from ("    /// Bytes on the disk.", f"    pub const SIZE: usize = {size};")
    yield from ("", "    /// The fields in as many bytes, big-endian.", "    #[must_use]")
    yield from (f"    pub fn parse(bytes: &[u8; {size}]) -> Self {{", "        Self {")
    for row in rows:
        raw = ", ".join(f"bytes[{index}]" for index in range(row.position or 0, (row.position or 0) + (row.size or 0)))
        yield f"            {row.name}: {TYPES[row.format]}::from_be_bytes([{raw}]),"
    yield from ("        }", "    }", "}")


def _kinds() -> Iterator[str]:
    yield "/// The kinds of findings, by the number of their code."
    yield from ("#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]", "#[repr(u16)]", "pub enum Kind {")
    for slug, kind in _of_bytes():
        yield from (f"    /// `{slug}`: {kind.sentence}", f"    {_camel(slug)} = {number_of(kind)},")
    yield "}"
    errors = "\n            | ".join(f"Self::{_camel(slug)}" for slug, kind in _of_bytes() if _damages(kind))
    yield from ("", "impl Kind {", "    /// All of them.")
    yield from (f"    pub const ALL: [Self; {len(list(_of_bytes()))}] = [", *_all_kinds(), "    ];", "")
    yield from ("    /// Whether the records of the batch concerned cannot be trusted as a whole.", "    #[must_use]")
    yield from ("    pub fn damages_batch(self) -> bool {", "        matches!(")
    yield from ("            self,", f"            {errors}", "        )", "    }", "}")


def _all_kinds() -> Iterator[str]:
    return (f"        Self::{_camel(slug)}," for slug, _ in _of_bytes())


def _of_bytes() -> Iterator[tuple[str, findings.Kind]]:
    """The kinds that an engine can find: in files, batches, records and their order."""
    engine_kinds = ("KI-1005", "KI-2", "KI-3", "KI-4001", "KI-4002")
    return ((slug, kind) for slug, kind in findings.KINDS.items() if kind.code.startswith(engine_kinds))


def _damages(kind: findings.Kind) -> bool:
    return kind.code.startswith("KI-3") and kind.severity is findings.Severity.ERROR


def number_of(kind: findings.Kind) -> int:
    """The number by which the native engine names a kind."""
    return int(kind.code.removeprefix("KI-"))


def _camel(slug: str) -> str:
    return "".join(word.capitalize() for word in slug.split("-"))


def main() -> int:
    """Writes the file, or with `--check` compares it."""
    parser = argparse.ArgumentParser(prog="python -m tools.native_constants", description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only say whether it is stale")
    if not parser.parse_args().check:
        TARGET.write_text(generated(), encoding="utf-8")
        return 0
    if TARGET.read_text(encoding="utf-8") == generated():
        return 0
    print(f"stale: {TARGET.name}; write it anew with python -m tools.native_constants", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
