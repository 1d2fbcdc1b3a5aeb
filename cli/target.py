"""A file that an answer is written to instead of stdout: never one that is there, never one below a log directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from .render.escape import line

BROKERS_OWN = ("meta.properties", "recovery-point-offset-checkpoint", "replication-offset-checkpoint")
"""One of these stands in every log directory, and nowhere else."""

output = click.option(
    "--output",
    metavar="FILE",
    type=click.Path(),
    help="Write to this file instead of stdout; it may not lie below a log directory.",
)
force = click.option("--force", is_flag=True, help="Let --output write over a file that is there.")


@contextmanager
def opened(target: str, read: Path, *, force: bool) -> Iterator[TextIO]:
    """The file, new and open for text. What is half-written when something goes wrong does not stay.

    read: the file that the answer is about, which is never written over. Raises click.BadParameter, with the reason.
    """
    path = Path(target).expanduser()
    _refuse(path, read, force=force)
    try:
        stream = path.open("w" if force else "x", encoding="utf-8", newline="\n")
    except OSError as error:
        raise _refused(f"{target} cannot be written: {error.strerror}") from error
    try:
        with stream:
            yield stream
    except BaseException:
        if path.is_file():  # and no device
            path.unlink()
        raise


def _refuse(path: Path, read: Path, *, force: bool) -> None:
    if path.exists() and read.exists() and os.path.samefile(path, read):
        raise _refused(f"{path} is the file that is explained")
    if path.exists() and not force:
        raise _refused(f"{path} exists already; --force writes over it")
    real = path.resolve()
    for folder in real.parents:
        if _is_read_only(folder):
            raise _refused(f"{path} lies below the log directory {folder}, where nothing is written")


def _is_read_only(folder: Path) -> bool:
    """Whether a broker keeps its data here: a log directory, or the directory of a partition without one around it."""
    if any((folder / name).exists() for name in BROKERS_OWN):
        return True
    topic, dash, partition = folder.name.rpartition("-")
    return bool(topic and dash and partition.isdecimal()) and any(folder.glob("[0-9]*.log"))


def _refused(reason: str) -> click.BadParameter:
    return click.BadParameter(line(reason), param_hint="'--output'")
