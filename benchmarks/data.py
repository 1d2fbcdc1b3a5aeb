"""The data sets of the benchmarks: what each holds, and how it comes about once and is kept.

Kafka's own writers make them (`java/MakeSegments.java`), each a topic of one partition below `FOLDER/bench-full/logs`,
which is laid out as a broker's log directory. What was put into a set is written down in `FOLDER/bench-full/made`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks import jvm

KIB, MIB, GIB = 1024, 1024**2, 1024**3
CHECKOUT = Path(__file__).resolve().parents[1]

QUICK = 1024
"""The data of a quick run are so many times smaller, but have room for three batches of whatever size."""

AS_MANY_AS_FIT = 1_000_000
"""Records in a batch whose size is what ends it."""

SPARE = 4 * GIB
"""What must stay free on the disk: JSON lines take several times the room of what they show."""


class NoDataError(Exception):
    """Why a data set cannot be made, in words."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """What a topic-partition holds.

    bytes: of all segments together, not exceeded. batch_records: in a batch, unless `batch_bytes` end it before.
    """

    name: str
    bytes: int
    codec: str = "none"
    batch_records: int = 100
    batch_bytes: int = 256 * KIB
    segment_bytes: int = GIB
    seed: int = 43

    @property
    def topic(self) -> str:
        """The name of its topic."""
        return f"bench-{self.name}"

    def quick(self) -> DataSet:
        """The same in small."""
        least = 3 * self.batch_bytes if self.batch_records == AS_MANY_AS_FIT else 0
        return replace(self, bytes=max(self.bytes // QUICK, least), segment_bytes=self.segment_bytes // QUICK)


SETS: dict[str, DataSet] = {
    one.name: one
    for one in (
        DataSet("plain", 512 * MIB),
        DataSet("zstd", 128 * MIB, "zstd", batch_records=500),
        DataSet("lz4", 128 * MIB, "lz4", batch_records=500),
        DataSet("snappy", 128 * MIB, "snappy", batch_records=500),
        DataSet("gzip", 128 * MIB, "gzip", batch_records=500),
        DataSet("tiny", 128 * MIB, batch_records=1),
        DataSet("big", 128 * MIB, batch_records=AS_MANY_AS_FIT, batch_bytes=MIB),
        DataSet("huge", 4 * GIB),
        DataSet("seek", GIB),
        DataSet("vast", 10 * GIB),
    )
}
EVERY_MEASURE = ("plain", "zstd", "lz4", "snappy", "gzip", "tiny", "big")
"""The sets that are measured in every way; the others have questions of their own."""


@dataclass(frozen=True, slots=True)
class Made:
    """A set on the disk, with what its maker says of it."""

    set: DataSet
    logs: Path
    records: int
    batches: int
    segments: int
    key_bytes: int
    value_bytes: int
    headers: int
    log_bytes: int
    largest_batch: int

    @property
    def partition(self) -> Path:
        """The directory of its one partition."""
        return self.logs / f"{self.set.topic}-0"

    @property
    def files(self) -> list[Path]:
        """Its segments, in order."""
        return sorted(self.partition.glob("*.log"))


def root_of(folder: Path, *, quick: bool) -> Path:
    """Where the data sets lie below the folder that was given. Raises NoDataError for a place in the checkout."""
    root = folder.resolve() / ("bench-quick" if quick else "bench-full")
    if CHECKOUT in root.parents:
        raise NoDataError("not in the checkout: give another folder")
    return root


def provide(root: Path, names: Sequence[str], *, quick: bool) -> dict[str, Made]:
    """The sets of these names, those that are missing made first. Raises NoDataError where the disk has no room."""
    wanted = [SETS[name].quick() if quick else SETS[name] for name in names]
    missing = [one for one in wanted if _made(root, one) is None]
    root.mkdir(parents=True, exist_ok=True)
    _check_room(root, sum(one.bytes for one in missing), SPARE // (QUICK if quick else 1))
    for one in missing:
        print(f"making {one.name}: {one.bytes / MIB:,.1f} MiB in {root}", flush=True)
        _make(root, one)
    made = {one.name: _made(root, one) for one in wanted}
    return {name: one for name, one in made.items() if one is not None}


def _check_room(root: Path, needed: int, spare: int) -> None:
    free = shutil.disk_usage(root).free
    if needed + spare > free:
        raise NoDataError(
            f"{needed / GIB:.1f} GiB of data and {spare / GIB:.1f} GiB to spare are needed in {root}, "
            f"and {free / GIB:.1f} GiB are free"
        )


def _make(root: Path, one: DataSet) -> None:
    """Into a folder of its own first, so that a set is whole or not there."""
    making, final = (root / folder / f"{one.topic}-0" for folder in ("making", "logs"))
    shutil.rmtree(making, ignore_errors=True)
    shutil.rmtree(final, ignore_errors=True)
    answer = jvm.make_segments({**asdict(one), "folder": str(making)})
    for folder in (final.parent, _note(root, one).parent):
        folder.mkdir(parents=True, exist_ok=True)
    making.rename(final)
    making.parent.rmdir()
    _note(root, one).write_text(json.dumps({"told": _told(one), "answer": answer}, indent=1))


def _made(root: Path, one: DataSet) -> Made | None:
    """The set, if it lies there as it would be made today."""
    try:
        note = json.loads(_note(root, one).read_text())
    except OSError:
        return None
    made = Made(one, root / "logs", **note["answer"])
    return made if note["told"] == _told(one) and len(made.files) == made.segments else None


def _note(root: Path, one: DataSet) -> Path:
    return root / "made" / f"{one.name}.json"


def _told(one: DataSet) -> dict[str, Any]:
    return {**asdict(one), "recipe": jvm.maker()}
