"""Kinds of findings about bytes: batches and framing (KI-2nnn), and what is inside a batch (KI-3nnn)."""

from __future__ import annotations

from .kind import ERROR, INFO, WARNING, Kind

KINDS: dict[str, Kind] = {
    # batches and framing
    "crc-mismatch": Kind(
        "KI-2001",
        ERROR,
        "the CRC does not match: stored {expected}, computed {found}",
        "Do not trust the records of this batch; compare with another replica.",
    ),
    "batch-length-too-small": Kind(
        "KI-2002",
        ERROR,
        "expected at least {expected} bytes, found {found}",
        "The broker cuts the log here when it recovers; everything behind would be lost.",
    ),
    "truncated-batch": Kind(
        "KI-2003",
        ERROR,
        "expected {expected} bytes, found {found}",
        "The broker cuts the log here when it recovers; take a copy first.",
    ),
    "torn-tail": Kind(
        "KI-2004",
        INFO,
        "the last batch is only partly written: expected {expected} bytes, found {found}",
        "Normal in a running or killed broker's directory; the next start cuts it off.",
    ),
    "zeroed-tail": Kind(
        "KI-2005",
        INFO,
        "{found} bytes of zeros, as a preallocated segment has",
        "Nothing to do.",
    ),
    "unknown-magic": Kind(
        "KI-2006",
        ERROR,
        "expected magic {expected}, found {found}",
        "No broker wrote this byte; compare with another replica.",
    ),
    "unreadable-bytes": Kind(
        "KI-2007",
        ERROR,
        "{found} bytes are no record batch",
        "The broker cuts the log here when it recovers, although intact batches follow: salvage them first.",
    ),
    "search-budget-spent": Kind(
        "KI-2008",
        WARNING,
        "the search for intact batches stopped after looking at {found} bytes (limit {expected})",
        "What lies behind was not looked at.",
        True,
    ),
    "implausible-header": Kind(
        "KI-2009",
        ERROR,
        "expected {expected}, found {found}",
        "No broker writes such a header; compare with another replica.",
    ),
    "unknown-attributes": Kind(
        "KI-2010",
        WARNING,
        "expected {expected} in the attributes, found {found}",
        "Kafka's readers ignore such bits; a release newer than this tool may have given them a meaning.",
    ),
    # inside a batch
    "unknown-codec": Kind(
        "KI-3001", ERROR, "expected a codec from 0 to 4, found {found}", "The records cannot be read."
    ),
    "undecompressable": Kind(
        "KI-3002", ERROR, "the {expected} data cannot be decompressed: {found}", "Compare with another replica."
    ),
    "decompression-limit": Kind(
        "KI-3003",
        ERROR,
        "decompresses to more than {expected} bytes; stopped there",
        "A decompression bomb, or a batch beyond any broker's limit.",
        True,
    ),
    "malformed-record": Kind(
        "KI-3004", ERROR, "expected {expected}, found {found}", "The records before it are shown, marked as damaged."
    ),
    "surplus-record-bytes": Kind(
        "KI-3005",
        ERROR,
        "{found} bytes are left behind the last of {expected} records",
        "Kafka's own reader refuses this batch.",
    ),
    "trailing-compressed-bytes": Kind(
        "KI-3006", WARNING, "{found} bytes stand behind the end of the {expected} stream", "Kafka ignores them."
    ),
    "control-record-not-understood": Kind(
        "KI-3007", WARNING, "expected {expected}, found {found}", "The marker is shown as raw bytes."
    ),
    "batch-too-large": Kind(
        "KI-3008",
        ERROR,
        "a batch of {found} is beyond the {expected} that are decoded at once",
        "Its header and CRC were checked, its records not.",
        True,
    ),
    "record-offset-mismatch": Kind(
        "KI-3009", ERROR, "expected {expected}, found {found}", "No broker writes this; compare with another replica."
    ),
    "message-crc-mismatch": Kind(
        "KI-3010",
        ERROR,
        "the CRC-32 of a message in a compressed set does not match: stored {expected}, computed {found}",
        "Do not trust this message; compare with another replica.",
    ),
    "partial-message": Kind(
        "KI-3011", WARNING, "{found} bytes at the end of a compressed set are no whole message", "Kafka ignores them."
    ),
    "max-timestamp-mismatch": Kind(
        "KI-3012",
        WARNING,
        "the greatest timestamp of the records is {expected}, the header says {found}",
        "Searching by time may miss records of this batch; suspect the client or tool that wrote it.",
    ),
}
