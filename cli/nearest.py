"""Did you mean …? The nearest of some names, and the nearest existing path to one that does not exist."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

MOST_ENTRIES = 10_000
"""How many names of a directory are compared at most: a suggestion is not worth a wait."""


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name most like `word`, or None when none is near."""
    from difflib import get_close_matches

    found = get_close_matches(word, list(names), n=1)
    return found[0] if found else None


def nearest_path(text: str) -> str | None:
    """The path nearest to `text`, told by the first part of it that does not exist; None when none is near."""
    missing = Path(text)
    while not missing.parent.is_dir() and missing.parent != missing:
        missing = missing.parent
    name = nearest(missing.name, _names_in(missing.parent))
    return str(missing.with_name(name)) if name and missing.name else None


def _names_in(directory: Path) -> list[str]:
    try:
        with os.scandir(directory) as entries:
            return [entry.name for entry in islice(entries, MOST_ENTRIES)]
    except OSError:
        return []
