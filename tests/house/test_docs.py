"""The documentation tells the truth: its commands run and print what it shows, and nothing is left out of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sysconfig
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from inspector.findings import KINDS

from .elision import agrees, refreshed

CHECKOUT = Path(__file__).resolve().parents[2]
SHOWING = (
    "README.md",
    "docs/tutorial.md",
    "docs/questions.md",
    "docs/dump-log.md",
    "docs/lookup.md",
    "docs/audit.md",
    "docs/placement.md",
    "docs/post-mortem.md",
    "docs/recovery.md",
    "docs/salvage.md",
    "docs/format.md",
    "docs/format-indexes.md",
    "docs/format-snapshots.md",
    "docs/format-questions.md",
    "docs/exercises.md",
)
"""The documents whose ```console blocks are run."""

PRINTED: dict[str, str] = {}
"""What commands printed; documents show several parts of one answer."""

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{2,}.*\b(KI-\d{4})\b.*$", re.MULTILINE)
TICKED = re.compile(r"`([^`\n]+)`")

MACHINE_READABLE = (  # of verify and labs check: the findings, if any
    ("show", "{}", "--topic", "*", "-J"),
    ("show", "{}", "--topic", "hello-*", "-J", "-s", "key=int32", "-s", "value=hex"),
    ("ls", "{}", "-J"),
    ("ls", "{}", "--segments", "-J"),
    ("ls", "{}", "--files", "-J"),
    ("ls", "{}", "--identity", "-J"),
    ("batches", "{}", "-J"),
    ("verify", "{}", "-J"),
    ("recovery", "{}", "-J"),
    ("explain", "{}/codecs-1/00000000000000000000.log", "-J"),
    ("explain", "{}/transactions-0/00000000000000000005.log", "-f", "json"),
    ("lookup", "{}", "-t", "*", "-t", "!__*", "-o", "3", "-J"),
    ("lookup", "{}", "-t", "hello-*", "--key", "foo", "-J"),
    ("labs", "list", "-J"),
    ("placement", "{}", "-J"),
    ("placement", "{}", "-J", "--what-if", "7"),
    ("placement", "{}", "-t", "hello-world-4", "--partitioner", "java", "-J"),
    ("audit", "{}", "--acks", str(CHECKOUT / "docs" / "examples" / "acks.jsonl"), "-J"),
    ("doctor", "-J"),
    ("labs", "check", "{}", "-J"),
)


class Example(NamedTuple):
    """A command that a document shows, and the output it shows for it."""

    document: str
    command: str
    output: str


def examples() -> Iterator[Example]:
    """Each `$ ` line of each console block, with the lines up to the next one."""
    for document in SHOWING:
        for block in BLOCK.findall((CHECKOUT / document).read_text(encoding="utf-8")):
            for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
                yield Example(document, command, output)


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """The variables of a plain pipe, with the installed `kinspect` in front of the path."""
    # Under `make test`, make would tell an inner make that it is one, and that would talk about folders.
    unwanted = ("COLUMNS", "FORCE_COLOR", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    inherited = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**inherited, "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])}


@pytest.mark.parametrize("example", list(examples()), ids=lambda example: example.command)
def test_an_example_prints_what_the_document_shows(example: Example, environment: dict[str, str]) -> None:
    printed = PRINTED.get(example.command) or output_of(example.command, environment)
    PRINTED[example.command] = printed
    if os.environ.get("KINSPECT_WRITE_GOLDEN") == "1":
        show(example, refreshed(example.output, printed))
    elif not agrees(example.output, printed):
        assert printed == example.output


def output_of(command: str, environment: dict[str, str]) -> str:
    """What a reader of the document would see, without empty lines at the end."""
    words = ["sh", "-c", command]
    done = subprocess.run(words, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    # A first `make demo` tells on stderr that it installs something.
    told = done.stdout if command.startswith("make ") else done.stdout + done.stderr
    return told.rstrip("\n") + "\n"


def show(example: Example, printed: str) -> None:
    """Writes the real output into the document."""
    path = CHECKOUT / example.document
    text = path.read_text(encoding="utf-8")
    old, new = (f"$ {example.command}\n{output}" for output in (example.output, printed))
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_readme_begins_with_the_demo() -> None:
    text = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    first = BLOCK.search(text)
    assert first is not None and first[1].startswith("$ make demo\n")
    assert text[: first.start()].count("\n\n") <= 2, "one sentence stands before the demo, not more"


def test_the_readme_names_the_rust_that_the_crates_need() -> None:
    workspace = tomllib.loads((CHECKOUT / "native" / "Cargo.toml").read_text(encoding="utf-8"))
    needed = workspace["workspace"]["package"]["rust-version"]
    assert f"Rust {needed} or newer" in (CHECKOUT / "README.md").read_text(encoding="utf-8")


def test_every_finding_has_its_paragraph() -> None:
    described = HEADING.findall((CHECKOUT / "docs" / "findings.md").read_text(encoding="utf-8"))
    assert sorted(described) == sorted(kind.code for kind in KINDS.values())


def test_the_paragraph_of_a_finding_names_its_slug() -> None:
    text = (CHECKOUT / "docs" / "findings.md").read_text(encoding="utf-8")
    headings = {code: heading for heading in text.splitlines() for code in HEADING.findall(heading)}
    assert {slug for slug, kind in KINDS.items() if slug not in headings.get(kind.code, "")} == set()


def every_command(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """A click command and all commands below it, with their names as typed."""
    import click

    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            yield from every_command(command.get_command(context, word), f"{name} {word}".strip())


def test_every_option_is_documented() -> None:
    from inspector.cli import main

    text = (CHECKOUT / "docs" / "commands.md").read_text(encoding="utf-8")
    documented = {word.rstrip(",") for ticked in TICKED.findall(text) for word in ticked.split()}
    undocumented = {
        f"{name} {option}".strip()
        for name, command in every_command(main.kinspect)
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("-") and not getattr(parameter, "hidden", False) and option not in documented
    }
    assert not undocumented, f"not in docs/commands.md: {', '.join(sorted(undocumented))}"


def test_every_command_is_documented() -> None:
    from inspector.cli import main

    text = (CHECKOUT / "docs" / "commands.md").read_text(encoding="utf-8")
    undocumented = {name for name, _ in every_command(main.kinspect) if name and f"`kinspect {name}" not in text}
    assert not undocumented, f"not in docs/commands.md, as `kinspect …`: {', '.join(sorted(undocumented))}"


def fields(value: object) -> Iterator[str]:
    """The names of all fields of a JSON value, at any depth."""
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from fields(inner)


@pytest.mark.parametrize("words", MACHINE_READABLE, ids=" ".join)
def test_every_json_field_is_documented(
    words: tuple[str, ...], kinspect: Callable[..., Any], real_dirs: Mapping[str, Path]
) -> None:
    documented = set(TICKED.findall((CHECKOUT / "docs" / "json.md").read_text(encoding="utf-8")))
    printed: set[str] = set()
    for directory in real_dirs.values():
        lines = kinspect(*(word.format(directory) for word in words)).stdout.splitlines()
        printed.update(name for line in lines for name in fields(json.loads(line)))
    assert printed or words[0] in ("verify", "labs"), "nothing was printed"
    assert printed <= documented, f"not in docs/json.md: {', '.join(sorted(printed - documented))}"


def test_no_link_between_documents_is_dead() -> None:
    dead = []
    for document in (*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            if not (document.parent / target).exists():
                dead.append(f"{document.relative_to(CHECKOUT)}: {target}")
    assert dead == []
