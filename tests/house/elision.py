"""What a document leaves out of an output: a line that holds nothing but `…` stands for lines that are not shown."""

from __future__ import annotations

MARK = "…"
NEAR = 60
"""So many lines at most lie between the first and the last line of a part that is written anew."""


def agrees(shown: str, printed: str) -> bool:
    """Whether the parts shown stand in the output, whole, in this order, and nothing more at its ends than is said."""
    parts, lines, reached = _parts(shown), printed.splitlines(), 0
    if MARK not in shown.splitlines():
        return shown == printed
    for number, part in enumerate(parts):
        if not part:
            continue
        is_first, is_last = number == 0, number == len(parts) - 1
        starts = range(reached, len(lines) - len(part) + 1)
        candidates = [at for at in starts if lines[at : at + len(part)] == part]
        candidates = [at for at in candidates if not is_first or at == 0]
        candidates = [at for at in candidates if not is_last or at + len(part) == len(lines)]
        if not candidates:
            return False
        reached = candidates[0] + len(part)
    return True


def refreshed(shown: str, printed: str) -> str:
    """The same parts as they are printed now: each from a line like its first one to the next like its last one.

    Blanks do not count in that. A part that is not found stays as it was, so that the test goes on to fail.
    """
    if MARK not in shown.splitlines():
        return printed
    lines, reached, parts = printed.splitlines(), 0, list[list[str]]()
    for part in _parts(shown):
        start, end = _found(part, lines, reached)
        parts.append([f"{line}\n" for line in (lines[start:end] if end else part)])
        reached = max(reached, end)
    return f"{MARK}\n".join("".join(part) for part in parts)


def _parts(shown: str) -> list[list[str]]:
    """The lines between the marks; the first and the last part are empty where the output begins or ends with one."""
    parts: list[list[str]] = [[]]
    for line in shown.splitlines():
        if line == MARK:
            parts.append([])
        else:
            parts[-1].append(line)
    return parts


def _found(part: list[str], lines: list[str], reached: int) -> tuple[int, int]:
    squeezed = ["".join(line.split()) for line in lines]
    if not part:
        return reached, reached
    first, last = ("".join(line.split()) for line in (part[0], part[-1]))
    for start in range(reached, len(lines)):
        if squeezed[start] == first:
            ends = (end for end in range(start, min(start + NEAR, len(lines))) if squeezed[end] == last)
            return start, (next(ends, start + len(part) - 1) if len(part) > 1 else start) + 1
    return reached, 0
