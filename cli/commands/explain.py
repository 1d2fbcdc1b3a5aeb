"""`kinspect explain`: every byte of a file, and what it means."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from .. import exits, options, output
from ..output import fail_on
from ..render.escape import line
from ..render.explained import EXPLAINED_FORMATS

if TYPE_CHECKING:
    from typing import TextIO

    from inspector.regions import Explanation


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(readable=False))
@click.option("--position", type=click.IntRange(min=0), metavar="P", help="Only the entry that holds byte P.")
@click.option("-o", "--offset", type=click.IntRange(min=0), metavar="O", help="Only the entry that holds offset O.")
@click.option("--batch", type=int, metavar="N", help="Only entry N, counted from 0; -1 is the last one.")
@click.option("-n", "--limit", type=click.IntRange(min=0), default=20, show_default=True, metavar="N",
              help="How many records of a batch are opened (0: all).")  # fmt: skip
@click.option("-f", "--format", "format", type=click.Choice(tuple(EXPLAINED_FORMATS)), default=None,
              help="How to write it: "
              f"{', '.join(f'{name} ({one.about})' for name, one in EXPLAINED_FORMATS.items())}.")  # fmt: skip
@output.as_jsonl
@click.option("--output", "target", metavar="FILE", type=click.Path(), help="Write it to a file that is not there yet.")
@click.option("--force", is_flag=True, help="Write over the file of --output.")
@output.color
@output.pager
@fail_on
@click.option("-q", "--quiet", is_flag=True, help="Leave out the sentences.")
@output.verbose
@options.engine
def explain(file: str, as_jsonl: bool, format: str | None, **words: Any) -> NoReturn:
    """Explain a file byte by byte.

    FILE is any file of a log directory: a segment, an index, a snapshot, a checkpoint. Each byte belongs to one field,
    shown with its value, what it means, and how it comes out of the bytes. Damaged bytes are shown as far as they can
    be told apart, with the field that broke.
    """
    from inspector.explaining import Wanted
    from inspector.explaining import explain as explained

    if as_jsonl and format not in (None, "jsonl"):
        raise click.UsageError(f"-J means --format jsonl, and --format {format} was given too.")
    chosen = "jsonl" if as_jsonl else format or "text"
    picked = [f"--{name}" for name in ("position", "offset", "batch") if words[name] is not None]
    if len(picked) > 1:
        raise click.UsageError(f"{' and '.join(picked)} exclude each other: each chooses an entry.")
    wanted = Wanted(words["position"], words["offset"], words["batch"], words["limit"])
    explanation = explained(options.logdir(file), wanted, words["engine"])
    _write(explanation, chosen, words)
    code = exits.of_findings(explanation.findings, words["fail_on"])
    click.get_current_context().exit(code)


def _write(explanation: Explanation, chosen: str, words: dict[str, Any]) -> None:
    """To the file that was asked for, else to standard output, through the pager where it is text on a terminal."""
    from ..render.page import Page
    from ..render.pager import paging
    from ..render.style import Style

    form = EXPLAINED_FORMATS[chosen]
    style = Style(
        "table" if form.is_text else "json", color=words["color"], quiet=words["quiet"], verbose=words["verbose"],
        pager=words["pager"],
    )  # fmt: skip
    with _file(words["target"], words["force"]) if words["target"] else paging(style) as stream:
        page = Page(stream, style.color)
        form.load()(explanation, page, style)
        page.flush()
    if not form.has_findings:
        from ..render.field_tree import tell

        tell(explanation, Page(sys.stderr, style.color), style)


def _file(target: str, force: bool) -> TextIO:
    """A new file; one that is there is left alone unless it may be written over, and so are log directories."""
    path = Path(target)
    _refuse_log_directories(path)
    try:
        return path.open("w" if force else "x", encoding="utf-8", newline="\n")
    except FileExistsError as error:
        message = f"'{line(target)}' is there already; --force writes over it"
        raise click.BadParameter(message, param_hint="'--output'") from error
    except OSError as error:
        raise click.BadParameter(f"cannot write '{line(target)}': {error.strerror}", param_hint="'--output'") from error


def _refuse_log_directories(path: Path) -> None:
    """Nothing is ever written where a broker's files lie."""
    from inspector.broker_files import is_broker_directory
    from inspector.listing import holds_kafka_files

    folders = path.resolve().parents
    if any(map(is_broker_directory, folders)) or holds_kafka_files(folders[0]):
        message = f"'{line(str(path))}' lies in a log directory, where nothing is ever written"
        raise click.BadParameter(message, param_hint="'--output'")
