"""What was copied from where to where, and what was not and why, a line of JSON each."""

from __future__ import annotations

import json
from typing import Any

from .writing import OutputFile

MANIFEST = "manifest.jsonl"


class Manifest:
    """The manifest of one output, written as the work goes on."""

    def __init__(self, file: OutputFile) -> None:
        self._file = file

    def add(self, what: str, **said: Any) -> None:
        """One line; `what` says of which kind."""
        self._file.write(json.dumps({"what": what, **said}, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
