"""Kinds of findings about leader epochs, checkpoints and metadata: KI-44nn."""

from __future__ import annotations

from .kind import ERROR, WARNING, Kind

KINDS: dict[str, Kind] = {
    "leader-epoch-goes-back": Kind(
        "KI-4401",
        ERROR,
        "expected a leader epoch of at least {expected}, found {found}",
        "No CRC covers this field; compare with another replica.",
    ),
    "epoch-unlike-checkpoint": Kind(
        "KI-4402",
        WARNING,
        "leader-epoch-checkpoint has {expected} for this offset, the batch is of epoch {found}",
        "Followers may cut their logs at a wrong offset; compare with another replica.",
    ),
    "epoch-beyond-log-end": Kind(
        "KI-4403",
        WARNING,
        "an epoch begins at offset {found}, and the log ends at {expected}",
        "The broker drops such rows when it starts; batches may be missing at the end.",
    ),
    "log-ends-early": Kind(
        "KI-4410",
        ERROR,
        "the broker stopped cleanly with a log up to offset {expected}, and this one ends at {found}",
        "Records are missing at the end; compare with another replica before the broker starts.",
    ),
    "checkpoint-beyond-log-end": Kind(
        "KI-4411",
        WARNING,
        "{expected}, and the log ends at {found}",
        "The end of the log was lost, or copied earlier than the checkpoint; the broker goes on from what is there.",
    ),
    "log-goes-on": Kind(
        "KI-4412",
        WARNING,
        "the broker stopped cleanly with a log up to offset {expected}, and this one goes on to {found}",
        "The segments, or the checkpoint, are of another time than the rest of the directory.",
    ),
    "log-start-beyond-end": Kind(
        "KI-4413",
        ERROR,
        "log-start-offset-checkpoint has offset {expected}, beyond the log's end at {found}",
        "The broker deletes all segments of the partition when it starts: copy them first.",
    ),
    "high-watermark-below-log-start": Kind(
        "KI-4414",
        WARNING,
        "the high watermark is {found}, below the log's start at {expected}",
        "The broker raises it; a checkpoint or the first segments are of another time than the rest.",
    ),
    "topic-id-unlike-metadata": Kind(
        "KI-4420",
        WARNING,
        "the cluster's metadata have the topic under the id {expected}, partition.metadata says {found}",
        "The topic was made anew; the broker takes this replica for a stray one when it starts.",
    ),
    "not-in-metadata": Kind(
        "KI-4421",
        WARNING,
        "the cluster's metadata do not have this replica: {found}",
        "A broker takes it for a stray one when it starts, and moves or deletes it.",
    ),
    "meta-properties-versions-differ": Kind(
        "KI-4430",
        WARNING,
        "meta.properties is of version {expected} here, and of version {found} of the same node",
        "A migration from ZooKeeper was broken off, or one directory is of another time.",
    ),
}
