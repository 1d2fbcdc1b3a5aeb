"""Each lab sends what the tutorial says, and expects it where the tutorial says."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import pytest

from inspector.labs import LABS, Lab, LabRecord, lab_of_topic
from inspector.labs.hello_world_4 import by_remainder
from inspector.labs.lab import KAFKA_PYTHON, LIBRDKAFKA
from inspector.partitioners import PARTITIONERS

RULES = {KAFKA_PYTHON: "java", LIBRDKAFKA: "librdkafka"}


class FakeProducer:
    """A producer that places records as its client does, on a topic of so many partitions."""

    def __init__(self, lab: Lab, count: int, client: str = KAFKA_PYTHON) -> None:
        self.lab = lab
        self.count = count
        self.rule = RULES[client]
        self.sent: list[tuple[str, LabRecord]] = []

    def send(self, topic: str, value: object = None, key: object = None, *, partition: int | None = None) -> object:
        raw_key = self._serialized(self.lab.key_serializer, key)
        raw_value = self._serialized(self.lab.value_serializer, value)
        place = self._place(raw_key) if partition is None else partition
        self.sent.append((topic, LabRecord(raw_key, raw_value, place)))
        return None

    def _place(self, key: bytes | None) -> int | None:
        partitions = range(self.count)
        if self.lab.partitioner is not None and key is not None:
            return self.lab.partitioner(key, partitions, partitions)
        return PARTITIONERS[self.rule].partition(key, self.count)

    def _serialized(self, serializer: Callable[..., bytes] | None, payload: object) -> bytes | None:
        if payload is None or serializer is None:
            assert payload is None or isinstance(payload, bytes)
            return payload
        return serializer(payload)


def laid_out(lab: Lab, count: int) -> dict[int | None, list[str]]:
    """The labels of a lab's records by partition."""
    places: dict[int | None, list[str]] = {}
    for record in lab.expected(count):
        places.setdefault(record.partition, []).append(lab.label(record))
    return places


@pytest.mark.parametrize("lab", LABS.values(), ids=lambda lab: lab.topic)
@pytest.mark.parametrize("count", [3, 4, 5, 12])
def test_a_lab_produces_what_it_expects(lab: Lab, count: int) -> None:
    sent = []
    for part in lab.parts:  # the seventh has a partition less at first
        producer = FakeProducer(lab, count - 1 if part.partitions else count, part.client)
        part.produce(producer)
        sent += producer.sent
    assert sent == [(lab.topic, record) for record in lab.expected(count)]


def test_lab_1_places_by_number() -> None:
    assert laid_out(LABS[1], 3) == {1: ["1", "2", "3"], 2: ["4", "5"], 0: ["6"]}
    assert [record.value for record in LABS[1].expected(3)] == [b'{"number": %d}' % n for n in range(1, 7)]
    assert {record.key for record in LABS[1].expected(3)} == {None}


def test_lab_1_cannot_send_to_partitions_that_do_not_exist() -> None:
    assert laid_out(LABS[1], 1) == {0: ["6"]}
    assert laid_out(LABS[1], 2) == {1: ["1", "2", "3"], 0: ["6"]}


def test_lab_2_sends_foo_twice_to_partition_2() -> None:
    assert LABS[2].expected(3) == (LabRecord(b"foo", b"bar", 2),) * 2
    assert LABS[2].reason(LABS[2].expected(3)[0], 3) == 'murmur2("foo") = 597841616, 597841616 % 3 = 2'


def test_lab_3_gives_each_key_a_partition() -> None:
    records = LABS[3].expected(3)
    assert [(record.key, record.partition) for record in records] == [(b"ping", 0)] * 3 + [(b"pong", 2)] * 3
    assert [json.loads(record.value or b"") for record in records] == [{"number": n} for n in range(1, 7)]


def test_lab_4_places_369_in_partition_0_and_not_in_2_as_the_tutorial_says() -> None:
    assert LABS[4].expected(3) == (
        LabRecord(b"3", b"Hello Partitioner", 0),
        LabRecord(b"2", b"Hello Partitioner 2", 2),
        LabRecord(b"369", b"Hello Partitioner 3", 0),
        LabRecord(b"301", b"Hello Partitioner 4", 1),
    )


def test_lab_4_keeps_the_tutorials_function_of_three_arguments() -> None:
    assert by_remainder(b"301", [10, 20, 30], [10]) == 20
    assert LABS[4].partitioner is by_remainder


def test_lab_5_leaves_the_partition_open() -> None:
    records = LABS[5].expected(3)
    assert len(records) == 300
    assert {(record.key, record.partition) for record in records} == {(None, None)}
    assert records[299].value == b'{"number": 300}'
    assert [lab.number for lab in LABS.values() if not lab.has_fixed_places] == [5]


def test_lab_6_has_one_key_that_both_clients_place_alike() -> None:
    assert laid_out(LABS[6], 3) == {
        0: ["alice by kafka-python", "bob by kafka-python"],
        1: ["dave by kafka-python"],
        2: ["carol by kafka-python", *(f"{name} by librdkafka" for name in ("alice", "bob", "carol", "dave"))],
    }


def test_lab_7_moves_three_of_four_keys() -> None:
    assert laid_out(LABS[7], 4) == {
        0: ["alice before", "bob before"],
        1: ["dave before", "alice since"],
        2: ["carol before", "bob since", "carol since", "dave since"],
    }


def test_a_lab_is_found_by_its_topic() -> None:
    assert {number: lab_of_topic(f"hello-world-{number}") for number in LABS} == LABS
    assert lab_of_topic("hello-world-8") is None


@pytest.mark.parametrize("lab", LABS.values(), ids=lambda lab: lab.topic)
def test_a_lab_explains_itself_in_single_lines(lab: Lab) -> None:
    lines = (lab.title, lab.teaches, lab.rule, lab.surprise)
    assert all(line and "\n" not in line and len(line) <= 120 for line in lines)
    assert lab.first_partitions == 3
    assert (sys.modules[lab.parts[0].produce.__module__].__doc__ or "").startswith(f"Lab {lab.number}: ")
