"""Times as users type them, and what a batch header proves about the times of its records. Text in, values out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from ..model import NO_TIMESTAMP, RecordBatch
from ..words import LOG_APPEND_TIME, utc

MAX_TIMESTAMP = 2**63 - 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_AGO = re.compile(r"([0-9]{1,12})\s*([smhdw])\s+ago", re.IGNORECASE)
_ISO = re.compile(r"[0-9]{4}-?[0-9W-]+([T ][0-9:.,]+(Z|[+-][0-9:]+)?)?")
_UNITS_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
_FORMS = "2026-03-01, 2026-03-01T12:05:00, 2026-03-01T12:05:00+01:00, epoch milliseconds, 'now' or '2h ago'"


def milliseconds(moment: datetime) -> int:
    """Epoch milliseconds; a part of a millisecond counts as a whole one, so that bounds keep their meaning."""
    return -((_EPOCH - moment) // _MILLISECOND)


def parse_time(text: str, now: datetime, zone: tzinfo = UTC) -> int:
    """Epoch milliseconds of a moment as users type it. Raises ValueError with a sentence.

    ISO 8601 (a date alone is its midnight), in `zone` where it names none; epoch milliseconds; `now`; `90m ago`, with
    s, m, h, d or w.
    """
    word = text.strip()
    if re.fullmatch(r"-?[0-9]{1,19}", word) and abs(int(word)) <= MAX_TIMESTAMP:
        return int(word)
    if word.lower() == "now":
        return milliseconds(now)
    ago = _AGO.fullmatch(word)
    if ago is not None:
        return milliseconds(now) - int(ago[1]) * _UNITS_MS[ago[2].lower()]
    try:
        if _ISO.fullmatch(word) and not word.isdecimal():
            return milliseconds(_in_zone(datetime.fromisoformat(word), zone))
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"'{text}' is no time: {_FORMS}")


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Timestamps from `since` to before `until`, in epoch milliseconds; None: no bound.

    A record without a timestamp (-1) is in no range of time, however wide.
    """

    since: int | None = None
    until: int | None = None

    def holds(self, timestamp: int) -> bool:
        """Whether a timestamp lies in the range."""
        return (
            timestamp != NO_TIMESTAMP
            and (self.since is None or timestamp >= self.since)
            and (self.until is None or timestamp < self.until)
        )

    def meets(self, batch: RecordBatch) -> bool:
        """Whether the times that a header tells, from base_timestamp to max_timestamp, meet the range.

        Under LogAppendTime, max_timestamp is that of every record. A batch with a delete horizon does not tell its
        first timestamp: it is taken to reach back as far as asked.
        """
        last = batch.max_timestamp
        if last == NO_TIMESTAMP or (self.since is not None and last < self.since):
            return False
        return self.until is None or _earliest_told(batch) < self.until

    def __str__(self) -> str:
        bounds = (("from", self.since), ("to before", self.until))
        return " ".join(f"{word} {utc(bound)}" for word, bound in bounds if bound is not None)


def _earliest_told(batch: RecordBatch) -> int:
    if batch.timestamp_type == LOG_APPEND_TIME or batch.base_timestamp == NO_TIMESTAMP:
        return batch.max_timestamp
    if batch.delete_horizon_ms is not None:
        return -MAX_TIMESTAMP
    return min(batch.base_timestamp, batch.max_timestamp)
