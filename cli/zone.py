"""Time zones by name, as `--tz` takes them: IANA's names, `UTC`, and `local` for the zone of this machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from .nearest import nearest

LOCAL = "local"


class LocalZone(tzinfo):
    """The zone of this machine, with the rules that its C library knows for each moment."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """The offset of a wall clock time here; `fold` tells the two hours apart that a clock shows twice."""
        return None if moment is None else moment.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, _moment: datetime | None) -> timedelta | None:
        """Not told apart from the rest of the offset."""
        return None

    def tzname(self, _moment: datetime | None) -> str:
        """`local`."""
        return LOCAL

    def fromutc(self, moment: datetime) -> datetime:
        """The wall clock time here of a moment given in UTC."""
        here = moment.replace(tzinfo=UTC).astimezone()
        wall = here.replace(tzinfo=None)
        return wall.replace(tzinfo=self, fold=int(wall.astimezone().utcoffset() != here.utcoffset()))


def parse_zone(name: str) -> tzinfo:
    """The zone of this name. Raises ValueError with a sentence."""
    if name.upper() in ("UTC", "Z"):
        return UTC
    if name.lower() == LOCAL:
        return LocalZone()
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:  # LookupError: ZoneInfoNotFoundError is a KeyError
        raise ValueError(_unknown(name)) from error


def _unknown(name: str) -> str:
    from zoneinfo import available_timezones

    zones = sorted(available_timezones())
    if not zones:
        return f"no time zone '{name}': this machine knows none but UTC and local (pip install tzdata brings them)."
    places = {zone.rpartition("/")[2].casefold(): zone for zone in zones}
    near = nearest(name.casefold(), known := {**places, **{zone.casefold(): zone for zone in (*zones, "UTC", LOCAL)}})
    hint = f"Did you mean '{known[near]}'?" if near else "Names are IANA's, such as Europe/Berlin; or UTC, or local."
    return f"no time zone '{name}'. {hint}"
