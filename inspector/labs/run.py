"""Runs a lab against a real broker. The only file that imports the Kafka client; nothing else needs a broker.

The topic is created first, with the lab's number of partitions: a producer that sends to a topic that does not exist
makes the broker create one with its own default, usually a single partition.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer, Serializer
from kafka.errors import (
    BrokerResponseError,
    KafkaError,
    KafkaTimeoutError,
    TopicAlreadyExistsError,
)
from kafka.partitioner import Partitioner

from ..errors import BrokerUnavailableError, LabRefusedError
from ..location import Location
from ..words import counted
from .check import MISSING_SPACE, LabResult, check
from .lab import Lab, ThreeArguments
from .tally import SeenRecord

DEFAULT_PORT = 9092
PAUSE_S = 0.2
"""Seconds between two questions for a topic that the broker does not know well yet."""
START_HINT = "Start a broker first, or name another with --bootstrap-server HOST:PORT."
LOST_HINT = "Does the broker still run, and can the address in its advertised.listeners be reached from here?"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A record that the broker has appended: key and value as sent (None: null), and where it lies now."""

    key: bytes | None
    value: bytes | None
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run did: whether it made the topic, how many records were acknowledged, and what they come to.

    result: the acknowledged records, judged as they would be on the disk, with the evidence in `result.lines`.
    """

    lab: Lab
    created: bool
    acknowledged: int
    result: LabResult


def run(
    lab: Lab, bootstrap_server: str, *, timeout_s: float = 30, on_ack: Callable[[Acknowledged], None]
) -> RunSummary:
    """Creates the lab's topic where it does not exist, sends the lab's records, and waits for each to be appended.

    bootstrap_server: `HOST:PORT`, or several of them with commas between.
    timeout_s: seconds for all of it together.
    on_ack: called for each record, in the order of sending, as soon as the broker has acknowledged it.

    Raises BrokerUnavailableError where no broker answers, or it goes away before the last acknowledgement, and
    LabRefusedError where the topic has another number of partitions or the broker says no. Records acknowledged until
    then stay in the topic.
    """
    deadline = _Deadline(timeout_s)
    servers = _addresses(bootstrap_server)
    _knock(servers, deadline)
    with _errors_told(bootstrap_server):
        created = _within(deadline, lambda: _prepare_topic(lab, servers, deadline))
        acknowledged = _send(lab, servers, deadline, on_ack)
    return RunSummary(lab, created, len(acknowledged), check(lab, lab.partitions, _as_seen(lab, acknowledged)))


class _Deadline:
    """A moment until which everything must be done."""

    def __init__(self, timeout_s: float) -> None:
        self._end = time.monotonic() + timeout_s

    @property
    def left_s(self) -> float:
        """Seconds left, a little more than none at the least."""
        return max(0.05, self._end - time.monotonic())

    @property
    def left_ms(self) -> int:
        return int(self.left_s * 1000)


class _SilentError(Exception):
    """Nothing was heard within the deadline."""


def _addresses(bootstrap_server: str) -> list[str]:
    """The servers as the client takes them. Raises BrokerUnavailableError for what is no address."""
    servers = [server.strip() for server in bootstrap_server.split(",")]
    for server in servers:
        _host_and_port(server)
    return servers


def _host_and_port(server: str) -> tuple[str, int]:
    host, separator, port = server.rpartition(":")
    if not separator or (host.count(":") and not host.endswith("]")):
        host, port = server, str(DEFAULT_PORT)
    if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise BrokerUnavailableError(f"{server!r} is no address of a broker", hint="Write it as HOST:PORT.")
    return host.strip("[]"), int(port)


def _knock(servers: list[str], deadline: _Deadline) -> None:
    """Says at once that nobody listens, where the client would go on trying until the deadline."""
    reasons = []
    for server in servers:
        try:
            socket.create_connection(_host_and_port(server), timeout=deadline.left_s).close()
            return
        except OSError as error:
            reasons.append(f"{server}: {error.strerror or error}")
    raise BrokerUnavailableError(f"no broker answers at {'; '.join(reasons)}", hint=START_HINT)


@contextmanager
def _errors_told(bootstrap_server: str) -> Iterator[None]:
    """Turns what the client raises into our own two errors."""
    try:
        yield
    except _SilentError as error:
        raise BrokerUnavailableError(f"the broker at {bootstrap_server} does not answer", hint=LOST_HINT) from error
    except KafkaError as error:
        if isinstance(error, BrokerResponseError) and not error.retriable:
            raise LabRefusedError(f"the broker at {bootstrap_server} refused: {_plain(error)}") from error
        why = "" if isinstance(error, KafkaTimeoutError) else f": {_plain(error)}"
        message = f"the broker at {bootstrap_server} does not answer, or went away{why}"
        raise BrokerUnavailableError(message, hint=LOST_HINT) from error
    except (RuntimeError, ValueError) as error:  # the client's own complaints, of a controller not found for instance
        raise LabRefusedError(f"the client refused: {_plain(error)}") from error


def _plain(error: Exception) -> str:
    """The client's error on one line, without the requests and responses that it likes to quote."""
    name = type(error).__name__
    if isinstance(error, BrokerResponseError):
        return f"{name} ({str(error.description).rstrip('.')})"
    said = " ".join(map(str, error.args)).split()
    return f"{name} ({' '.join(said)})" if said else name


