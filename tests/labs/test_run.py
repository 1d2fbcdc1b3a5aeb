"""Running a lab: what it asks of a broker, and what it says when there is none. Real brokers are in `tests/kafka`."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from inspector.errors import BrokerUnavailableError, LabRefusedError
from inspector.labs import LABS, Lab
from inspector.labs.check import Outcome
from inspector.partitioners import PARTITIONERS

run_module = pytest.importorskip("inspector.labs.run")
clients = pytest.importorskip("inspector.labs.clients")
errors = pytest.importorskip("kafka.errors")


real_confluent_kafka = clients._confluent_kafka


class FakeCluster:
    """A broker's topics and their records, behind stand-ins for kafka-python's two clients."""

    def __init__(self) -> None:
        self.topics: dict[str, int] = {}
        self.created: list[tuple[str, int, int]] = []
        self.logs: dict[int, list[tuple[object, object]]] = {}
        self.settings: dict[str, Any] = {}
        self.fails_at: int | None = None
        self.failure: Exception = errors.KafkaTimeoutError("Timeout after waiting for 5.8597 secs.")
        self.closed: list[str] = []
        self.becomes_known_after = -1
        self.librdkafka_says: str | None = None

    def librdkafka(self, _settings: object) -> FakeLibrdkafka:
        return FakeLibrdkafka(self)

    # What kafka-python's partitioners ask of its metadata.
    def partitions_for_topic(self, topic: str) -> set[int]:
        return set(range(self.topics[topic]))

    def available_partitions_for_topic(self, topic: str) -> set[int]:
        return set(range(self.topics[topic]))


class FakeAdmin:
    """KafkaAdminClient, as far as `run.py` uses it."""

    def __init__(self, cluster: FakeCluster, **_settings: object) -> None:
        self.cluster = cluster

    def __enter__(self) -> FakeAdmin:
        return self

    def __exit__(self, *_: object) -> None:
        self.cluster.closed.append("admin")

    def create_topics(self, topics: dict[str, dict[str, int]]) -> None:
        for name, wish in topics.items():
            if name in self.cluster.topics:
                raise errors.TopicAlreadyExistsError(f"Topic '{name}' already exists.")
            self.cluster.topics[name] = wish["num_partitions"]
            self.cluster.created.append((name, wish["num_partitions"], wish["replication_factor"]))

    def create_partitions(self, counts: dict[str, int]) -> None:
        self.cluster.topics.update(counts)

    def describe_topics(self, names: list[str]) -> list[dict[str, Any]]:
        if not self.cluster.becomes_known_after:
            self.cluster.topics[names[0]] = self.cluster.topics[names[0]] or 3
        self.cluster.becomes_known_after -= 1
        count = self.cluster.topics[names[0]]
        return [{"error_code": 0 if count else 3, "partitions": [{}] * count}]

    def wait_for_topics(self, names: list[str], timeout_ms: int) -> None:
        assert set(names) <= set(self.cluster.topics)
        assert timeout_ms > 0


class FakeProducer:
    """KafkaProducer, as far as `run.py` uses it; it places records as the real one does."""

    def __init__(self, cluster: FakeCluster, **settings: Any) -> None:
        self.cluster = cluster
        self.forced = False
        self._sender = SimpleNamespace(force_close=self._force_close)
        cluster.settings = settings

    def send(self, topic: str, value: object = None, key: object = None, partition: int | None = None) -> object:
        raw_key = self._serialized("key_serializer", topic, key)
        raw_value = self._serialized("value_serializer", topic, value)
        place = self._place(topic, raw_key, raw_value) if partition is None else partition
        log = self.cluster.logs.setdefault(place, [])
        log.append((raw_key, raw_value))
        offset = len(log) - 1
        return SimpleNamespace(get=lambda _timeout: self._answer(place, offset))

    def close(self, timeout: float) -> None:
        assert timeout > 0
        self.cluster.closed.append("producer, forced" if self.forced else "producer")

    def _force_close(self) -> None:
        self.forced = True

    def _answer(self, partition: int, offset: int) -> object:
        if self.cluster.fails_at is not None:
            self.cluster.fails_at -= 1
            if self.cluster.fails_at < 0:
                raise self.cluster.failure
        return SimpleNamespace(partition=partition, offset=offset)

    def _place(self, topic: str, key: bytes | None, value: bytes | None) -> int:
        partitioner = self.cluster.settings.get("partitioner")
        if partitioner is not None:
            chosen: int = partitioner.partition(topic, key, key, value, value, self.cluster)
            return chosen
        return PARTITIONERS["java"].partition(key, self.cluster.topics[topic]) or 0

    def _serialized(self, which: str, topic: str, payload: object) -> Any:
        serializer = self.cluster.settings[which]
        return payload if serializer is None else serializer.serialize(topic, [], payload)


class FakeLibrdkafka:
    """confluent-kafka's Producer, as far as `clients.py` uses it: it tells what became of records when it is polled."""

    def __init__(self, cluster: FakeCluster) -> None:
        self.cluster = cluster
        self.waiting: list[Callable[[], None]] = []

    def produce(self, topic: str, value: bytes, key: bytes, *, on_delivery: Callable[..., None]) -> None:
        place = PARTITIONERS["librdkafka"].partition(key, self.cluster.topics[topic]) or 0
        log = self.cluster.logs.setdefault(place, [])
        log.append((key, value))
        offset = len(log) - 1
        message = SimpleNamespace(partition=lambda: place, offset=lambda: offset)
        self.waiting.append(lambda: on_delivery(self.cluster.librdkafka_says, message))

    def poll(self, _timeout: float) -> None:
        if self.waiting:
            self.waiting.pop(0)()

    def purge(self) -> None:
        self.waiting.clear()

    def flush(self, _timeout: float) -> None:
        self.cluster.closed.append("librdkafka")


