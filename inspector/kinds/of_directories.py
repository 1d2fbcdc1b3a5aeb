"""Kinds of findings about a directory and its text files: KI-1nnn."""

from __future__ import annotations

from .kind import ERROR, INFO, WARNING, Kind

KINDS: dict[str, Kind] = {
    "foreign-entry": Kind(
        "KI-1001",
        INFO,
        "not part of a Kafka log directory: {found}",
        "A folder of such a name keeps a broker from starting: move it elsewhere.",
    ),
    "bad-checkpoint": Kind(
        "KI-1002",
        WARNING,
        "expected {expected}, found {found}",
        "The broker treats such a file as absent, or refuses to start.",
    ),
    "unreadable-file": Kind("KI-1003", ERROR, "could not be read: {found}", "Check permissions and the disk.", True),
    "vanished-file": Kind(
        "KI-1004",
        INFO,
        "was there when listed, gone when opened",
        "Normal in a running broker's directory; list again.",
    ),
    "shrunk-file": Kind(
        "KI-1005",
        WARNING,
        "shrank while it was read: expected {expected} bytes, found {found}",
        "Read a stopped copy.",
        True,
    ),
    "bad-quorum-state": Kind(
        "KI-1010", ERROR, "expected {expected}, found {found}", "A node with such a file does not start."
    ),
    "not-what-it-is-called": Kind(
        "KI-1011",
        ERROR,
        "does not look like {expected}: {found}",
        "It was renamed or overwritten; give it its own name to see what it holds.",
        True,
    ),
    "duplicate-directory-id": Kind(
        "KI-1020",
        WARNING,
        "the directory id {expected} is that of {found} too",
        "One is a copy of the other; no broker starts with both.",
    ),
    "node-in-two-clusters": Kind(
        "KI-1021",
        INFO,
        "node {expected} of this cluster is another than node {found}",
        "Compare only the directories of one cluster with each other.",
    ),
    "topic-under-two-ids": Kind(
        "KI-1022",
        WARNING,
        "topic {expected} has this id here, and another one elsewhere in the cluster: {found}",
        "It was deleted and made anew; the replica with the old id is a leftover.",
    ),
    "partition-in-two-directories": Kind(
        "KI-1023",
        WARNING,
        "{expected} lies in {found} of the same node too",
        "A broker with both does not start; one is a copy or a leftover.",
    ),
    "given-twice": Kind(
        "KI-1024", INFO, "is the same directory as {found}, and shown once", "Give each directory once."
    ),
    "renamed-file": Kind(
        "KI-1025",
        INFO,
        "was renamed to {found} since it was listed, and read there",
        "Normal in a running broker's directory: it is being removed, or was moved; list again.",
    ),
    "replaced-file": Kind(
        "KI-1026",
        INFO,
        "another file than the one that was listed stands under this name",
        "Normal where the log cleaner runs, which replaces segments; list again.",
    ),
    "vanished-while-read": Kind(
        "KI-1027",
        WARNING,
        "was deleted or replaced while it was read; what stands behind {found} was not read",
        "List again, or read a stopped copy.",
        True,
    ),
    "grown-file": Kind(
        "KI-1028",
        INFO,
        "grew after it was listed: {expected} bytes then, {found} when it was opened",
        "Somebody writes to it, although no running broker was seen; list again.",
    ),
    "dangling-link": Kind(
        "KI-1030",
        ERROR,
        "is a link that leads nowhere, under the name of {expected}",
        "Is a file system not mounted, or was the target moved? A broker goes on as if it had never been.",
        True,
    ),
}
