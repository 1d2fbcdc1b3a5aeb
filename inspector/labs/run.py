"""Runs a lab against a real broker, through the clients of `clients.py`.

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

from kafka import KafkaAdminClient
from kafka.errors import (
    BrokerResponseError,
    KafkaError,
    KafkaTimeoutError,
    TopicAlreadyExistsError,
)

from ..errors import BrokerUnavailableError, LabRefusedError
from ..location import Location
from ..words import counted
from .check import MISSING_SPACE, LabResult, check
from .clients import CLIENTS, Deadline, require_clients, serialized
from .lab import Lab, Part, Producer
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
    deadline = Deadline(timeout_s)
    servers = _addresses(bootstrap_server)
    require_clients(lab)
    _knock(servers, deadline)
    with _errors_told(bootstrap_server):
        created = _within(deadline, lambda: _prepare_topic(lab, servers, deadline))
        acknowledged = [ack for part in lab.parts for ack in _sent(lab, part, servers, deadline, on_ack)]
    return RunSummary(lab, created, len(acknowledged), check(lab, lab.partitions, _as_seen(lab, acknowledged)))


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


def _knock(servers: list[str], deadline: Deadline) -> None:
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


def _within(deadline: Deadline, action: Callable[[], bool]) -> bool:
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


def _prepare_topic(lab: Lab, servers: list[str], deadline: Deadline) -> bool:
    """Makes sure that the topic is there with the right number of partitions; True if it was made now."""
    with _admin(servers, deadline) as admin:
        created = _created_or_found(admin, lab, deadline)
        admin.wait_for_topics([lab.topic], timeout_ms=deadline.left_ms)
        return created


def _admin(servers: list[str], deadline: Deadline) -> KafkaAdminClient:
    limits = {"bootstrap_timeout_ms": deadline.left_ms, "request_timeout_ms": deadline.left_ms}
    return KafkaAdminClient(bootstrap_servers=servers, **limits)


def _created_or_found(admin: KafkaAdminClient, lab: Lab, deadline: Deadline) -> bool:
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
        admin.create_topics({lab.topic: {"num_partitions": lab.first_partitions, "replication_factor": 1}})
    except TopicAlreadyExistsError:
        return False
    return True


def _partition_count(admin: KafkaAdminClient, topic: str) -> int | None:
    """How many partitions a topic has, or None while the broker cannot tell (it has just started, for instance)."""
    described = admin.describe_topics([topic])[0]
    return None if described["error_code"] else len(described["partitions"])


def _refuse_another_count(lab: Lab, count: int) -> None:
    if count == lab.first_partitions:
        return
    diagnosis = f" (probably {MISSING_SPACE})" if count == 1 else ""
    raise LabRefusedError(
        f"{lab.topic} has {counted(count, 'partition')}{diagnosis}; lab {lab.number} needs {lab.first_partitions}, or "
        "its records would not lie where the lab says",
        location=Location(lab.topic, topic=lab.topic),
        hint=f"Delete the topic and run the lab again; it creates {lab.topic} with {lab.first_partitions} partitions.",
    )


def _sent(
    lab: Lab, part: Part, servers: list[str], deadline: Deadline, on_ack: Callable[[Acknowledged], None]
) -> list[Acknowledged]:
    """Makes the topic as large as a part of the lab needs it, sends its records, then waits for each in turn."""
    needed = part.partitions or lab.partitions
    if needed != lab.first_partitions:
        _within(deadline, lambda: _grow(lab, needed, servers, deadline))
    acknowledged = []
    with CLIENTS[part.client](lab, servers, deadline) as producer:
        recording = _Recording(producer, lab)
        part.produce(recording)
        for ack in recording.acknowledgements(deadline):
            on_ack(ack)
            acknowledged.append(ack)
    return acknowledged


def _grow(lab: Lab, count: int, servers: list[str], deadline: Deadline) -> bool:
    """Adds partitions, and waits until they are there; False where they were."""
    with _admin(servers, deadline) as admin:
        if _partition_count(admin, lab.topic) == count:
            return False
        admin.create_partitions({lab.topic: count})
        while _partition_count(admin, lab.topic) != count:
            if deadline.left_s < 2 * PAUSE_S:
                raise LabRefusedError(f"the broker did not make {lab.topic} as large as {count} partitions")
            time.sleep(PAUSE_S)
        return True


class _Recording:
    """A producer that remembers what it sent, so that acknowledgements can be told with their keys and values."""

    def __init__(self, producer: Producer, lab: Lab) -> None:
        self._producer = producer
        self._lab = lab
        self._sent: list[tuple[bytes | None, bytes | None, Any]] = []

    def send(self, topic: str, value: object = None, key: object = None, *, partition: int | None = None) -> object:
        """See `Producer.send`."""
        future = self._producer.send(topic, value=value, key=key, partition=partition)
        payloads = serialized(self._lab.key_serializer, key), serialized(self._lab.value_serializer, value)
        self._sent.append((*payloads, future))
        return future

    def acknowledgements(self, deadline: Deadline) -> Iterator[Acknowledged]:
        """What the broker says to each record, in the order of sending. Raises KafkaError when it says nothing."""
        for key, value, future in self._sent:
            metadata = future.get(deadline.left_s)
            yield Acknowledged(key, value, metadata.partition, metadata.offset)


def _as_seen(lab: Lab, acknowledged: list[Acknowledged]) -> Iterator[SeenRecord]:
    """Acknowledged records as if they had been read from the disk."""
    for ack in acknowledged:
        place = Location(f"{lab.topic}-{ack.partition}", topic=lab.topic, partition=ack.partition)
        yield SeenRecord(ack.partition, ack.offset, ack.key, ack.value, place)
