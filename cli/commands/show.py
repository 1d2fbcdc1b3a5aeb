"""`kinspect show`, the default command: the records of the topics asked for, or the inventory."""

from __future__ import annotations

from pathlib import Path

import click

from .. import answer, options
from ..options import Choice, Output

ABOUT_RECORDS = {
    "-o": "offsets",
    "-n": "limit",
    "--tail": "tail",
    "--since": "since",
    "--until": "until",
    "--key": "key",
    "--key-regex": "key_regex",
    "--value-regex": "value_regex",
    "--header": "headers",
    "--transaction": "transactions",
    "--no-control": "no_control",
    "--control-only": "control_only",
    "--full": "full",
}


@click.command()
@options.logdirs
@options.choosing()
@options.writing_records
def show(logdirs: tuple[Path, ...], choice: Choice, output: Output) -> None:
    """Show records, a file, or the inventory (the default).

    With --topic: the records of each partition, and a verdict. Without: the inventory of topic-partitions. An index, a
    snapshot, a checkpoint or another small file given by itself is shown entry by entry.
    """
    if choice.topics:
        _show_records(logdirs, choice, output)
    _show_contents(logdirs, choice, output)
    if _about_records(choice, output):
        _require_logs(logdirs, choice, output)
        _show_records(logdirs, choice, output)
    _show_inventory(logdirs, choice, output)


def _show_records(logdirs: tuple[Path, ...], choice: Choice, output: Output) -> None:
    from inspector.reports.show import show as report

    limit = options.TABLE_LIMIT if output.is_table else None
    answer.give(report(list(logdirs), choice.selection(limit)), output)


def _show_contents(logdirs: tuple[Path, ...], choice: Choice, output: Output) -> None:
    from inspector.files.kinds import are_beside_logs

    if are_beside_logs(logdirs):
        from inspector.reports.contents import contents

        _refuse(_about_records(choice, but=("limit", "tail")))
        if choice.partitions is not None:
            raise click.UsageError("-p chooses partitions, and what is given are files without any.")
        selection = choice.selection(options.TABLE_LIMIT if output.is_table else None)
        answer.give(contents(logdirs, selection.limit, selection.tail), output)


def _show_inventory(logdirs: tuple[Path, ...], choice: Choice, output: Output) -> None:
    from inspector.reports.inventory import inventory

    answer.give(inventory(list(logdirs), choice.selection(), segments=False), output)


def _require_logs(logdirs: tuple[Path, ...], choice: Choice, output: Output) -> None:
    """A partition or a segment given by itself needs no topic to say which records are meant."""
    from inspector.reports.inputs import are_logs

    if not are_logs(list(logdirs)):
        _refuse(_about_records(choice, output))


def _about_records(choice: Choice, output: Output | None = None, but: tuple[str, ...] = ()) -> list[str]:
    """The options given that only records have an answer to."""
    names = ((option, name) for option, name in ABOUT_RECORDS.items() if name not in but)
    given = [option for option, name in names if getattr(choice, name) not in (None, False, ())]
    return [*given, "-s"] if output and output.decoders else given


def _refuse(options: list[str]) -> None:
    """An option that would do nothing is a misunderstanding: better said than ignored."""
    if options:
        raise click.UsageError(f"{options[0]} is about records: say of which topic with -t (of all topics: -t '*').")