@pytest.fixture
def server() -> Iterator[str]:
    """An address where somebody listens, so that knocking there is answered; he never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def closed_server() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """A cluster in the place of kafka-python's."""
    fake = FakeCluster()
    monkeypatch.setattr(run_module, "KafkaAdminClient", lambda **settings: FakeAdmin(fake, **settings))
    monkeypatch.setattr(clients, "KafkaProducer", lambda **settings: FakeProducer(fake, **settings))
    monkeypatch.setattr(clients, "_confluent_kafka", lambda _lab: SimpleNamespace(Producer=fake.librdkafka))
    return fake


def ran(lab: Lab, server: str, **options: Any) -> tuple[Any, list[Any]]:
    """The summary of a run, and what was acknowledged on the way."""
    told: list[Any] = []
    return run_module.run(lab, server, on_ack=told.append, **options), told


# ---- With a broker


@pytest.mark.parametrize("lab", LABS.values(), ids=lambda lab: lab.topic)
def test_a_run_creates_the_topic_and_tells_of_each_record(lab: Lab, server: str, cluster: FakeCluster) -> None:
    summary, told = ran(lab, server)
    assert cluster.created == [(lab.topic, 3, 1)]
    assert cluster.topics == {lab.topic: lab.partitions}
    assert [(ack.key, ack.value) for ack in told] == [record.identity for record in lab.expected(lab.partitions)]
    assert (summary.created, summary.acknowledged) == (True, len(told))
    assert (summary.result.outcome, summary.result.runs) == (Outcome.AS_EXPECTED, 1)
    assert cluster.closed[:2] == ["admin", "producer"]
    assert cluster.closed[2:] == {6: ["librdkafka"], 7: ["admin", "producer"]}.get(lab.number, [])


def test_what_is_told_is_where_the_record_lies(server: str, cluster: FakeCluster) -> None:
    _, told = ran(LABS[4], server)
    assert [(ack.key, ack.partition, ack.offset) for ack in told] == [
        (b"3", 0, 0),
        (b"2", 2, 0),
        (b"369", 0, 1),
        (b"301", 1, 0),
    ]
    assert cluster.logs[0] == [(b"3", b"Hello Partitioner"), (b"369", b"Hello Partitioner 3")]


@pytest.mark.usefixtures("cluster")
def test_lab_2_says_which_partition_and_why(server: str) -> None:
    summary, _ = ran(LABS[2], server)
    assert summary.result.lines == ('partition 2: foo → foo   (murmur2("foo") = 597841616, 597841616 % 3 = 2)',)