def _within(deadline: _Deadline, action: Callable[[], bool]) -> bool:
    """Does something that may never come back: the admin client sets no limit to some of its waits."""
    outcome: list[bool | BaseException] = []

    def act() -> None:
        try:
            outcome.append(action())
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=act, daemon=True, name="kinspect-lab-topic")
    thread.start()
    thread.join(deadline.left_s)
    if not outcome:
        raise _SilentError
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def _prepare_topic(lab: Lab, servers: list[str], deadline: _Deadline) -> bool:
    """Makes sure that the topic is there with the right number of partitions; True if it was made now."""
    limits = {"bootstrap_timeout_ms": deadline.left_ms, "request_timeout_ms": deadline.left_ms}
    with KafkaAdminClient(bootstrap_servers=servers, **limits) as admin:
        created = _created_or_found(admin, lab, deadline)
        admin.wait_for_topics([lab.topic], timeout_ms=deadline.left_ms)
        return created


def _created_or_found(admin: KafkaAdminClient, lab: Lab, deadline: _Deadline) -> bool:
    """True if the topic was made now, False if it was there. Waits for a broker that is starting or deleting it."""
    while not _create_topic(admin, lab):
        count = _partition_count(admin, lab.topic)
        if count is not None:
            _refuse_another_count(lab, count)
            return False
        if deadline.left_s < 2 * PAUSE_S:
            message = f"the broker says that {lab.topic} exists, but does not know its partitions"
            raise LabRefusedError(message, hint="It may be deleting the topic: try again in a moment.")
        time.sleep(PAUSE_S)
    return True


def _create_topic(admin: KafkaAdminClient, lab: Lab) -> bool:
    try:
        admin.create_topics({lab.topic: {"num_partitions": lab.partitions, "replication_factor": 1}})
    except TopicAlreadyExistsError:
        return False
    return True


def _partition_count(admin: KafkaAdminClient, topic: str) -> int | None:
    """How many partitions a topic has, or None while the broker cannot tell (it has just started, for instance)."""
    described = admin.describe_topics([topic])[0]
    return None if described["error_code"] else len(described["partitions"])


def _refuse_another_count(lab: Lab, count: int) -> None:
    if count == lab.partitions:
        return
    diagnosis = f" (probably {MISSING_SPACE})" if count == 1 else ""
    raise LabRefusedError(
        f"{lab.topic} has {counted(count, 'partition')}{diagnosis}; lab {lab.number} needs {lab.partitions}, or its "
        "records would not lie where the lab says",
        location=Location(lab.topic, topic=lab.topic),
        hint=f"Delete the topic and run the lab again; it creates {lab.topic} with {lab.partitions} partitions.",
    )


def _send(
    lab: Lab, servers: list[str], deadline: _Deadline, on_ack: Callable[[Acknowledged], None]
) -> list[Acknowledged]:
    """Sends all records, then waits for each in turn."""
    producer = _open_producer(lab, servers, deadline)
    done = False
    try:
        recording = _Recording(producer, lab)
        lab.produce(recording)
        acknowledged = []
        for ack in recording.acknowledgements(deadline):
            on_ack(ack)
            acknowledged.append(ack)
        done = True
        return acknowledged
    finally:
        _close(producer, deadline, done)


