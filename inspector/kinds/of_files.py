"""Kinds of findings about the files beside a log, each read by itself: KI-400n and KI-401n, KRaft snapshots KI-402n."""

from __future__ import annotations

from .kind import ERROR, INFO, WARNING, Kind

KINDS: dict[str, Kind] = {
    # order, and indexes as hints
    "offset-not-increasing": Kind(
        "KI-4001", ERROR, "expected an offset of at least {expected}, found {found}", "Compare with another replica."
    ),
    "segment-name-mismatch": Kind(
        "KI-4002",
        ERROR,
        "the file's name promises offsets from {expected} on, this batch begins with {found}",
        "The file may have been renamed, or its first batch damaged.",
    ),
    "index-misleads": Kind(
        "KI-4003",
        WARNING,
        "the entry for offset {expected} points to {found}; the segment was read from its start instead",
        "Kafka rebuilds the index if it is deleted while the broker is stopped.",
    ),
    # files of entries
    "impossible-entry": Kind(
        "KI-4010",
        ERROR,
        "expected {expected}, found {found}",
        "No broker writes such an entry; see the page on findings.",
    ),
    "entry-out-of-order": Kind(
        "KI-4011",
        ERROR,
        "expected {expected}, found {found}",
        "Kafka searches by this order; see the page on findings.",
    ),
    "partial-entry": Kind(
        "KI-4012",
        WARNING,
        "an entry has {expected} bytes, here are only {found}",
        "The file was cut; Kafka ignores the rest.",
    ),
    "preallocated-tail": Kind("KI-4013", INFO, "{found} bytes of zeros, space not used yet", "Nothing to do."),
    "data-behind-zeros": Kind(
        "KI-4014", ERROR, "expected {expected}, found {found}", "Kafka reads up to the zeros only, or past them."
    ),
    "unknown-version": Kind(
        "KI-4015", ERROR, "expected version {expected}, found {found}", "Nothing is known of its layout.", True
    ),
    "snapshot-crc-mismatch": Kind(
        "KI-4016",
        ERROR,
        "the CRC-32C does not match: stored {expected}, computed {found}",
        "The broker discards such a snapshot and reads the log instead.",
    ),
    "snapshot-count-lies": Kind(
        "KI-4017",
        ERROR,
        "claims {found} entries, there is room for {expected}",
        "The broker discards such a snapshot and reads the log instead.",
    ),
    "surplus-snapshot-bytes": Kind(
        "KI-4018",
        ERROR,
        "{found} bytes are left behind the last of {expected} entries",
        "The broker discards such a snapshot and reads the log instead.",
    ),
    # KRaft snapshots
    "kraft-snapshot-header-missing": Kind(
        "KI-4020", ERROR, "expected {expected} first, found {found}", "Its beginning is lost, or it is no snapshot."
    ),
    "kraft-snapshot-footer-missing": Kind(
        "KI-4021",
        ERROR,
        "ends without a footer",
        "It was cut off: records are missing. Take an earlier one, or a copy.",
    ),
    "kraft-snapshot-unfinished": Kind(
        "KI-4022", INFO, "is still being written, or was left half-written", "Nothing to do: it is not in force."
    ),
    "kraft-snapshot-goes-on": Kind(
        "KI-4023",
        ERROR,
        "goes on behind the footer at position {found}",
        "No broker writes this; compare with another node.",
    ),
    "kraft-snapshot-epoch": Kind(
        "KI-4024",
        WARNING,
        "the file's name says epoch {expected}, this batch is of epoch {found}",
        "The file may have been renamed.",
    ),
}
