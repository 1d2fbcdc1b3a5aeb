"""Kinds of findings about producers and transactions: KI-43nn."""

from __future__ import annotations

from .kind import ERROR, INFO, WARNING, Kind

KINDS: dict[str, Kind] = {
    "producer-out-of-sequence": Kind(
        "KI-4301",
        ERROR,
        "expected sequence {expected} of its producer, found {found}",
        "A leader refuses such a batch. Compare with another replica.",
    ),
    "producer-batch-twice": Kind(
        "KI-4302",
        ERROR,
        "its producer sent a batch with the same sequences before: expected {expected}, found {found}",
        "A leader answers a repeated batch without writing it; the records stand twice in the log.",
    ),
    "producer-epoch-goes-back": Kind(
        "KI-4303",
        ERROR,
        "expected a producer epoch of at least {expected}, found {found}",
        "A leader refuses a producer that another one has replaced. Compare with another replica.",
    ),
    "too-many-producers": Kind(
        "KI-4304",
        WARNING,
        "more than {expected} producers at a time: those that were silent for longest were forgotten",
        "Their sequences and transactions were not followed further.",
        True,
    ),
    "open-transaction": Kind(
        "KI-4305",
        INFO,
        "not ended where the log ends: {found}; the last stable offset is {expected}",
        "Normal while its producer works. If it hangs: kafka-transactions.sh find-hanging, then abort.",
    ),
    "open-transaction-in-snapshot": Kind(
        "KI-4306",
        INFO,
        "not ended, and its records are no longer in the log: {found}",
        "A broker that loads this snapshot keeps its last stable offset there: kafka-transactions.sh abort ends it.",
    ),
    "snapshot-unlike-log": Kind(
        "KI-4310",
        ERROR,
        "expected {expected}, found {found}",
        "Stop the broker and delete the snapshot: it reads the log instead.",
    ),
    "snapshot-producer-not-in-log": Kind(
        "KI-4311",
        ERROR,
        "the log holds {expected}, found {found}",
        "Stop the broker and delete the snapshot: it reads the log instead.",
    ),
    "snapshot-lacks-producer": Kind(
        "KI-4312",
        ERROR,
        "expected {expected}, found nothing",
        "Stop the broker and delete the snapshot: it reads the log instead.",
    ),
    "snapshot-beyond-the-log": Kind(
        "KI-4313",
        WARNING,
        "it holds the state at offset {found}, and the log ends at {expected}",
        "The broker deletes it at its next start. The log was longer once: compare with another replica.",
    ),
    "txn-index-lacks-transaction": Kind(
        "KI-4320",
        ERROR,
        "expected {expected}, found nothing",
        "Consumers that read committed records only are given the aborted ones. Compare with another replica.",
    ),
    "txn-index-without-marker": Kind(
        "KI-4321",
        ERROR,
        "expected {expected}, found {found}",
        "Consumers that read committed records only may lose records. Compare with another replica.",
    ),
    "txn-index-unlike-log": Kind(
        "KI-4322",
        ERROR,
        "the log says {expected}, the entry {found}",
        "Consumers that read committed records only may see too much or too little. Compare with another replica.",
    ),
}
