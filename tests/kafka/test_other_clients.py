"""The rules of Go's and JavaScript's clients against these clients themselves.

They come from the registries of their languages, so this runs only where it is asked for: KINSPECT_OTHER_CLIENTS=1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from fixtures.make import kafka
from inspector.partitioners import find

from .test_partitioners import COUNTS, KEYS

pytestmark = pytest.mark.skipif(
    os.environ.get("KINSPECT_OTHER_CLIENTS") != "1", reason="asked for by KINSPECT_OTHER_CLIENTS=1"
)

SOURCES = kafka.MAKE / "src"
RULES = {
    "go": (
        "sarama-hash", "sarama-reference", "sarama-crc32", "kafka-go-hash", "kafka-go-reference-hash", "kafka-go-crc32",
        "kafka-go-crc32-consistent", "kafka-go-murmur2", "kafka-go-murmur2-consistent", "franz-go",
        "franz-go-sarama-compat", "franz-go-sarama-hasher",
    ),
    "node": ("kafkajs", "kafkajs-legacy"),
}  # fmt: skip
PREPARE = {"go": (("go", "mod", "tidy"), ("go", "build", "-o", "place", ".")), "node": (("npm", "install"),)}
RUN = {"go": ("./place",), "node": ("node", "place.js")}


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[int]]:
    """What each client says, by the name of its rule."""
    said: dict[str, list[int]] = {}
    for language in RULES:
        folder = tmp_path_factory.mktemp("clients") / language
        shutil.copytree(SOURCES / language, folder)
        for line in run(language, folder).splitlines():
            name, *places = line.split()
            said[name] = [int(place) for place in places]
    return said


def run(language: str, folder: Path) -> str:
    (folder / "keys").write_text("".join(f"{key.hex()}\n" for key in KEYS))
    for command in PREPARE[language]:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    command = (*RUN[language], "keys", *map(str, COUNTS))
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("name", [name for names in RULES.values() for name in names])
def test_a_client_places_each_key_as_its_rule_says(placed: dict[str, list[int]], name: str) -> None:
    rule = find(name)
    said = iter(placed[name])
    for key in KEYS:
        for count in COUNTS:
            expected, found = rule.partition(key, count), next(said)
            assert expected in (None, found), (key, count)
            assert expected is not None or key == b"", "only a record without a key is spread"