def _open_producer(lab: Lab, servers: list[str], deadline: _Deadline) -> KafkaProducer:
    settings: dict[str, Any] = {
        "bootstrap_timeout_ms": deadline.left_ms,
        "max_block_ms": deadline.left_ms,
        "request_timeout_ms": deadline.left_ms,
        "delivery_timeout_ms": deadline.left_ms + 1,
        "allow_auto_create_topics": False,
        "key_serializer": _SerializerOf(lab.key_serializer) if lab.key_serializer else None,
        "value_serializer": _SerializerOf(lab.value_serializer) if lab.value_serializer else None,
    }
    if lab.partitioner:
        settings["partitioner"] = _PartitionerOf(lab.partitioner)
    return KafkaProducer(bootstrap_servers=servers, **settings)


def _close(producer: KafkaProducer, deadline: _Deadline, done: bool) -> None:
    """Lets go of a producer without waiting for records that will not be acknowledged any more."""
    if not done:
        # close() would wait for them, and complain when it is done again at the end of the process.
        producer._sender.force_close()
    try:
        producer.close(timeout=deadline.left_s if done else 1)
    except KafkaError:
        return


class _Recording:
    """A producer that remembers what it sent, so that acknowledgements can be told with their keys and values."""

    def __init__(self, producer: KafkaProducer, lab: Lab) -> None:
        self._producer = producer
        self._lab = lab
        self._sent: list[tuple[bytes | None, bytes | None, Any]] = []

    def send(self, topic: str, value: object = None, key: object = None, *, partition: int | None = None) -> object:
        """See `Producer.send`."""
        future = self._producer.send(topic, value=value, key=key, partition=partition)
        serialized = _serialize(self._lab.key_serializer, key), _serialize(self._lab.value_serializer, value)
        self._sent.append((*serialized, future))
        return future

    def acknowledgements(self, deadline: _Deadline) -> Iterator[Acknowledged]:
        """What the broker says to each record, in the order of sending. Raises KafkaError when it says nothing."""
        for key, value, future in self._sent:
            metadata = future.get(deadline.left_s)
            yield Acknowledged(key, value, metadata.partition, metadata.offset)


def _serialize(serializer: Callable[[Any], bytes] | None, payload: Any) -> bytes | None:
    if payload is None or serializer is None:
        return payload  # type: ignore[no-any-return]  # bytes or None where there is no serializer
    return serializer(payload)


class _SerializerOf(Serializer):  # type: ignore[misc]  # kafka-python comes without types
    """A plain function as kafka-python 3 wants its serializers."""

    def __init__(self, function: Callable[[Any], bytes]) -> None:
        self._function = function

    def serialize(self, topic: str, headers: list[tuple[str, bytes]], data: object) -> bytes | None:  # noqa: ARG002
        """The bytes of a key or value; null stays null."""
        return _serialize(self._function, data)


class _PartitionerOf(Partitioner):  # type: ignore[misc]  # kafka-python comes without types
    """The tutorial's function of three arguments as kafka-python 3 wants its partitioners."""

    def __init__(self, function: ThreeArguments) -> None:
        self._function = function

    def partition(
        self,
        topic: str,
        key: object,  # noqa: ARG002
        serialized_key: bytes,
        value: object,  # noqa: ARG002
        serialized_value: bytes | None,  # noqa: ARG002
        cluster: Any,
    ) -> int:
        """The partition of a record, asked for by the producer."""
        everything = sorted(cluster.partitions_for_topic(topic))
        available = sorted(cluster.available_partitions_for_topic(topic))
        return self._function(serialized_key, everything, available)


def _as_seen(lab: Lab, acknowledged: list[Acknowledged]) -> Iterator[SeenRecord]:
    """Acknowledged records as if they had been read from the disk."""
    for ack in acknowledged:
        place = Location(f"{lab.topic}-{ack.partition}", topic=lab.topic, partition=ack.partition)
        yield SeenRecord(ack.partition, ack.offset, ack.key, ack.value, place)
