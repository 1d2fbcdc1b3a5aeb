"""The entries of indexes and producer snapshots: bytes of real brokers taken apart by the definitions."""

from __future__ import annotations

import struct

import pytest

from inspector.schemas import load_family, snake_case
from inspector.spec import offset_index, producer_snapshot, time_index, txn_index
from inspector.spec.layout import field_table

# As Kafka 4.3.0 wrote them; DumpLogSegments reads the same values in them.
GOLDEN = {
    "index": (
        offset_index.offset_index_entry,
        "00000013 000013d4",
        {"relative_offset": 19, "position": 5076},
    ),
    "timeindex": (
        time_index.time_index_entry,
        "0000018bcfee9f63 00000013",
        {"timestamp": 1700000604003, "relative_offset": 19},
    ),
    "txnindex": (
        txn_index.txn_index_entry,
        "0000 0000000000000005 0000000000000142 0000000000000143 0000000000000144",
        {"version": 0, "producer_id": 5, "first_offset": 322, "last_offset": 323, "last_stable_offset": 324},
    ),
    "snapshot header": (
        producer_snapshot.producer_snapshot_header,
        "0001 fedcba98 00000002",
        {"version": 1, "crc": 0xFEDCBA98, "entries_count": 2},
    ),
    "snapshot entry": (
        producer_snapshot.producer_snapshot_entry,
        "0000000000000012 0000 00000001 0000000000000004 00000000 0000018bcfe6eea4 ffffffff 0000000000000002",
        {
            "producer_id": 18, "producer_epoch": 0, "last_sequence": 1, "last_offset": 4, "offset_delta": 0,
            "timestamp": 1700000100004, "coordinator_epoch": -1, "current_txn_first_offset": 2,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize(("definition", "text", "values"), GOLDEN.values(), ids=GOLDEN)
def test_an_entry_is_read_and_built_field_by_field(definition, text: str, values: dict[str, int]) -> None:
    data = bytes.fromhex(text.replace(" ", ""))
    parsed = definition.parse(data)
    assert {name: parsed[name] for name in values} == values
    assert definition.build(values) == data


@pytest.mark.parametrize(
    ("swept", "definition", "size"),
    [
        (offset_index.ENTRY, offset_index.offset_index_entry, 8),
        (time_index.ENTRY, time_index.time_index_entry, 12),
        (txn_index.ENTRY, txn_index.txn_index_entry, 34),
        (producer_snapshot.HEADER, producer_snapshot.producer_snapshot_header, 10),
        (producer_snapshot.ENTRY, producer_snapshot.producer_snapshot_entry, 46),
    ],
)
def test_what_is_swept_is_derived_from_the_definition(swept: struct.Struct, definition, size: int) -> None:
    data = bytes(range(200, 200 + size))
    parsed = definition.parse(data)
    assert (swept.size, definition.sizeof()) == (size, size)
    assert list(swept.unpack(data)) == [parsed[row.name] for row in field_table(definition)]
    assert all(row.sentence for row in field_table(definition))


def test_the_definition_of_a_snapshot_is_kafkas_schema() -> None:
    """Kafka keeps this one layout as a message schema, too: the same fields of the same widths, in the same order."""
    crc, entries = load_family("producer_snapshot")["ProducerSnapshot"].fields
    widths = {"int16": 2, "int32": 4, "uint32": 4, "int64": 8}
    header = field_table(producer_snapshot.producer_snapshot_header)
    assert (crc.name, widths[crc.type]) == (header[1].name, header[1].size)
    rows = field_table(producer_snapshot.producer_snapshot_entry)
    theirs = [(snake_case(field.name), widths[field.type]) for field in entries.fields]
    ours = [(row.name.replace("producer_epoch", "epoch"), row.size) for row in rows]
    assert ours == theirs


def test_the_crc_of_a_snapshot_starts_behind_itself() -> None:
    rows = {row.name: row for row in field_table(producer_snapshot.producer_snapshot_header)}
    assert rows["entries_count"].position == producer_snapshot.CRC_START
