"""What Kafka makes of damaged partitions, and what was forecast of them: one JVM for all cases of a version."""

from __future__ import annotations

import json
import random
import shutil
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any, NamedTuple

from fixtures.make import kafka
from inspector.engine import choose
from inspector.forecast.folder import Folder
from inspector.forecast.loading import load
from inspector.forecast.losses import Losses
from inspector.forecast.markers import InvalidRecordError
from inspector.forecast.play import Checkpoints, Loaded, Play
from inspector.forecast.settings import Settings
from inspector.forecast.versions import rules_of
from inspector.forecast.walk import CorruptError, Offline, RefusedError
from tests.forecast.damages import KINDS, Case

LOAD_LOGS = kafka.MAKE / "src" / "any" / "LoadLogs.java"
INDEX_BYTES = 8192
SETTINGS = Settings(index_bytes=INDEX_BYTES)
EPOCHS = "leader-epoch-checkpoint"
NEVER = "never"
AT_ONCE = 400
"""Cases of one JVM: each costs it some tens of milliseconds."""

OFFLINE = ("org.apache.kafka.common.errors.KafkaStorageException", "java.io.IOException")


@dataclass(slots=True)
class Judged:
    """One case: what was forecast, what Kafka did, and where they differ."""

    kind: str
    name: str
    forecast: dict[str, Any]
    kafka: dict[str, Any]

    @property
    def hit(self) -> bool:
        return self.forecast == self.kafka

    @property
    def difference(self) -> str:
        keys = [key for key in {**self.forecast, **self.kafka} if self.forecast.get(key) != self.kafka.get(key)]
        return "; ".join(f"{key}: forecast {self.forecast.get(key)}, Kafka {self.kafka.get(key)}" for key in keys)


class Rate(NamedTuple):
    """Hits of a kind, with the 95 % interval of Wilson."""

    hits: int
    cases: int

    @property
    def interval(self) -> tuple[float, float]:
        z, n = 1.96, self.cases
        share = self.hits / n
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.hits} of {self.cases} ({low:.1%} to {high:.1%})"


def partitions(real: Path, version: str) -> list[Path]:
    """Directories to damage: those that a broker of this version wrote, and that hold something."""
    found = []
    for folder in sorted(real.glob(f"kafka-{version}-*/*/")):
        is_log = not folder.parent.name.endswith(".kafka-says") and not folder.name.endswith(("-delete", "-stray"))
        if is_log and any(log.stat().st_size for log in folder.glob("*.log")):
            found.append(folder)
    return found


def cases(real: Path, version: str, count: int, workdir: Path, seed: int) -> Iterator[tuple[str, Case]]:
    """`count` damaged copies for each kind; those with several segments are taken as often as all others."""
    found = partitions(real, version)
    long = [folder for folder in found if len(list(folder.glob("*.log"))) > 1]
    for kind, damage in KINDS.items():
        for number in range(count):
            chance = random.Random(zlib.crc32(f"{seed} {version} {kind} {number}".encode()))
            original = chance.choice(long if chance.random() < 0.5 else found)
            folder = workdir / f"{zlib.crc32(kind.encode()):08x}-{number}" / original.name
            shutil.copytree(original, folder)
            case = Case(folder, chance)
            set_out(case)
            damage(case)
            yield kind, case


def set_out(case: Case) -> None:
    """How the broker was stopped, and what it had checkpointed."""
    bases = [int(log.name[:20]) for log in case.files(".log")]
    case.clean = case.chance.random() < 0.3
    case.recovery_point = case.chance.choice((0, 0, *bases))
    case.log_start = min(bases) if case.chance.random() < 0.2 else 0


def judged(real: Path, version: str, count: int, workdir: Path, seed: int) -> list[Judged]:
    """Forecast first, then loaded by Kafka's own classes, then compared."""
    forecast = [(kind, case, forecast_of(case, version)) for kind, case in cases(real, version, count, workdir, seed)]
    # Where Kafka would split a segment for ever, nobody waits for it.
    done = [(kind, case) for kind, case, each in forecast if each["end"] != NEVER]
    forecasts = [each for *_, each in forecast if each["end"] != NEVER]
    answers = loaded(version, [case for _, case in done], workdir)
    return [
        Judged(kind, case.words, forecast, outcome(case, said, forecast))
        for (kind, case), forecast, said in zip(done, forecasts, answers, strict=True)
    ]


