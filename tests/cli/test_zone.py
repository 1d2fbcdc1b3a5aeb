"""`--tz`: times in tables, and only there."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from inspector.cli.render.cells import Cells, moment
from inspector.cli.zone import LocalZone, parse_zone

from inspector.report import Hint
from tests.cli.stubs import record, records


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("UTC", "2023-11-14 22:13:20.124Z"),
        ("utc", "2023-11-14 22:13:20.124Z"),
        ("Europe/Berlin", "2023-11-14 23:13:20.124+01:00"),
        ("Asia/Kathmandu", "2023-11-15 03:58:20.124+05:45"),
        ("America/New_York", "2023-11-14 17:13:20.124-05:00"),
    ],
)
def test_tables_show_times_in_the_zone(library, run, zone, shown):
    library.report = records(record(1))
    assert run("./x", "--tz", zone, "--columns", "timestamp").stdout.splitlines()[1] == shown


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "tsv"])
def test_machines_get_milliseconds_whatever_the_zone(library, run, form):
    library.report = records(record(1))
    assert "1700000000124" in run("./x", "--tz", "Asia/Kathmandu", "-f", form).stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Europe/Belin", "no time zone 'Europe/Belin'. Did you mean 'Europe/Berlin'?"),
        ("berlin", "Did you mean 'Europe/Berlin'?"),
        ("../../etc/passwd", "no time zone '../../etc/passwd'."),
        ("Europe", "no time zone 'Europe'."),
        ("", "no time zone ''."),
    ],
)
def test_an_unknown_zone_is_a_usage_error_that_names_the_nearest(run, name, said):
    result = run("./x", "--tz", name)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.fixture
def in_berlin(monkeypatch):
    """A machine in Berlin."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize("when", ["2026-03-29T00:59", "2026-03-29T01:00", "2026-10-25T00:30", "2026-10-25T01:30"])
def test_the_local_zone_knows_summer_time_and_its_double_hour(when):
    moment_there = datetime.fromisoformat(when).replace(tzinfo=UTC)
    assert (
        moment_there.astimezone(LocalZone()).isoformat()
        == moment_there.astimezone(parse_zone("Europe/Berlin")).isoformat()
    )


@pytest.mark.usefixtures("in_berlin")
def test_a_wall_clock_time_here_is_the_same_moment_elsewhere():
    assert datetime(2026, 7, 1, 12, tzinfo=LocalZone()).astimezone(UTC) == datetime(2026, 7, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["UTC", "local", "Asia/Kathmandu", "America/New_York"])
@pytest.mark.parametrize("value", [2**63 - 1, -(2**63), 253402300799999, 253402300800000, -62135596800000, -2, 0])
def test_every_timestamp_that_fits_the_disk_is_shown(zone, value):
    shown = Cells(tz=parse_zone(zone)).show(value, Hint.TIMESTAMP)
    assert shown == str(value) or shown[4] == "-"


def test_times_before_the_epoch_and_none():
    assert moment(-2) == "1969-12-31 23:59:59.998Z"
    assert Cells().show(-1, Hint.TIMESTAMP) == "-"
