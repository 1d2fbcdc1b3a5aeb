"""What a server.properties says that decides about a start; the defaults of Kafka where it says nothing.

Settings of single topics are in the metadata, not here: they may differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..location import Location
from ..text_files import Parsed, java_properties, read_text_file

DAY = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Settings:
    """index_bytes: `log.index.size.max.bytes`. index_interval: `log.index.interval.bytes`. All sizes in bytes.

    expires_after: `producer.id.expiration.ms`. preallocate: `log.preallocate`. log_dirs: as written; empty: not told.
    node_id: `node.id` or `broker.id`. is_kraft: it has `process.roles`. is_told: a file was given.
    """

    index_bytes: int = 10 * 1024 * 1024
    index_interval: int = 4096
    segment_bytes: int = 1024 * 1024 * 1024
    expires_after: int = DAY
    preallocate: bool = False
    log_dirs: tuple[str, ...] = ()
    node_id: int | None = None
    is_kraft: bool | None = None
    is_told: bool = False


class SettingsError(ValueError):
    """A server.properties that cannot be used; the message says why."""


def read_settings(path: Path) -> Settings:
    """What the file says. Raises SettingsError."""
    parsed = read_text_file(path, Location(str(path)), lambda data, _at: Parsed(java_properties(data)))
    if not parsed.found:
        raise SettingsError(f"no such file: {path}")
    if parsed.findings:
        raise SettingsError(f"cannot read {path}: {parsed.findings[0].found}")
    return _settings(parsed.value)


def _settings(told: dict[str, str]) -> Settings:
    defaults = Settings()
    dirs = told.get("log.dirs") or told.get("log.dir") or ""
    node = told.get("node.id", told.get("broker.id"))
    return Settings(
        index_bytes=_number(told, "log.index.size.max.bytes", defaults.index_bytes),
        index_interval=_number(told, "log.index.interval.bytes", defaults.index_interval),
        segment_bytes=_number(told, "log.segment.bytes", defaults.segment_bytes),
        expires_after=_number(told, "producer.id.expiration.ms", defaults.expires_after),
        preallocate=told.get("log.preallocate", "").strip().lower() == "true",
        log_dirs=tuple(one.strip() for one in dirs.split(",") if one.strip()),
        node_id=None if node is None else _number({"node.id": node}, "node.id", -1),
        is_kraft="process.roles" in told,
        is_told=True,
    )


def _number(told: dict[str, str], name: str, default: int) -> int:
    text = told.get(name, str(default)).strip()
    if not (text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() and len(text) < 20):
        raise SettingsError(f"{name} is no number: {text!r}")
    return int(text)
