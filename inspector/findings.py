"""Findings: what is wrong, odd or worth knowing about bytes that were read, each with its place.

The one table of all kinds stands here. Codes are stable: KI-1nnn the directory and its text files, KI-2nnn batches and
framing, KI-3nnn what is inside a batch, KI-4nnn order and siblings, KI-5nnn what was asked for, KI-7nnn expectations
(labs). A kind with `incomplete` means that part of the input was not read, so the answer is not whole.
`docs/findings.md` has a paragraph on each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import NamedTuple

from .location import Location


class Severity(IntEnum):
    """How much it matters; comparable, so that `--fail-on` is one comparison."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Kind(NamedTuple):
    """One line of the table: stable code, severity, sentence (with {expected} and {found}), next step."""

    code: str
    severity: Severity
    sentence: str
    next_step: str
    incomplete: bool = False


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

KINDS: dict[str, Kind] = {
    # the directory and its text files
    "foreign-entry": Kind(
        "KI-1001",
        _I,
        "not part of a Kafka log directory: {found}",
        "A folder of such a name keeps a broker from starting: move it elsewhere.",
    ),
    "bad-checkpoint": Kind(
        "KI-1002",
        _W,
        "expected {expected}, found {found}",
        "The broker treats such a file as absent, or refuses to start.",
    ),
    "unreadable-file": Kind("KI-1003", _E, "could not be read: {found}", "Check permissions and the disk.", True),
    "vanished-file": Kind(
        "KI-1004", _I, "was there when listed, gone when opened", "Normal in a running broker's directory; list again."
    ),
    "shrunk-file": Kind(
        "KI-1005",
        _W,
        "shrank while it was read: expected {expected} bytes, found {found}",
        "Read a stopped copy.",
        True,
    ),
    "renamed-file": Kind(
        "KI-1025",
        _I,
        "was renamed to {found} since it was listed, and read there",
        "Normal in a running broker's directory: it is being removed, or was moved; list again.",
    ),
    "replaced-file": Kind(
        "KI-1026",
        _I,
        "another file than the one that was listed stands under this name",
        "Normal where the log cleaner runs, which replaces segments; list again.",
    ),
    "vanished-while-read": Kind(
        "KI-1027",
        _W,
        "was deleted or replaced while it was read; what stands behind {found} was not read",
        "List again, or read a stopped copy.",
        True,
    ),
    "grown-file": Kind(
        "KI-1028",
        _I,
        "grew after it was listed: {expected} bytes then, {found} when it was opened",
        "Somebody writes to it, although no running broker was seen; list again.",
    ),
    "bad-quorum-state": Kind(
        "KI-1010", _E, "expected {expected}, found {found}", "A node with such a file does not start."
    ),
    "not-what-it-is-called": Kind(
        "KI-1011",
        _E,
        "does not look like {expected}: {found}",
        "It was renamed or overwritten; give it its own name to see what it holds.",
        True,
    ),
    "duplicate-directory-id": Kind(
        "KI-1020",
        _W,
        "the directory id {expected} is that of {found} too",
        "One is a copy of the other; no broker starts with both.",
    ),
    "node-in-two-clusters": Kind(
        "KI-1021",
        _I,
        "node {expected} of this cluster is another than node {found}",
        "Compare only the directories of one cluster with each other.",
    ),
    "topic-under-two-ids": Kind(
        "KI-1022",
        _W,
        "topic {expected} has this id here, and another one elsewhere in the cluster: {found}",
        "It was deleted and made anew; the replica with the old id is a leftover.",
    ),
    "partition-in-two-directories": Kind(
        "KI-1023",
        _W,
        "{expected} lies in {found} of the same node too",
        "A broker with both does not start; one is a copy or a leftover.",
    ),
    "given-twice": Kind("KI-1024", _I, "is the same directory as {found}, and shown once", "Give each directory once."),
    # batches and framing
    "crc-mismatch": Kind(
        "KI-2001",
        _E,
        "the CRC does not match: stored {expected}, computed {found}",
        "Do not trust the records of this batch; compare with another replica.",
    ),
    "batch-length-too-small": Kind(
        "KI-2002",
        _E,
        "expected at least {expected} bytes, found {found}",
        "The broker cuts the log here when it recovers; everything behind would be lost.",
    ),
    "truncated-batch": Kind(
        "KI-2003",
        _E,
        "expected {expected} bytes, found {found}",
        "The broker cuts the log here when it recovers; take a copy first.",
    ),
    "torn-tail": Kind(
        "KI-2004",
        _I,
        "the last batch is only partly written: expected {expected} bytes, found {found}",
        "Normal in a running or killed broker's directory; the next start cuts it off.",
    ),
    "zeroed-tail": Kind(
        "KI-2005",
        _I,
        "{found} bytes of zeros, as a preallocated segment has",
        "Nothing to do.",
    ),
    "unknown-magic": Kind(
        "KI-2006",
        _E,
        "expected magic {expected}, found {found}",
        "No broker wrote this byte; compare with another replica.",
    ),
    "unreadable-bytes": Kind(
        "KI-2007",
        _E,
        "{found} bytes are no record batch",
        "The broker cuts the log here when it recovers, although intact batches follow: salvage them first.",
    ),
    "search-budget-spent": Kind(
        "KI-2008",
        _W,
        "the search for intact batches stopped after looking at {found} bytes (limit {expected})",
        "What lies behind was not looked at.",
        True,
    ),
    "implausible-header": Kind(
        "KI-2009",
        _E,
        "expected {expected}, found {found}",
        "No broker writes such a header; compare with another replica.",
    ),
    "unknown-attributes": Kind(
        "KI-2010",
        _W,
        "expected {expected} in the attributes, found {found}",
        "Kafka's readers ignore such bits; a release newer than this tool may have given them a meaning.",
    ),
    # inside a batch
    "unknown-codec": Kind("KI-3001", _E, "expected a codec from 0 to 4, found {found}", "The records cannot be read."),
    "undecompressable": Kind(
        "KI-3002", _E, "the {expected} data cannot be decompressed: {found}", "Compare with another replica."
    ),
    "decompression-limit": Kind(
        "KI-3003",
        _E,
        "decompresses to more than {expected} bytes; stopped there",
        "A decompression bomb, or a batch beyond any broker's limit.",
        True,
    ),
    "malformed-record": Kind(
        "KI-3004", _E, "expected {expected}, found {found}", "The records before it are shown, marked as damaged."
    ),
    "surplus-record-bytes": Kind(
        "KI-3005",
        _E,
        "{found} bytes are left behind the last of {expected} records",
        "Kafka's own reader refuses this batch.",
    ),
    "trailing-compressed-bytes": Kind(
        "KI-3006", _W, "{found} bytes stand behind the end of the {expected} stream", "Kafka ignores them."
    ),
    "control-record-not-understood": Kind(
        "KI-3007", _W, "expected {expected}, found {found}", "The marker is shown as raw bytes."
    ),
    "batch-too-large": Kind(
        "KI-3008",
        _E,
        "a batch of {found} is beyond the {expected} that are decoded at once",
        "Its header and CRC were checked, its records not.",
        True,
    ),
    "record-offset-mismatch": Kind(
        "KI-3009", _E, "expected {expected}, found {found}", "No broker writes this; compare with another replica."
    ),
    "message-crc-mismatch": Kind(
        "KI-3010",
        _E,
        "the CRC-32 of a message in a compressed set does not match: stored {expected}, computed {found}",
        "Do not trust this message; compare with another replica.",
    ),
    "partial-message": Kind(
        "KI-3011", _W, "{found} bytes at the end of a compressed set are no whole message", "Kafka ignores them."
    ),
    # order and siblings
    "offset-not-increasing": Kind(
        "KI-4001", _E, "expected an offset of at least {expected}, found {found}", "Compare with another replica."
    ),
    "segment-name-mismatch": Kind(
        "KI-4002",
        _E,
        "the file's name promises offsets from {expected} on, this batch begins with {found}",
        "The file may have been renamed, or its first batch damaged.",
    ),
    "index-misleads": Kind(
        "KI-4003",
        _W,
        "the entry for offset {expected} points to {found}; the segment was read from its start instead",
        "Kafka rebuilds the index if it is deleted while the broker is stopped.",
    ),
    # what was asked for
    "transaction-marker-hidden": Kind(
        "KI-5001",
        _W,
        "what became of its transaction cannot be told: {found}",
        "Another replica of the partition may tell it; the marker is then at the same offset.",
    ),
    "transaction-marker-elsewhere": Kind(
        "KI-5002",
        _I,
        "what became of its transaction may stand in a later file: {found}",
        "Give the partition's directory instead of one file.",
    ),
    "selected-partition-missing": Kind(
        "KI-5003",
        _I,
        "there is no partition {expected} here",
        "It may lie in another log directory, or on another broker.",
    ),
    # indexes and snapshots
    "impossible-entry": Kind(
        "KI-4010", _E, "expected {expected}, found {found}", "No broker writes such an entry; see the page on findings."
    ),
    "entry-out-of-order": Kind(
        "KI-4011", _E, "expected {expected}, found {found}", "Kafka searches by this order; see the page on findings."
    ),
    "partial-entry": Kind(
        "KI-4012",
        _W,
        "an entry has {expected} bytes, here are only {found}",
        "The file was cut; Kafka ignores the rest.",
    ),
    "preallocated-tail": Kind("KI-4013", _I, "{found} bytes of zeros, space not used yet", "Nothing to do."),
    "data-behind-zeros": Kind(
        "KI-4014", _E, "expected {expected}, found {found}", "Kafka reads up to the zeros only, or past them."
    ),
    "unknown-version": Kind(
        "KI-4015", _E, "expected version {expected}, found {found}", "Nothing is known of its layout.", True
    ),
    "snapshot-crc-mismatch": Kind(
        "KI-4016",
        _E,
        "the CRC-32C does not match: stored {expected}, computed {found}",
        "The broker discards such a snapshot and reads the log instead.",
    ),
    "snapshot-count-lies": Kind(
        "KI-4017",
        _E,
        "claims {found} entries, there is room for {expected}",
        "The broker discards such a snapshot and reads the log instead.",
    ),
    "surplus-snapshot-bytes": Kind(
        "KI-4018",
        _E,
        "{found} bytes are left behind the last of {expected} entries",
        "The broker discards such a snapshot and reads the log instead.",
    ),
    # KRaft snapshots
    "kraft-snapshot-header-missing": Kind(
        "KI-4020", _E, "expected {expected} first, found {found}", "Its beginning is lost, or it is no snapshot."
    ),
    "kraft-snapshot-footer-missing": Kind(
        "KI-4021", _E, "ends without a footer", "It was cut off: records are missing. Take an earlier one, or a copy."
    ),
    "kraft-snapshot-unfinished": Kind(
        "KI-4022", _I, "is still being written, or was left half-written", "Nothing to do: it is not in force."
    ),
    "kraft-snapshot-goes-on": Kind(
        "KI-4023",
        _E,
        "goes on behind the footer at position {found}",
        "No broker writes this; compare with another node.",
    ),
    "kraft-snapshot-epoch": Kind(
        "KI-4024",
        _W,
        "the file's name says epoch {expected}, this batch is of epoch {found}",
        "The file may have been renamed.",
    ),
    # expectations
    "lab-record-missing": Kind(
        "KI-7001", _E, "expected {expected}, found nothing", "Run the lab again on a fresh topic."
    ),
    "lab-record-doubled": Kind("KI-7002", _E, "expected {expected}, found {found}", "Was the lab stopped half-way?"),
    "lab-record-misplaced": Kind(
        "KI-7003", _E, "expected in partition {expected}, found {found}", "See `kinspect labs list` for the rule."
    ),
    "lab-record-foreign": Kind(
        "KI-7004", _E, "not a record of this lab: {found}", "Use a topic of its own for each lab."
    ),
    "lab-order": Kind(
        "KI-7005", _E, "expected {expected}, found {found}", "One producer keeps the order per partition."
    ),
    "lab-partition-count": Kind(
        "KI-7006",
        _E,
        "expected {expected} partitions, found {found}",
        "Delete the topic; `kinspect labs run` makes it anew. (1 partition: it was auto-created; the tutorial's create "
        "command lacks a space before --replication-factor.)",
    ),
    "not-lab-data": Kind("KI-7007", _E, "holds no lab data: {found}", "Use a topic of its own for each lab."),
    "lab-not-run": Kind("KI-7008", _E, "holds no records", "Run it: kinspect labs run."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: its kind (a slug of `KINDS`), where, what was expected and what was there.

    first_offset, last_offset: the offsets concerned, as far as known.
    caused_by: `<slug> at <place>` of the finding this one follows from; consequences are folded in what users see.
    """

    slug: str
    location: Location
    expected: object = None
    found: object = None
    first_offset: int | None = None
    last_offset: int | None = None
    caused_by: str | None = None

    @property
    def kind(self) -> Kind:
        """The line of the table this finding belongs to."""
        return KINDS[self.slug]

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return self.kind.severity

    @property
    def code(self) -> str:
        """The stable code, for instance KI-2003."""
        return self.kind.code

    @property
    def next_step(self) -> str:
        """What a person can do now."""
        return self.kind.next_step

    @property
    def incomplete(self) -> bool:
        """True when part of the input was not read because of this."""
        return self.kind.incomplete

    @property
    def message(self) -> str:
        """In plain words, without the place."""
        return self.kind.sentence.format(expected=self.expected, found=self.found)

    @property
    def damages_batch(self) -> bool:
        """True when the records of the batch concerned cannot be trusted as a whole."""
        return self.code.startswith("KI-3") and self.severity is Severity.ERROR

    @property
    def as_cause(self) -> str:
        """What the `caused_by` of its consequences says."""
        return f"{self.slug} at position {self.location.position}"

    def because(self, cause: str) -> Finding:
        """The same finding as a consequence of another, named by slug and place."""
        return replace(self, caused_by=cause)

    def as_slug(self, slug: str) -> Finding:
        """The same place and values under another kind."""
        return replace(self, slug=slug)

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"
