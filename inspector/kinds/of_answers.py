"""Kinds of findings about what was asked for: the selection KI-5nnn, a salvage KI-6nnn, expectations KI-7nnn."""

from __future__ import annotations

from .kind import ERROR, INFO, WARNING, Kind

KINDS: dict[str, Kind] = {
    # what was asked for
    "transaction-marker-hidden": Kind(
        "KI-5001",
        WARNING,
        "what became of its transaction cannot be told: {found}",
        "Another replica of the partition may tell it; the marker is then at the same offset.",
    ),
    "transaction-marker-elsewhere": Kind(
        "KI-5002",
        INFO,
        "what became of its transaction may stand in a later file: {found}",
        "Give the partition's directory instead of one file.",
    ),
    "selected-partition-missing": Kind(
        "KI-5003",
        INFO,
        "there is no partition {expected} here",
        "It may lie in another log directory, or on another broker.",
    ),
    # salvage
    "batch-set-apart": Kind(
        "KI-6101",
        ERROR,
        "{expected} with the right CRC went apart, not into the new log: {found}",
        "The manifest names the file; look at its records with kinspect show.",
    ),
    "file-not-copied": Kind(
        "KI-6102",
        WARNING,
        "was not taken over: {found}",
        "The broker makes it anew, or takes it from elsewhere; see the page on salvage.",
    ),
    # expectations
    "lab-record-missing": Kind(
        "KI-7001", ERROR, "expected {expected}, found nothing", "Run the lab again on a fresh topic."
    ),
    "lab-record-doubled": Kind("KI-7002", ERROR, "expected {expected}, found {found}", "Was the lab stopped half-way?"),
    "lab-record-misplaced": Kind(
        "KI-7003", ERROR, "expected in partition {expected}, found {found}", "See `kinspect labs list` for the rule."
    ),
    "lab-record-foreign": Kind(
        "KI-7004", ERROR, "not a record of this lab: {found}", "Use a topic of its own for each lab."
    ),
    "lab-order": Kind(
        "KI-7005", ERROR, "expected {expected}, found {found}", "One producer keeps the order per partition."
    ),
    "lab-partition-count": Kind(
        "KI-7006",
        ERROR,
        "expected {expected} partitions, found {found}",
        "Delete the topic; `kinspect labs run` makes it anew. (1 partition: it was auto-created; the tutorial's create "
        "command lacks a space before --replication-factor.)",
    ),
    "not-lab-data": Kind("KI-7007", ERROR, "holds no lab data: {found}", "Use a topic of its own for each lab."),
    "lab-not-run": Kind("KI-7008", ERROR, "holds no records", "Run it: kinspect labs run."),
}
