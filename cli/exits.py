"""The exit codes, all in one place: what each means, and which answer or which failure gets which.

0 done; 1 done, but something at or above `--fail-on`, an expectation not met, or nothing matched; 2 usage error;
3 not all of it could be read, which wins over 1; 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, TextIO

import click

from inspector.errors import KinspectError, PathNotFoundError
from inspector.findings import Finding, Severity

from .nearest import nearest_path
from .render.escape import line

if TYPE_CHECKING:
    from inspector.report import Report, Verdict

DONE = 0
FOUND = 1
USAGE = 2
INCOMPLETE = 3
INTERRUPTED = 130

NEVER = "never"

WRITE_FAILURES = {errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF, errno.EAGAIN}
"""What goes wrong with stdout. The library turns its own system errors into KinspectErrors."""


class CommandError(click.ClickException):
    """A failure with a plain sentence and the exit code it deserves (click's own always exits 1)."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click declares one code a class; here it varies

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002
        """Writes the sentence to stderr."""
        _say(self.message)


def of_report(report: Report, verdict: Verdict, fail_on: str) -> int:
    """The exit code of an answer that was given to its end."""
    from .render.notes import is_incomplete

    if is_incomplete(report, verdict):
        return INCOMPLETE
    failed = any(_is_failure(finding, fail_on) for finding in report.findings)
    return FOUND if failed or not (verdict.ok and verdict.matched) else DONE


def of_findings(findings: Iterable[Finding], fail_on: str) -> int:
    """The exit code of an answer that is no report, by its findings."""
    told = list(findings)
    if any(finding.incomplete for finding in told):
        return INCOMPLETE
    return FOUND if any(_is_failure(finding, fail_on) for finding in told) else DONE


def _is_failure(finding: Finding, fail_on: str) -> bool:
    return fail_on != NEVER and finding.severity >= Severity[fail_on.upper()]


def guarded(action: Callable[[], object], is_verbose: Callable[[], bool]) -> int:
    """Runs `action` to its exit code. Whatever it raises becomes at most a few plain lines on stderr."""
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            code = _code_or_error(action, is_verbose)
        _flush()
        return code
    except BrokenPipeError:
        _silence()
        return DONE
    except KeyboardInterrupt:
        _silence()
        return INTERRUPTED
    except OSError as error:
        _silence()
        _say(f"cannot write the output: {error.strerror}")
        return INCOMPLETE


def _code_or_error(action: Callable[[], object], is_verbose: Callable[[], bool]) -> int:
    try:
        code = action()
        return code if isinstance(code, int) else DONE
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort as stop:
        raise KeyboardInterrupt from stop
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except KinspectError as error:
        _flush()  # an answer may stand half-written on stdout, and a terminal shows both
        _say(error.message, error.hint or _did_you_mean(error))
        return INCOMPLETE if error.incomplete else FOUND
    except Exception as error:
        if isinstance(error, OSError) and error.errno in WRITE_FAILURES:
            raise
        _say_unexpected(error, verbose=is_verbose())
        return INCOMPLETE


def _show_warning(message: Warning | str, *_where: object, **_more: object) -> None:
    """What the library warns of, in a plain line: the code that warns means nothing to users."""
    _say(str(message), word="Warning")


def _say(message: str, hint: str = "", word: str = "Error") -> None:
    """Writes to stderr. If even that is not possible, the exit code must do."""
    from .render.page import Page

    page = Page(sys.stderr)
    with suppress(OSError):
        page.line(f"{word}: {line(message)}")
        if hint:
            page.line(line(hint))
        page.flush()


def _did_you_mean(error: KinspectError) -> str:
    if not isinstance(error, PathNotFoundError) or error.location is None:
        return ""
    near = nearest_path(error.location.path)
    return f"Did you mean '{near}'?" if near else ""


def _say_unexpected(error: Exception, *, verbose: bool) -> None:
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    where = "" if verbose else "-v shows where it happened."
    _say(f"unexpected error ({what}). This is a fault of kinspect: please report it with the command you typed", where)
    if verbose:
        from .render.page import Page

        Page(sys.stderr).line("".join(traceback.format_exception(error)))


def _streams() -> list[TextIO]:
    return [stream for stream in (sys.stdout, sys.stderr) if stream is not None]


def _flush() -> None:
    for stream in _streams():
        stream.flush()


def _silence() -> None:
    """Sends what is still buffered nowhere, so that the interpreter's own last flush says nothing."""
    for stream in _streams():
        try:
            stream.flush()
        except OSError:
            _redirect_to_nowhere(stream)


def _redirect_to_nowhere(stream: TextIO) -> None:
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):  # a stream without a descriptor has no last flush either
        return