def test_a_second_run_uses_the_topic_of_the_first(server: str, cluster: FakeCluster) -> None:
    ran(LABS[1], server)
    summary, told = ran(LABS[1], server)
    assert (summary.created, len(cluster.created), summary.result.outcome) == (False, 1, Outcome.AS_EXPECTED)
    assert [ack.offset for ack in told] == [3, 4, 5, 2, 3, 1]


def test_a_topic_with_one_partition_is_refused_with_the_missing_space(server: str, cluster: FakeCluster) -> None:
    cluster.topics["hello-world-1"] = 1
    with pytest.raises(LabRefusedError) as refused:
        ran(LABS[1], server)
    assert refused.value.message.startswith("hello-world-1 has 1 partition (probably auto-created")
    assert "lacks a space before --replication-factor" in refused.value.message
    assert refused.value.message.endswith("lab 1 needs 3, or its records would not lie where the lab says")
    assert "Delete the topic" in refused.value.hint
    assert cluster.logs == {}


def test_a_topic_with_five_partitions_is_refused_without_it(server: str, cluster: FakeCluster) -> None:
    cluster.topics["hello-world-2"] = 5
    with pytest.raises(LabRefusedError, match=r"^hello-world-2 has 5 partitions; lab 2 needs 3"):
        ran(LABS[2], server)


def test_a_topic_that_stays_unknown_is_refused_at_the_deadline(server: str, cluster: FakeCluster) -> None:
    cluster.topics["hello-world-2"] = 0
    with pytest.raises(LabRefusedError, match=r"^the broker says that hello-world-2 exists, but does not know its"):
        ran(LABS[2], server, timeout_s=1)


def test_a_broker_that_is_starting_is_waited_for(server: str, cluster: FakeCluster) -> None:
    cluster.topics["hello-world-2"] = 0
    cluster.becomes_known_after = 2
    summary, _ = ran(LABS[2], server)
    assert (summary.created, summary.result.ok) == (False, True)


def test_what_was_acknowledged_before_the_broker_went_was_told(server: str, cluster: FakeCluster) -> None:
    cluster.fails_at = 2
    told: list[Any] = []
    with pytest.raises(BrokerUnavailableError) as lost:
        run_module.run(LABS[1], server, on_ack=told.append)
    assert len(told) == 2
    assert lost.value.message == f"the broker at {server} does not answer, or went away"
    assert "advertised.listeners" in lost.value.hint
    assert cluster.closed == ["admin", "producer, forced"]


def test_what_the_broker_refuses_is_told_in_its_words(server: str, cluster: FakeCluster) -> None:
    cluster.fails_at = 0
    cluster.failure = errors.TopicAuthorizationFailedError("a request and a response,\nat length")
    with pytest.raises(LabRefusedError) as refused:
        ran(LABS[1], server)
    assert refused.value.message == (
        f"the broker at {server} refused: TopicAuthorizationFailedError "
        "(Returned by the broker when the client is not authorized to access the requested topic)"
    )


def test_what_the_client_refuses_is_no_traceback(server: str, cluster: FakeCluster) -> None:
    cluster.fails_at = 0
    cluster.failure = ValueError("Unrecognized partition 2\nfor topic")
    with pytest.raises(LabRefusedError, match=r"^the client refused: ValueError \(Unrecognized partition 2 for topic"):
        ran(LABS[1], server)


def test_a_lost_connection_says_what_the_client_said(server: str, cluster: FakeCluster) -> None:
    cluster.fails_at = 0
    cluster.failure = errors.KafkaConnectionError("Connection reset by peer")
    with pytest.raises(BrokerUnavailableError, match=r"went away: KafkaConnectionError \(Connection reset by peer\)$"):
        ran(LABS[1], server)


def test_no_producer_makes_a_topic_by_accident(server: str, cluster: FakeCluster) -> None:
    ran(LABS[1], server)
    assert cluster.settings["allow_auto_create_topics"] is False


def test_every_wait_ends_before_the_deadline(server: str, cluster: FakeCluster) -> None:
    ran(LABS[1], server, timeout_s=7)
    waits = ("bootstrap_timeout_ms", "max_block_ms", "request_timeout_ms", "delivery_timeout_ms")
    assert all(0 < cluster.settings[wait] <= 7001 for wait in waits)


