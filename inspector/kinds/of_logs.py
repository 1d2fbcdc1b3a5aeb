"""Kinds of findings about a whole log: order and gaps KI-41nn, what was lost KI-45nn."""

from __future__ import annotations

from .kind import ERROR, INFO, WARNING, Kind

KINDS: dict[str, Kind] = {
    # order and gaps of offsets
    "batch-twice": Kind(
        "KI-4101",
        ERROR,
        "the same batch stands at {expected} already",
        "Consumers get these records twice; compare with another replica.",
    ),
    "offsets-claimed-twice": Kind(
        "KI-4102",
        ERROR,
        "another batch, at {expected}, has the offsets {found}",
        "Only one of them can be right; compare with another replica.",
    ),
    "segments-overlap": Kind(
        "KI-4103",
        ERROR,
        "the file's name lies within {expected}, which goes up to offset {found}",
        "Two copies of a log, or of two replicas, were mixed; compare with another replica.",
    ),
    "segment-too-wide": Kind(
        "KI-4104",
        ERROR,
        "the segment can hold offsets up to {expected}, this batch goes up to {found}",
        "A broker splits the segment when it loads it (KAFKA-6264); keep a copy.",
    ),
    "offsets-without-records": Kind(
        "KI-4110",
        INFO,
        "{expected} offsets hold no record for a consumer: {found}",
        "Normal: consumers step over them.",
    ),
    "unexplained-gap": Kind(
        "KI-4111",
        ERROR,
        "offsets from {expected} to before {found} are missing, and nothing explains it",
        "Compare with another replica.",
    ),
    "gaps-undecidable": Kind(
        "KI-4112",
        INFO,
        "{found}: {expected}",
        "Give the whole log directory, with its checkpoints; or ask what the topic's cleanup.policy was.",
    ),
    "gap-beyond-the-cleaner": Kind(
        "KI-4113",
        WARNING,
        "offsets from {expected} to before {found} are missing, beyond what this broker's cleaner has cleaned",
        "Compare with another replica, whose cleaner may have come further.",
    ),
    # what was lost
    "lost-offsets": Kind(
        "KI-4501",
        WARNING,
        "lost: {found}",
        "What another replica still has can be copied from there; a salvage keeps what is proven here.",
    ),
}
