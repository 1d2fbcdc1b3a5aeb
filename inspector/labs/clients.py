"""The clients that labs send with. Only this file and `run.py` import them; nothing else needs a broker."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import Any, NamedTuple

from kafka import KafkaProducer, Serializer
from kafka.errors import KafkaError, KafkaTimeoutError
from kafka.partitioner import Partitioner

from ..errors import LabRefusedError
from .lab import KAFKA_PYTHON, LIBRDKAFKA, Lab, Producer, ThreeArguments


class Deadline:
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


def serialized(serializer: Callable[[Any], bytes] | None, payload: Any) -> bytes | None:
    """The bytes of a key or value; null stays null."""
    if payload is None or serializer is None:
        return payload  # type: ignore[no-any-return]  # bytes or None where there is no serializer
    return serializer(payload)


# -- kafka-python


@contextmanager
def kafka_python(lab: Lab, servers: list[str], deadline: Deadline) -> Iterator[Producer]:
    """A producer of kafka-python; it is let go at once where its records are not acknowledged in time."""
    producer = _open_producer(lab, servers, deadline)
    done = False
    try:
        yield producer
        done = True
    finally:
        _close(producer, deadline, done)


def _open_producer(lab: Lab, servers: list[str], deadline: Deadline) -> KafkaProducer:
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


def _close(producer: KafkaProducer, deadline: Deadline, done: bool) -> None:
    """Lets go of a producer without waiting for records that will not be acknowledged any more."""
    if not done:
        # close() would wait for them, and complain when it is done again at the end of the process.
        producer._sender.force_close()
    try:
        producer.close(timeout=deadline.left_s if done else 1)
    except KafkaError:
        return


class _SerializerOf(Serializer):  # type: ignore[misc]  # kafka-python comes without types
    """A plain function as kafka-python 3 wants its serializers."""

    def __init__(self, function: Callable[[Any], bytes]) -> None:
        self._function = function

    def serialize(self, topic: str, headers: list[tuple[str, bytes]], data: object) -> bytes | None:  # noqa: ARG002
        """The bytes of a key or value; null stays null."""
        return serialized(self._function, data)


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


# -- librdkafka


@contextmanager
def librdkafka(lab: Lab, servers: list[str], deadline: Deadline) -> Iterator[Producer]:
    """A producer of librdkafka, by its Python client confluent-kafka, which need not be installed."""
    settings = {"bootstrap.servers": ",".join(servers), "allow.auto.create.topics": False, "logger": _SILENT}
    client = _confluent_kafka(lab).Producer({**settings, "message.timeout.ms": deadline.left_ms})
    try:
        yield _Librdkafka(client, lab)
    finally:
        client.purge()
        client.flush(1)


def _confluent_kafka(lab: Lab) -> Any:
    try:
        return import_module("confluent_kafka")
    except ImportError as error:
        message = f"lab {lab.number} sends with librdkafka too, whose Python client is not installed"
        raise LabRefusedError(message, hint="Install it: pip install 'kinspect[librdkafka]'") from error


_SILENT = logging.getLogger("kinspect.librdkafka")
"""Its own log lines stay off the screen; failures come back as errors."""
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


class _Librdkafka:
    """confluent-kafka's producer as the labs need it."""

    def __init__(self, client: Any, lab: Lab) -> None:
        self._client = client
        self._lab = lab

    def send(self, topic: str, value: object = None, key: object = None, *, partition: int | None = None) -> object:
        """See `Producer.send`."""
        future = _Future(self._client)
        payloads = serialized(self._lab.value_serializer, value), serialized(self._lab.key_serializer, key)
        place = {} if partition is None else {"partition": partition}
        self._client.produce(topic, *payloads, on_delivery=future.delivered, **place)
        return future


class _Delivered(NamedTuple):
    """Where a record lies now."""

    partition: int
    offset: int


class _Future:
    """What the broker will say to a record, asked for as kafka-python's futures are."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._said: _Delivered | KafkaError | None = None

    def delivered(self, error: Any, message: Any) -> None:
        """Called by the client."""
        failure = None if error is None else KafkaError(str(error))
        self._said = failure or _Delivered(message.partition(), message.offset())

    def get(self, timeout: float) -> _Delivered:
        """Waits so many seconds. Raises KafkaError for what the client says, or when it says nothing."""
        end = time.monotonic() + timeout
        while self._said is None and time.monotonic() < end:
            self._client.poll(0.05)
        if self._said is None:
            raise KafkaTimeoutError("no answer in time")
        if isinstance(self._said, KafkaError):
            raise self._said
        return self._said


Client = Callable[[Lab, list[str], Deadline], AbstractContextManager[Producer]]

CLIENTS: Mapping[str, Client] = {KAFKA_PYTHON: kafka_python, LIBRDKAFKA: librdkafka}
"""By the names that labs use."""


def require_clients(lab: Lab) -> None:
    """Raises LabRefusedError where a client that a lab sends with is not installed."""
    if any(part.client == LIBRDKAFKA for part in lab.parts):
        _confluent_kafka(lab)
