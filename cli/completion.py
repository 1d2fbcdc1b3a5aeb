"""What a shell offers behind an option: topics and partitions of the LOGDIRs typed so far, columns, types, zones.

It must answer at once and say nothing else: names are listed, no file is opened, no engine is loaded, and whatever goes
wrong is an empty offer.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice

import click

MOST_ENTRIES = 200_000
"""How many names of a directory are looked at, at most."""

_PARTITION = re.compile(r"(?P<topic>[A-Za-z0-9._-]+)-(?P<number>[0-9]{1,10})\Z")

_COLUMNS = {
    "show": "RECORD_COLUMNS",
    "ls": "PARTITION_COLUMNS",
    "ls segments": "SEGMENT_COLUMNS",
    "batches": "BATCH_COLUMNS",
    "verify": "FINDING_COLUMNS",
    "check": "FINDING_COLUMNS",
}
"""The columns of commands (and of what `ls` is asked to list) that are known without loading what reads."""

Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def _silently(offer: Callable[[click.Context, str], Iterable[str]]) -> Complete:
    def complete(ctx: click.Context, _option: click.Parameter, typed: str) -> list[str]:
        try:
            return list(offer(ctx, typed))
        except Exception:
            return []

    return complete


@_silently
def topics(ctx: click.Context, typed: str) -> Iterable[str]:
    """The topics of the LOGDIRs; behind a `!` too."""
    sign = "!" if typed.startswith("!") else ""
    names = {topic for topic, _ in _partitions(ctx)}
    return (sign + name for name in sorted(names) if name.startswith(typed.removeprefix("!")))


@_silently
def partitions(ctx: click.Context, typed: str) -> Iterable[str]:
    """The partitions of the topics asked for, behind what is typed of a list."""
    wanted = ctx.params.get("topics") or ()
    numbers = {number for topic, number in _partitions(ctx) if topic in wanted or not wanted}
    return _continued(typed, map(str, sorted(numbers)))


@_silently
def columns(ctx: click.Context, typed: str) -> Iterable[str]:
    """The columns of the command, behind what is typed of a list."""
    return _continued(typed, _column_names(ctx))


@_silently
def decoders(_ctx: click.Context, typed: str) -> Iterable[str]:
    """`key=TYPE` and `value=TYPE`."""
    from inspector.decoders import AUTO, BUILT_IN, entry_points

    types = (AUTO, *BUILT_IN, *entry_points())
    return (
        text for part in ("key", "value") for text in (f"{part}={name}" for name in types) if text.startswith(typed)
    )


@_silently
def zones(_ctx: click.Context, typed: str) -> Iterable[str]:
    """The names of time zones."""
    from zoneinfo import available_timezones

    return (name for name in ("local", *sorted(available_timezones())) if name.startswith(typed))


def _continued(typed: str, words: Iterable[str]) -> Iterator[str]:
    """The words as the last one of a list with commas, without those that it holds already."""
    head, comma, last = typed.rpartition(",")
    chosen = head.split(",")
    return (head + comma + word for word in words if word.startswith(last) and word not in chosen)


def _column_names(ctx: click.Context) -> list[str]:
    from inspector.reports import columns as known

    answer = f"{ctx.info_name} {'segments' if ctx.params.get('segments') else ''}".strip()
    return [column.name for column in getattr(known, _COLUMNS[answer])] if answer in _COLUMNS else []


def _partitions(ctx: click.Context) -> Iterator[tuple[str, int]]:
    """Topic and number of the partition directories in the LOGDIRs, by their names alone."""
    for path in _logdirs(ctx):
        with suppress(OSError), os.scandir(path) as entries:
            for entry in islice(entries, MOST_ENTRIES):
                match = _PARTITION.match(entry.name)
                if match and entry.is_dir():
                    yield match["topic"], int(match["number"])


def _logdirs(ctx: click.Context) -> Iterator[str]:
    """While an option's value is completed, click has the arguments before it either parsed or left over."""
    for typed in (*(ctx.params.get("logdirs") or ()), *filter(None, (ctx.params.get("logdir"),)), *ctx.args):
        path = os.path.expanduser(typed)  # noqa: PTH111 - never raises, unlike Path.expanduser
        if os.path.isdir(path):  # noqa: PTH112
            yield path
