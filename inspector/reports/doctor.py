"""Is this installation whole, and what reads with it? What a report of a fault should begin with; no log is looked at.

Nothing here relies on what it looks for: a package that is missing or broken is a row, not an error.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from ..engine import NATIVE, SPEC, about_native, choose
from ..errors import EngineBrokenError, EngineMissingError
from ..report import Column, Report, Row, Section, Verdict
from ..words import COMPRESSION_NAMES, counted

DOCTOR_COLUMNS = (Column("check"), Column("found"), Column("ok"), Column("remark", optional=True))

PROGRAM = "kinspect"
PACKAGES = ("click", "construct", "cramjam", "google-crc32c", "kafka-python", "tabulate", "wcwidth")
"""What kinspect depends on, by the names of distributions."""

SAMPLE = b"kinspect"
COMPRESSED = {
    1: "1f8b0800000000000203cbcecc2b2e484d2e010091ba9a4608000000",
    2: "081c6b696e7370656374",
    3: "04224d18604082080000806b696e737065637400000000",
    4: "28b52ffd20084100006b696e7370656374",
}
"""The sample as each of Kafka's codecs writes it."""

CRC_OF, CRC = b"123456789", 0xE3069283
"""The check value of CRC-32C."""


class Check(NamedTuple):
    """One row: what was looked at, what is there, whether that will do, and what there is to say about it."""

    check: str
    found: str | None
    ok: bool = True
    remark: str | None = None


def doctor() -> Report:
    """One row a check. The verdict says whether all that is expected here works."""
    return _Doctor().made


class _Doctor:
    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.made = Report(DOCTOR_COLUMNS, [Section(rows=self._rows())], verdict=self._verdict)

    def _rows(self) -> Iterator[Row]:
        for part in (_surroundings, _engine, _packages, _crc, _codecs):
            for check in part():
                self.checks.append(check)
                yield check

    def _verdict(self) -> Verdict:
        engine = next(check.found for check in self.checks if check.check == "engine")
        broken = [check.check for check in self.checks if not check.ok]
        if not broken:
            return Verdict(f"all {counted(len(self.checks), 'check')} passed; the {engine} engine reads")
        return Verdict(f"broken: {', '.join(broken)}; the {engine} engine reads", ok=False)


def _surroundings() -> Iterator[Check]:
    yield _package(PROGRAM)
    yield Check("Python", f"{platform.python_version()} ({platform.python_implementation()})")
    yield Check("platform", platform.platform())


def _engine() -> Iterator[Check]:
    try:
        choose(NATIVE)
        facts = about_native()
    except EngineMissingError as error:
        yield Check("engine", SPEC, remark=error.message)
    except EngineBrokenError as error:
        yield Check("engine", SPEC, ok=False, remark=error.message)
    else:
        yield Check("engine", NATIVE)
        yield from (_native_fact(name, value) for name, value in facts.items())


def _native_fact(name: str, value: str) -> Check:
    if name == "version" and value != _package(PROGRAM).found:
        return Check(f"native {name}", value, ok=False, remark=f"built for another {PROGRAM}: install it anew")
    return Check(f"native {name}", value)


def _packages() -> Iterator[Check]:
    return map(_package, PACKAGES)


def _package(name: str) -> Check:
    try:
        return Check(name, version(name))
    except PackageNotFoundError:
        return Check(name, None, ok=False, remark="not installed")


def _crc() -> Iterator[Check]:
    check = _tried("CRC-32C", _implementation_of_crc)
    yield check._replace(remark="slow: no compiled one is installed") if check.found == "python" else check


def _implementation_of_crc() -> str:
    import google_crc32c

    if google_crc32c.value(CRC_OF) != CRC:
        raise ValueError("computes wrong checksums")
    return str(google_crc32c.implementation)


def _codecs() -> Iterator[Check]:
    return (_tried(COMPRESSION_NAMES[codec], partial(_decompressed, codec)) for codec in COMPRESSED)


def _decompressed(codec: int) -> str:
    from ..codecs import decompress

    if decompress(codec, bytes.fromhex(COMPRESSED[codec])).data != SAMPLE:
        raise ValueError("decompresses to other bytes")
    return "decompresses"


def _tried(name: str, attempt: Callable[[], str]) -> Check:
    try:
        return Check(name, attempt())
    except Exception as error:  # whatever is wrong with it is the answer
        return Check(name, None, ok=False, remark=str(error) or type(error).__name__)
