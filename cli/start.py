"""The script `kinspect`: quiet under Ctrl-C from its first moment to its last.

While Python imports what the command line needs, and while it shuts down, an interrupt simply ends the process, as the
system does by default. In between it is an exit code; see `exits.py`.
"""

from __future__ import annotations

import signal
from typing import NoReturn

WAS_IGNORED = signal.getsignal(signal.SIGINT) is not signal.default_int_handler  # by nohup, or in the background

if not WAS_IGNORED:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def main() -> NoReturn:
    """Runs the command line."""
    from .main import kinspect

    _on_interrupt(signal.default_int_handler)
    try:
        kinspect.main()
    finally:
        _on_interrupt(signal.SIG_DFL)


def _on_interrupt(handler: object) -> None:
    if not WAS_IGNORED:
        signal.signal(signal.SIGINT, handler)  # type: ignore[arg-type]
