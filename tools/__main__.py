"""The entry of `python -m tools`: looks at the Python at hand, then hands over to the task asked for.

Kept readable for Pythons that are too old for the project, so that they print a sentence and not a syntax error.
"""

from __future__ import annotations

import sys

OLDEST_PYTHON = (3, 11)


def main() -> int:
    """Runs the task named on the command line and returns its exit code."""
    if sys.version_info < OLDEST_PYTHON:
        needed, found = (".".join(map(str, version[:2])) for version in (OLDEST_PYTHON, sys.version_info))
        print(f"kinspect needs Python {needed} or newer; this is {found} ({sys.executable})", file=sys.stderr)
        return 2
    from tools.tasks import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
