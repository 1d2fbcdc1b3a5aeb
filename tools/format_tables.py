"""Writes the tables of fields in docs/format-reference.md from the definitions in `inspector/spec/`.

Run as `python -m tools.format_tables`, or with `--check` to be told whether the page is stale. A table stands between
`<!-- table NAME -->` and `<!-- end -->`; what surrounds it is written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from inspector.spec.attributes import ATTRIBUTE_BITS
from inspector.spec.layout import FieldRow, field_table
from inspector.spec.message_set import message_v0, message_v1
from inspector.spec.offset_index import offset_index_entry
from inspector.spec.producer_snapshot import producer_snapshot_entry, producer_snapshot_header
from inspector.spec.record_batch import record, record_batch_header, record_header
from inspector.spec.time_index import time_index_entry
from inspector.spec.txn_index import txn_index_entry

PAGE = Path(__file__).resolve().parents[1] / "docs" / "format-reference.md"
BLOCK = re.compile(r"(?s)(<!-- table (\w+) -->\n).*?(<!-- end -->)")


def placed(rows: Sequence[FieldRow]) -> list[tuple[str, ...]]:
    """Fields with their places, empty where those depend on what stands before."""
    return [
        ("position", "bytes", "field", "meaning"),
        *((_number(row.position), _number(row.size), f"`{row.name}`", row.sentence) for row in rows),
    ]


def named(rows: Sequence[FieldRow]) -> list[tuple[str, ...]]:
    """Fields by name alone."""
    return [("field", "meaning"), *((f"`{row.name}`", row.sentence) for row in rows)]


def attribute_bits() -> list[tuple[str, ...]]:
    """The bits of a batch's attributes."""
    bits = ((f"{bit.mask:#04x}", f"`{bit.name}`", bit.since, bit.sentence) for bit in ATTRIBUTE_BITS)
    return [("mask", "name", "since", "meaning"), *bits]


TABLES: dict[str, Callable[[], list[tuple[str, ...]]]] = {
    "record_batch_header": lambda: placed(field_table(record_batch_header)),
    "attributes": attribute_bits,
    "record": lambda: named(field_table(record)),
    "record_header": lambda: named(field_table(record_header)),
    "message_v0": lambda: placed(field_table(message_v0)),
    "message_v1": lambda: placed(field_table(message_v1)),
    "offset_index_entry": lambda: placed(field_table(offset_index_entry)),
    "time_index_entry": lambda: placed(field_table(time_index_entry)),
    "txn_index_entry": lambda: placed(field_table(txn_index_entry)),
    "producer_snapshot_header": lambda: placed(field_table(producer_snapshot_header)),
    "producer_snapshot_entry": lambda: placed(field_table(producer_snapshot_entry)),
}


def main(arguments: Sequence[str]) -> int:
    """Writes the page anew, or with --check says whether it would change."""
    if list(arguments) not in ([], ["--check"]):
        print("usage: python -m tools.format_tables [--check]", file=sys.stderr)
        return 2
    before = PAGE.read_text(encoding="utf-8")
    after = filled(before)
    if not arguments:
        PAGE.write_text(after, encoding="utf-8")
    elif after != before:
        print(f"docs/{PAGE.name} is not as the definitions have it: run python -m tools.format_tables", file=sys.stderr)
        return 1
    return 0


def filled(page: str) -> str:
    """The page with every table as the definitions have it. Raises KeyError for a table that nobody defines."""
    return BLOCK.sub(lambda block: block[1] + markdown(TABLES[block[2]]()) + block[3], page)


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown; the first row is its head."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join((lines[0], f"|{'---|' * len(rows[0])}", *lines[1:], ""))


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