def test_an_interrupt_leaves_at_once(server: str, cluster: FakeCluster) -> None:
    cluster.fails_at = 0
    cluster.failure = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        ran(LABS[1], server)
    assert cluster.closed == ["admin", "producer, forced"]


# ---- Without one


def test_nobody_listening_is_told_at_once(closed_server: str) -> None:
    started = time.monotonic()
    with pytest.raises(BrokerUnavailableError) as missing:
        ran(LABS[1], closed_server, timeout_s=30)
    assert time.monotonic() - started < 5
    assert missing.value.message.startswith(f"no broker answers at {closed_server}: ")
    assert "--bootstrap-server" in missing.value.hint


@pytest.mark.usefixtures("cluster")
def test_a_second_run_of_the_lab_that_adds_partitions_is_refused(server: str) -> None:
    ran(LABS[7], server)
    with pytest.raises(LabRefusedError, match="hello-world-7 has 4 partitions; lab 7 needs 3"):
        ran(LABS[7], server)


def test_what_librdkafka_says_is_told(server: str, cluster: FakeCluster) -> None:
    cluster.librdkafka_says = "Broker: Not enough in-sync replicas"
    with pytest.raises(BrokerUnavailableError, match="Not enough in-sync replicas"):
        ran(LABS[6], server)
    assert cluster.closed[-1] == "librdkafka"


@pytest.mark.usefixtures("cluster")
def test_a_librdkafka_that_says_nothing_is_left_at_the_deadline(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeLibrdkafka, "poll", lambda _self, timeout: time.sleep(timeout))
    with pytest.raises(BrokerUnavailableError, match="does not answer, or went away"):
        ran(LABS[6], server, timeout_s=0.5)


def test_a_lab_whose_client_is_not_installed_is_refused_before_anything_is_sent(
    server: str, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "_confluent_kafka", real_confluent_kafka)
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(LabRefusedError, match="whose Python client is not installed") as refused:
        ran(LABS[6], server)
    assert "pip install 'kinspect[librdkafka]'" in str(refused.value.hint)
    assert cluster.created == []


def test_a_server_that_says_nothing_is_left_at_the_deadline(server: str) -> None:
    started = time.monotonic()
    with pytest.raises(BrokerUnavailableError, match="does not answer"):
        ran(LABS[1], server, timeout_s=1.5)
    assert 1 < time.monotonic() - started < 4


@pytest.mark.parametrize("address", ["", ":9092", "localhost:kafka", "localhost:0", "localhost:99999", "a:1,,b:2"])
def test_what_is_no_address_is_named(address: str) -> None:
    with pytest.raises(BrokerUnavailableError, match="is no address of a broker"):
        ran(LABS[1], address)


@pytest.mark.parametrize(
    ("address", "host_and_port"),
    [
        ("localhost", ("localhost", 9092)),
        ("broker-1:19092", ("broker-1", 19092)),
        ("[::1]:9093", ("::1", 9093)),
        ("[::1]", ("::1", 9092)),
        ("::1", ("::1", 9092)),
    ],
)
def test_an_address_may_leave_out_the_port(address: str, host_and_port: tuple[str, int]) -> None:
    assert run_module._host_and_port(address) == host_and_port


@pytest.mark.usefixtures("cluster")
def test_one_answering_server_of_several_is_enough(server: str, closed_server: str) -> None:
    summary, _ = ran(LABS[1], f"{closed_server}, {server}")
    assert summary.result.ok


def test_the_client_writes_nothing_on_stderr(server: str) -> None:
    script = (
        "from inspector.errors import BrokerUnavailableError\n"
        "from inspector.labs import LABS\n"
        "from inspector.labs.run import run\n"
        "try:\n"
        f"    run(LABS[1], {server!r}, timeout_s=1, on_ack=print)\n"
        "except BrokerUnavailableError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr, done.returncode) == (f"the broker at {server} does not answer\n", "", 0)


def test_the_labs_are_known_without_the_client() -> None:
    script = "import sys, inspector.labs; print([name for name in sys.modules if name.split('.')[0] == 'kafka'])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
