"""`docs/library.md` tells the truth: its programs run and print what it shows, and its tables are the schemas."""

from __future__ import annotations

import contextlib
import io
import os
import re

import pytest

from inspector.engine.chunk import BATCHES, RECORDS, Field
from tests.conftest import CHECKOUT, require

DOCUMENT = CHECKOUT / "docs" / "library.md"
PROGRAM = re.compile(r"^```python\n(.*?)^```$(?:\n```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `(\w+)` \| (.*?) \| (yes|no) \|", re.MULTILINE)

ARROW = {
    "c": "int8", "s": "int16", "i": "int32", "I": "uint32", "l": "int64", "b": "bool", "z": "binary",
    "+l": "list<item: struct<key: binary, value: binary>>",
}  # fmt: skip


def described(field: Field) -> tuple[str, str, str]:
    """A column as the document has it."""
    return field.name, ARROW[field.format], "yes" if field.nullable else "no"


def test_the_tables_are_the_schemas() -> None:
    rows = ROW.findall(DOCUMENT.read_text(encoding="utf-8"))
    assert rows == [described(field) for field in (*RECORDS, *BATCHES)]


def test_the_programs_print_what_the_document_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    for library in ("duckdb", "pyarrow"):
        pytest.importorskip(library)
    try:
        import inspector._native  # noqa: F401
    except ImportError:
        require("native", "the native engine is not built")
    monkeypatch.chdir(CHECKOUT)
    text = DOCUMENT.read_text(encoding="utf-8")
    names: dict[str, object] = {}
    for program, shown in PROGRAM.findall(text):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(program, names)
        if os.environ.get("KINSPECT_WRITE_GOLDEN") == "1":
            block = f"{program}```\n```text\n"
            text = text.replace(f"{block}{shown}```", f"{block}{printed.getvalue()}```")
            DOCUMENT.write_text(text, encoding="utf-8")
        else:
            assert printed.getvalue() == shown
