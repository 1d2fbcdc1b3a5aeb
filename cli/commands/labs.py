"""`kinspect labs`: the bundled example producers. List them, run them against a broker, check what lies on the disk."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from .. import answer, exits, options
from ..options import Output
from ..render.escape import line

if TYPE_CHECKING:
    from inspector.labs import Lab
    from inspector.labs.run import Acknowledged

    from ..render.page import Page

IS_NUMBER = re.compile(r"[0-9]+").fullmatch


@click.group()
def labs() -> None:
    """Small example producers: run them, check them.

    Each lab teaches one rule of how a record finds its partition, and knows where each of its records must lie.
    """


@labs.command("list")
@options.writing
def list_(output: Output) -> None:
    """List the labs and the rule that each teaches."""
    from inspector.reports.labs import lab_list

    answer.give(lab_list(), output)


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

    answer.give(lab_check(logdirs, numbers, engine), output)


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
