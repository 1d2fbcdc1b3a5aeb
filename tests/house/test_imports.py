"""Who may import whom, read from the sources. ARCHITECTURE.md draws the same picture in words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

# From the roof to the ground. A room imports from the rows below its own, and never from a room beside it.
ROWS = (
    ("cli.__main__",),
    ("cli.start",),
    ("cli.main",),
    ("cli.commands",),
    ("cli.answer",),
    ("cli.options",),
    ("cli.output",),
    ("cli.gather", "cli.completion", "cli.bash", "cli.zone", "cli.exits"),
    ("cli.nearest", "cli.render"),
    ("", "reports"),
    ("labs", "decoders", "auditing", "checking", "losing", "forecast", "salvaging", "explaining", "lookups"),
    ("placing",),
    ("partitioners",),
    ("transactions", "streams", "cluster_metadata", "identities"),
    ("log_dir", "reading"),
    ("bad_blocks",),
    ("not_a_log", "entries", "seeking"),
    ("files",),
    ("partition",),
    ("listing",),
    ("segment", "broker_files"),
    ("engine",),
    ("spec", "schemas", "codecs", "text_files"),
    ("names", "words", "hashing", "user_lines"),
    ("report", "regions"),
    ("found",),
    ("model", "findings", "source"),
    ("throttle", "page_cache", "kinds"),
    ("errors",),
    ("location",),
)

# What only these rooms (or modules) may import.
ONLY = {
    "construct": ("spec",),
    "kafka": ("labs.run", "labs.clients"),
    "confluent_kafka": ("labs.clients",),
    "cramjam": ("codecs",),
    "click": ("cli",),
    "tabulate": ("cli.render",),
    "inspector._native": ("engine.by_native",),
}

# Rooms that see even less than their row would let them.
NOTHING_BUT = {
    "cli.render": ("cli.render", "report", "regions", "findings", "location", "errors", "model", "names", "words")
}

# What makes, changes or removes files, and the one room that may.
WRITING_CALLS = re.compile(
    r"\.(write_bytes|write_text|mkdir|makedirs|rename|unlink|rmdir|touch|symlink_to|truncate|rmtree)$|^os\.(remove|replace|link)$"
)
WRITERS = ("salvaging.writing",)

# The library returns values: it does not print, and it does not end the program.
FORBIDDEN_CALLS = ("print", "input", "exit", "quit", "sys.exit", "os._exit", "breakpoint")


class Import(NamedTuple):
    """One imported module, and the line that asks for it."""

    importer: str
    imported: str
    place: str


def sources() -> dict[str, Path]:
    """Every module of the package by its installed name; `cli/` is installed as `inspector.cli`."""
    found = {}
    for folder, package in (("inspector", "inspector"), ("cli", "inspector.cli")):
        for path in sorted((CHECKOUT / folder).rglob("*.py")):
            parts = (package, *path.relative_to(CHECKOUT / folder).with_suffix("").parts)
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


SOURCES = sources()
TREES = {module: ast.parse(path.read_text(encoding="utf-8")) for module, path in SOURCES.items()}


def place(module: str, node: ast.AST) -> str:
    """`inspector/segment.py:12: the line itself`."""
    path, number = SOURCES[module], node.lineno  # type: ignore[attr-defined]
    return f"{path.relative_to(CHECKOUT)}:{number}: {path.read_text(encoding='utf-8').splitlines()[number - 1].strip()}"


def absolute(module: str, node: ast.ImportFrom) -> str:
    """The module that `from X import …` names, without leading dots."""
    if not node.level:
        return node.module or ""
    is_package = SOURCES[module].name == "__init__.py"
    parts = module.split(".") if is_package else module.split(".")[:-1]
    parts = parts[: len(parts) - (node.level - 1)]
    return ".".join([*parts, node.module] if node.module else parts)


def imported_modules(module: str, node: ast.AST) -> Iterator[str]:
    """The modules that one import statement names; `from . import names` names a module, not its package."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        origin = absolute(module, node)
        members = [f"{origin}.{alias.name}" for alias in node.names]
        yield from (member if member in SOURCES or member == "inspector._native" else origin for member in members)


def imports() -> list[Import]:
    """Every import of every module, those inside functions included."""
    return [
        Import(module, imported, place(module, node))
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        for imported in sorted(set(imported_modules(module, node)))
    ]


def within(module: str, room: str) -> bool:
    """Whether the module is this room, or lies in it. The room "" holds only the package's own `__init__`."""
    full = f"inspector.{room}".removesuffix(".")
    return module == full or (bool(room) and module.startswith(full + "."))


def room_of(module: str) -> str | None:
    """The room of the table that holds the module."""
    return next((room for row in ROWS for room in row if within(module, room)), None)


def floor_of(room: str) -> int:
    """The number of the row, from the roof."""
    return next(number for number, row in enumerate(ROWS) if room in row)


def goes_down(here: str | None, there: str | None) -> bool:
    """Whether `here` may import `there`. Modules without a room have a test of their own."""
    return here == there or here is None or there is None or floor_of(there) > floor_of(here)


def is_ours(module: str) -> bool:
    """Whether the package itself holds the module."""
    return module.split(".")[0] == "inspector" and module != "inspector._native"


@pytest.mark.parametrize("module", [name for name in SOURCES if name != "inspector.cli"])
def test_every_module_has_a_room(module: str) -> None:
    assert room_of(module) is not None, f"{module} is in no row of the table: give it a room"


def test_imports_only_go_down() -> None:
    upward = [
        f"{line}   ({room_of(importer) or 'inspector'} may not import {room_of(imported) or 'inspector'})"
        for importer, imported, line in imports()
        if is_ours(imported) and not goes_down(room_of(importer), room_of(imported))
    ]
    assert not upward, "\n".join(["imports that do not go down:", *upward])


@pytest.mark.parametrize("library", ONLY)
def test_a_library_is_imported_only_in_its_room(library: str) -> None:
    elsewhere = [
        line
        for importer, imported, line in imports()
        if (imported == library or imported.startswith(library + "."))
        and not any(within(importer, room) for room in ONLY[library])
    ]
    assert not elsewhere, "\n".join([f"only {', '.join(ONLY[library])} may import {library}:", *elsewhere])


@pytest.mark.parametrize("room", NOTHING_BUT)
def test_a_room_sees_nothing_but(room: str) -> None:
    beyond = [
        line
        for importer, imported, line in imports()
        if within(importer, room) and is_ours(imported) and room_of(imported) not in NOTHING_BUT[room]
    ]
    assert not beyond, "\n".join([f"{room} may import nothing but {', '.join(NOTHING_BUT[room])}:", *beyond])


def test_the_library_does_not_print_or_exit() -> None:
    calls = [
        place(module, node)
        for module, tree in TREES.items()
        if not within(module, "cli")
        for node in ast.walk(tree)
        if (isinstance(node, ast.Call) and ast.unparse(node.func) in FORBIDDEN_CALLS)
        or (isinstance(node, ast.Name) and node.id == "SystemExit")
    ]
    assert not calls, "\n".join(["the library prints, asks or exits:", *calls])


def test_only_the_writer_makes_files() -> None:
    calls = [
        place(module, node)
        for module, tree in TREES.items()
        if not within(module, "cli") and not any(within(module, room) for room in WRITERS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (WRITING_CALLS.search(ast.unparse(node.func)) or "O_WRONLY" in ast.unparse(node))
    ]
    assert not calls, "\n".join([f"only {', '.join(WRITERS)} may make files:", *calls])
