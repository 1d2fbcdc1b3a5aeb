"""The bundled example producers: one file a lab, and the registry of all of them.

What they left behind is checked by `check.py`. Importing this package needs no Kafka client; `run.py`, which does, is
imported only to run a lab.
"""

from __future__ import annotations

from . import (
    hello_world_1,
    hello_world_2,
    hello_world_3,
    hello_world_4,
    hello_world_5,
    hello_world_6,
    hello_world_7,
)
from .lab import Lab, LabRecord

_MODULES = (
    hello_world_1,
    hello_world_2,
    hello_world_3,
    hello_world_4,
    hello_world_5,
    hello_world_6,
    hello_world_7,
)

LABS: dict[int, Lab] = {module.LAB.number: module.LAB for module in _MODULES}
"""All labs by number, in the order they are taught."""

_LABS_BY_TOPIC = {lab.topic: lab for lab in LABS.values()}


def lab_of_topic(topic: str) -> Lab | None:
    """The lab that sends to `topic`, or None."""
    return _LABS_BY_TOPIC.get(topic)


__all__ = ["LABS", "Lab", "LabRecord", "lab_of_topic"]
