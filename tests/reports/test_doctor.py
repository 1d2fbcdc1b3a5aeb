"""`kinspect doctor`: what is well, and what is told where something is not."""

from __future__ import annotations

import importlib.metadata
import re
import sys

import pytest

from inspector.errors import EngineBrokenError, EngineMissingError
from inspector.report import Verdict
from inspector.reports import doctor as under_test
from inspector.reports.doctor import COMPRESSED, PACKAGES, Check, doctor
from inspector.words import COMPRESSION_NAMES


def examined() -> tuple[dict[str, Check], Verdict]:
    """The checks by what they look at, and the verdict."""
    report = doctor()
    return {str(row[0]): Check(*row) for row in report.all_rows()}, report.verdict()


@pytest.fixture
def native(monkeypatch):
    """Lets the native engine be there with what it tells of itself, or be missing or broken in some way."""

    def be(facts: dict[str, str] | Exception) -> None:
        def answer(*_name: str) -> dict[str, str]:
            if isinstance(facts, Exception):
                raise facts
            return facts

        monkeypatch.setattr(under_test, "choose", answer)
        monkeypatch.setattr(under_test, "about_native", answer)

    return be


def test_all_is_well_where_the_tests_run():
    checks, verdict = examined()
    assert [check for check in checks.values() if not check.ok] == []
    assert verdict.ok
    assert re.fullmatch(rf"all {len(checks)} checks passed; the (native|spec) engine reads", verdict.text)


def test_the_packages_are_those_that_kinspect_depends_on():
    needed = importlib.metadata.requires("kinspect") or []
    names = {re.match(r"[\w-]+", line)[0] for line in needed if "extra ==" not in line}
    assert names | {"wcwidth"} == set(PACKAGES)  # wcwidth comes by way of tabulate[widechars]


def test_every_codec_of_kafka_is_tried():
    assert {COMPRESSION_NAMES[codec] for codec in COMPRESSED} == set(COMPRESSION_NAMES.values()) - {"none"}


def test_a_native_engine_that_was_not_built_is_no_fault(native):
    native(EngineMissingError("the native engine was not built here"))
    checks, verdict = examined()
    assert checks["engine"] == ("engine", "spec", True, "the native engine was not built here")
    assert verdict.ok
    assert verdict.text.endswith("the spec engine reads")


def test_a_native_engine_that_cannot_be_loaded_is_one(native):
    native(EngineBrokenError("the native engine was built, but cannot be loaded: wrong ELF class"))
    checks, verdict = examined()
    assert checks["engine"][1:3] == ("spec", False)
    assert "wrong ELF class" in str(checks["engine"].remark)
    assert (verdict.ok, verdict.text) == (False, "broken: engine; the spec engine reads")


def test_what_the_native_engine_tells_of_itself_is_told(native):
    native({"version": importlib.metadata.version("kinspect"), "rustc": "1.95.0", "threads": "2"})
    checks, verdict = examined()
    assert checks["engine"] == ("engine", "native", True, None)
    assert checks["native rustc"] == ("native rustc", "1.95.0", True, None)
    assert (checks["native version"].ok, verdict.ok) == (True, True)


def test_a_native_engine_of_another_version_is_a_fault(native):
    native({"version": "0.0.7"})
    checks, verdict = examined()
    assert checks["native version"] == ("native version", "0.0.7", False, "built for another kinspect: install it anew")
    assert (verdict.ok, verdict.text) == (False, "broken: native version; the native engine reads")


def test_a_missing_package_is_named(monkeypatch):
    def version(name: str) -> str:
        if name == "tabulate":
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(under_test, "version", version)
    checks, verdict = examined()
    assert checks["tabulate"] == ("tabulate", None, False, "not installed")
    assert (verdict.ok, "tabulate" in verdict.text) == (False, True)


def test_a_codec_that_fails_is_named(monkeypatch):
    monkeypatch.setitem(COMPRESSED, 4, COMPRESSED[4][:-2])
    checks, verdict = examined()
    assert (checks["zstd"].found, checks["zstd"].ok) == (None, False)
    assert checks["zstd"].remark
    assert verdict.text.startswith("broken: zstd; ")


def test_checksums_without_their_package_or_that_are_wrong_are_named(monkeypatch):
    monkeypatch.setattr(under_test, "CRC", 0)
    assert examined()[0]["CRC-32C"] == ("CRC-32C", None, False, "computes wrong checksums")
    monkeypatch.setitem(sys.modules, "google_crc32c", None)
    check = examined()[0]["CRC-32C"]
    assert (check.ok, "google_crc32c" in str(check.remark)) == (False, True)


def test_the_command_ends_with_the_exit_code_of_its_checks(kinspect):
    done = kinspect("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^engine +(native|spec) +yes", done.stdout, re.MULTILINE)
