"""`kinspect labs`: the bundled example producers, and exercises on what lies on the disk, theirs or anybody's."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from .. import answer as answer_
from .. import exits, options
from ..options import Output
from ..render.escape import line

if TYPE_CHECKING:
    from pathlib import Path

    from inspector.labs import Lab
    from inspector.labs.run import Acknowledged

    from ..render.page import Page

IS_NUMBER = re.compile(r"[0-9]+").fullmatch


@click.group()
def labs() -> None:
    """Example producers, and exercises on the format.

    Each lab is a small producer that teaches one rule of how a record finds its partition, and knows where each of its
    records must lie. The exercises ask about the bytes of any log directory.
    """


@labs.command("list")
@options.writing
def list_(output: Output) -> None:
    """List the labs and the rule that each teaches."""
    from inspector.reports.labs import lab_list

    answer_.give(lab_list(), output)


@labs.command()
@click.argument("numbers", metavar="N...", nargs=-1, required=True, type=click.IntRange(min=1))
@click.option(
    "--bootstrap-server",
    metavar="HOST:PORT",
    default="localhost:9092",
    show_default=True,
    help="The broker to send to.",
)
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    help="How long a lab may wait for its broker.",
)
@options.verbose
def run(numbers: tuple[int, ...], bootstrap_server: str, timeout: float, verbose: bool) -> None:
    """Run labs N... against a broker.

    Each record is shown as it is acknowledged.
    """
    from ..render.page import Page

    chosen, page = [_lab(number) for number in numbers], Page(sys.stdout)
    _hush_the_client(verbose=verbose)
    outcomes = [_run(lab, bootstrap_server, timeout, page) for lab in chosen]
    _say_what_is_next(chosen, page)
    click.get_current_context().exit(exits.DONE if all(outcomes) else exits.FOUND)


@labs.command(
    epilog="Whole numbers are labs, everything else is a LOGDIR; a directory called 3 is written ./3. "
    "Without numbers, the labs whose topics are there."
)
@click.argument("words", metavar="LOGDIR... [N...]", nargs=-1, required=True)
@options.engine
@options.writing
def check(words: tuple[str, ...], engine: str, output: Output) -> None:
    """Compare the disk with what labs leave there, record by record."""
    numbers = tuple(_lab(int(word)).number for word in words if IS_NUMBER(word))
    logdirs = [options.logdir(word) for word in words if not IS_NUMBER(word)]
    if not logdirs:
        raise click.UsageError("Missing LOGDIR: say where to look, for instance: labs check /var/lib/kafka/data 1")
    from inspector.reports.labs import lab_check

    answer_.give(lab_check(logdirs, numbers, engine), output)


@labs.command()
@click.argument("path", metavar="LOGDIR", callback=lambda _ctx, _argument, text: options.logdir(text))
@click.argument("numbers", metavar="[N...]", nargs=-1, type=click.IntRange(min=1))
@click.option("--answers", is_flag=True, help="With the answers and how they follow: for teachers.")
@options.engine
@options.writing
def exercises(path: Path, numbers: tuple[int, ...], answers: bool, engine: str, output: Output) -> None:
    """List the questions that LOGDIR gives to learners of the format.

    They are made from the data that lies there. Without N, all of them.
    """
    from inspector.reports.exercises import exercise_list

    for number in numbers:
        _require_exercise(number)
    answer_.give(exercise_list(path, numbers, solved=answers, engine=engine), output)


@labs.command(
    context_settings={"ignore_unknown_options": True},
    epilog="Numbers may be decimal or hexadecimal (0x2a), with separators (1,234); times as epoch milliseconds or as "
    "2023-11-14T22:13:20.001Z.",
)
@click.argument("path", metavar="LOGDIR", callback=lambda _ctx, _argument, text: options.logdir(text))
@click.argument("number", metavar="N", type=click.IntRange(min=1))
@click.argument("words", metavar="ANSWER...", nargs=-1, required=True)
@options.engine
@options.writing
def answer(path: Path, number: int, words: tuple[str, ...], engine: str, output: Output) -> None:
    """Say whether ANSWER is right, and why, or give a hint."""
    from inspector.reports.exercises import exercise_answer

    _require_exercise(number)
    answer_.give(exercise_answer(path, number, " ".join(words), engine), output)


def _require_exercise(number: int) -> None:
    from inspector.labs.exercises import EXERCISES

    if number not in EXERCISES:
        raise click.BadParameter(f"no exercise {number}; there are 1 to {len(EXERCISES)}.", param_hint="'N'")


def _lab(number: int) -> Lab:
    from inspector.labs import LABS

    if number not in LABS:
        raise click.BadParameter(f"no lab {number}; there are {', '.join(map(str, LABS))}.", param_hint="'N'")
    return LABS[number]


def _run(lab: Lab, bootstrap_server: str, timeout: float, page: Page) -> bool:
    """Runs one lab; True when the records went where the lab says."""
    from inspector.labs.run import run as run_lab

    from ..render.cells import Cells

    cells = Cells(page.can_write)

    def tell(ack: Acknowledged) -> None:
        page.line(
            f"  partition {ack.partition}  offset {ack.offset}"
            f"  key {cells.payload(ack.key)}  value {cells.payload(ack.value)}"
        )
        page.flush()

    page.gap()
    page.line(page.styled(f"{lab.topic}: {lab.title}", bold=True))
    page.flush()
    result = run_lab(lab, bootstrap_server, timeout_s=timeout, on_ack=tell).result
    for text in (*result.lines, result.text):
        page.line(line(text))
    return result.ok


def _say_what_is_next(chosen: list[Lab], page: Page) -> None:
    page.gap()
    page.line("Now look at what the broker wrote (LOGDIR is log.dirs in its server.properties):")
    for lab in chosen:
        page.line(f"  kinspect LOGDIR --topic {lab.topic}")
    page.line(f"  kinspect labs check LOGDIR {' '.join(str(lab.number) for lab in chosen)}")
    page.flush()


def _hush_the_client(*, verbose: bool) -> None:
    """Keeps the Kafka client's own log lines off the screen; its failures come back as errors anyway."""
    import logging

    if not verbose:
        logging.getLogger("kafka").setLevel(logging.CRITICAL)
