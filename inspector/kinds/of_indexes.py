"""Kinds of findings about indexes held against their log: KI-42nn."""

from __future__ import annotations

from .kind import ERROR, INFO, WARNING, Kind

KINDS: dict[str, Kind] = {
    "index-entry-misleads": Kind(
        "KI-4201",
        ERROR,
        "the entry for offset {expected} points to {found}",
        "Stop the broker and delete this file: the broker makes it anew. Until then, fetches fail or skip records.",
    ),
    "index-beyond-log": Kind(
        "KI-4202",
        ERROR,
        "the log ends at offset {expected}, its index knows of offset {found}",
        "The log was cut, or the index is another one's; compare with another replica.",
    ),
    "index-ahead-of-log": Kind(
        "KI-4203",
        INFO,
        "the log ends at offset {expected}, its index knows of offset {found}",
        "Normal where the broker was killed or the log was copied first; the next start makes the index anew.",
    ),
    "index-missing": Kind(
        "KI-4204",
        WARNING,
        "{found} has no offset index",
        "The broker reads the segment at its next start, also after a clean stop, and makes its indexes anew.",
    ),
    "index-entries-missing": Kind(
        "KI-4205",
        WARNING,
        "no entry points between {expected} and {found}",
        "Reading is right, and slow there. If index.interval.bytes is no reason: delete this file while the broker is "
        "stopped.",
    ),
    "zero-padded-index": Kind(
        "KI-4206",
        WARNING,
        "{found} bytes of zeros behind the last entry, in the index of a closed segment",
        "The broker takes them for entries and reads from the segment's start; delete this file while it is stopped.",
    ),
    "time-index-misleads": Kind(
        "KI-4211",
        ERROR,
        "expected {expected}, found {found}",
        "Stop the broker and delete the `.index` of this segment: it makes all its indexes anew. Until then, offsets "
        "that are looked up by time pass records over.",
    ),
    "time-index-ends-wrong": Kind(
        "KI-4212",
        ERROR,
        "the last entry has to say {expected}, the greatest timestamp of the segment; found {found}",
        "Retention and lookups by time judge the segment by it. Stop the broker and delete the `.index` of this "
        "segment: it makes all its indexes anew.",
    ),
    "zero-padded-time-index": Kind(
        "KI-4213",
        ERROR,
        "the segment's greatest timestamp is {expected}, and zeros behind the last entry say {found} (1970)",
        "Retention by time may delete the segment at the next start (KAFKA-10207). Stop the broker and delete the "
        "`.index` of this segment: it makes all its indexes anew.",
    ),
    "time-index-missing": Kind(
        "KI-4214",
        WARNING,
        "{found} has no time index",
        "The broker makes an empty one, and judges the segment by the file's time. Delete its `.index` too while the "
        "broker is stopped: then it makes both anew.",
    ),
}
