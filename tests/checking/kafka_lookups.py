"""What Kafka itself finds in segments by their indexes; see `fixtures/make/src/any/Lookups.java`."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fixtures.make.java import JAVA, MAKE, TOOL_SECONDS, libs, run

RECORDS = {"3.6.0": "org.apache.kafka.common.record", "4.3.0": "org.apache.kafka.common.record.internal"}
"""Where the record classes are in each Kafka; the source names neither."""

SOURCE = MAKE / "src" / "any" / "Lookups.java"


class Lookups(NamedTuple):
    """What is found in one segment: by offset the position of a batch, by timestamp an offset; or why nothing is."""

    largest_timestamp: int
    sanity_check: str
    by_offset: dict[int, object]
    by_timestamp: dict[int, object]


def kafka_finds(version: str, logs: Sequence[Path]) -> list[Lookups]:
    """Every offset and timestamp of these segments, looked up by one Kafka."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, SOURCE.name)
        source.write_text(SOURCE.read_text().replace("${kafka.records}", RECORDS[version]))
        names = Path(folder, "names")
        names.write_text("".join(f"{log}\n" for log in logs))
        said = run([*JAVA, "-Xmx256m", "-cp", f"{libs(version)}/*", str(source), str(names)], TOOL_SECONDS)
    found: list[Lookups] = []
    for line in map(json.loads, said.splitlines()):
        if "file" in line:
            found.append(Lookups(line["largestTimestamp"], line["sanityCheck"], {}, {}))
        elif "offset" in line:
            found[-1].by_offset[line["offset"]] = line["found"]
        else:
            found[-1].by_timestamp[line["timestamp"]] = line["found"]
    return found
