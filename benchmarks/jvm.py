"""The Java side of the benchmarks: our classes in `java/`, compiled against Kafka 4.3.0, and the words that start them.

The jars come through `fixtures.make.java`. The options are those of Kafka's own `kafka-run-class.sh`, so that
`kafka-dump-log.sh` and the dump measured here are the same program, with all that its JIT compiler can do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fixtures.make import java

VERSION = "4.3.0"
SOURCES = Path(__file__).resolve().parent / "java"
CLASSES = java.BUILD / "benchmarks"

OPTIONS = (
    "-Xmx256M",
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
    "-XX:MaxInlineLevel=15",
    "-Djava.awt.headless=true",
    f"-Dlog4j.configuration={(java.MAKE / 'log4j.properties').as_uri()}",
)

DUMP = "org.apache.kafka.tools.DumpLogSegments"
WARM_UP_SECONDS = 4.0
WARM_PASSES = 5
MAKING_SECONDS = 1800


def command(main_class: str, *arguments: str | Path) -> list[str]:
    """The words that start one of Kafka's classes, or one of ours."""
    jars = java.libs(VERSION)
    return ["java", *OPTIONS, "-cp", f"{_compiled(jars)}:{jars}/*", main_class, *map(str, arguments)]


def dump(files: Sequence[Path]) -> list[str]:
    """What `kafka-dump-log.sh --print-data-log` runs."""
    return command(DUMP, "--print-data-log", "--files", ",".join(map(str, files)))


def read_once(files: Sequence[Path]) -> list[str]:
    """Kafka's own reader as a whole process: one thread, one pass."""
    return command("ReadSegments", "1", "0", "1", *files)


def read_warm(files: Sequence[Path], threads: int, *, quick: bool = False) -> list[str]:
    """Kafka's own reader once its JVM has compiled what it runs; the answer holds the seconds of the passes then."""
    warm_up, passes = (0.1, 1) if quick else (WARM_UP_SECONDS, WARM_PASSES)
    return command("ReadSegments", str(threads), str(warm_up), str(passes), *files)


def make_segments(told: Mapping[str, object]) -> dict[str, Any]:
    """Lets `MakeSegments.java` make one topic-partition; the answer is what it put there."""
    answer: dict[str, Any] = json.loads(java.run(command("MakeSegments", json.dumps(told)), MAKING_SECONDS))
    return answer


def maker() -> str:
    """A digest of what decides the data."""
    return _digest(SOURCES / "MakeSegments.java", SOURCES / "Orders.java")


def _digest(*sources: Path) -> str:
    digest = hashlib.sha256(VERSION.encode())
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _compiled(jars: Path) -> Path:
    """The folder of our classes, compiled when their sources have changed."""
    stamp = CLASSES / "stamp"
    sources = sorted(SOURCES.glob("*.java"))
    recipe = _digest(*sources)
    if not stamp.exists() or stamp.read_text() != recipe:
        CLASSES.mkdir(parents=True, exist_ok=True)
        compiler = ["javac", "-Xlint:all", "-Werror", "-d", str(CLASSES), "-cp", f"{jars}/*"]
        java.run([*compiler, *map(str, sources)], java.TOOL_SECONDS)
        stamp.write_text(recipe)
    return CLASSES
