"""What `docs/dump-log.md` shows of the dump tool: its runs, for the tests that let the tool run as well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.conftest import CHECKOUT

PAGE = CHECKOUT / "docs" / "dump-log.md"
VERSIONS = ("3.6.0", "4.3.0")

BLOCK = re.compile(
    r"^```text\n(?:(?P<version>[0-9.]+) )?\$ kafka-dump-log\.sh (?P<arguments>.*)\n(?P<shown>(?:.*\n)*?)```$", re.M
)


class Shown(NamedTuple):
    """A run of the tool as the page shows it: all of `lines` come out with these versions, and not with others."""

    arguments: tuple[str, ...]
    versions: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def command(self) -> str:
        return " ".join(self.arguments)


def shown_of_the_tool() -> Iterator[Shown]:
    """The prompt names the version where it matters; `…` stands for what is left out."""
    for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        pieces = [piece.strip() for line in found["shown"].splitlines() for piece in line.split("…")]
        versions = (found["version"],) if found["version"] else VERSIONS
        yield Shown(tuple(found["arguments"].split()), versions, tuple(piece for piece in pieces if piece))


def rows_of_names() -> list[tuple[str, str]]:
    """The rows of the page's tables that begin with a name of the tool and one of ours."""
    return re.findall(r"^\| `([^`]+)` \| `([^`]+)`", PAGE.read_text(encoding="utf-8"), re.M)