def loaded(version: str, cases: Sequence[Case], workdir: Path) -> list[Mapping[str, Any]]:
    """What `LoadLogs` says of each."""
    some = [cases[start : start + AT_ONCE] for start in range(0, len(cases), AT_ONCE)]
    return [said for part in some for said in loaded_at_once(version, part, workdir)]


def loaded_at_once(version: str, cases: Sequence[Case], workdir: Path) -> list[Mapping[str, Any]]:
    """Those of one JVM."""
    jobs = workdir / "jobs"
    settings = {"segment.index.bytes": str(INDEX_BYTES)}
    with jobs.open("w") as file:
        for case in cases:
            job = {"dir": str(case.folder), "clean": case.clean, "settings": settings}
            job |= {"recovery_point": case.recovery_point, "log_start": case.log_start}
            file.write(json.dumps(job) + "\n")
    answer = kafka.run_java(version, str(LOAD_LOGS), str(jobs), heap="512m")
    return [json.loads(line) for line in answer.splitlines()]


def forecast_of(case: Case, version: str) -> dict[str, Any]:
    checkpoints = Checkpoints(case.recovery_point, case.log_start)
    folder = Folder.listed(case.folder)
    play = Play(
        folder, checkpoints, case.clean, SETTINGS, rules_of(version), int(time.time() * 1000), Losses(choose("auto"))
    )
    try:
        done = load(play)
    except (CorruptError, InvalidRecordError, RefusedError) as refused:
        return {"end": NEVER if "for ever" in str(refused) else "refused"}
    except Offline:
        return {"end": "offline"}
    entries = {f"entries {name}": count for name, count in done.entries.items()}
    return state(done.log_start_offset, done.log_end_offset, done.epochs, sizes(done)) | entries


def sizes(done: Loaded) -> dict[str, int]:
    return {name: file.size for name, file in done.folder.files.items() if name != EPOCHS}


def outcome(case: Case, said: Mapping[str, Any], forecast: Mapping[str, Any]) -> dict[str, Any]:
    """What is on the disk now. Entries are counted in the indexes that were forecast to be built anew."""
    if "thrown" in said:
        return {"end": "offline" if said["thrown"] in OFFLINE else "refused", **why(said, forecast)}
    files = {path.name: path.stat().st_size for path in case.folder.iterdir() if path.is_file()}
    files = {name: size for name, size in files.items() if name != EPOCHS and not name.endswith(".deleted")}
    rebuilt = [name.removeprefix("entries ") for name in forecast if name.startswith("entries ")]
    entries = {f"entries {name}": entries_in(case.folder / name) for name in rebuilt}
    return state(said["log_start_offset"], said["log_end_offset"], said["leader_epochs"], files) | entries


def why(said: Mapping[str, Any], forecast: Mapping[str, Any]) -> dict[str, str]:
    """What was thrown, for people, where a load was forecast."""
    return {"thrown": f"{said['thrown']}: {said['message']}"} if forecast["end"] == "loaded" else {}


def entries_in(index: Path) -> int | None:
    """How many there are before the zeros of a preallocated index; a written entry is never all zeros."""
    if not index.exists():
        return None
    size = 8 if index.suffix == ".index" else 12
    data = index.read_bytes()
    return sum(any(data[start : start + size]) for start in range(0, len(data), size))


def state(start: int, end: int, epochs: Any, files: dict[str, int]) -> dict[str, Any]:
    return {"end": "loaded", "log_start": start, "log_end": end, "epochs": [list(one) for one in epochs],
            **{f"file {name}": size for name, size in files.items()}}  # fmt: skip


def rates(found: Sequence[Judged]) -> dict[str, Rate]:
    """By kind, in the order of the kinds."""
    return {
        kind: Rate(sum(one.hit for one in found if one.kind == kind), sum(one.kind == kind for one in found))
        for kind in KINDS
    }
