"""Our replay of a partition's log, in the shape of Kafka's answer (`fixtures.make.replayed`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fixtures.make.replayed import Ended
from inspector.checking import Around, Rule, told
from inspector.checking.driver import Sweep
from inspector.checking.producer import Producer
from inspector.checking.replay import replay_of
from inspector.checking.told import Listener
from inspector.engine import ScanRequest, choose
from inspector.files.producer_snapshot import ProducerState, _first_sequence, read_producer_snapshot
from inspector.location import Location
from inspector.log_dir import open_log_dir
from inspector.model import add_sequence
from inspector.report import Progress
from inspector.segment import Segment
from inspector.source import BytesSource

State = dict[int, ProducerState]


class Listening(Rule, Listener):
    """Notes the state at some offsets, and each transaction with records that ended."""

    def __init__(self, around: Around, offsets: Sequence[int]) -> None:
        super().__init__(around)
        self.wanted = offsets
        self.states: dict[int, State] = {}
        self.ended: list[Ended] = []
        self.replay = replay_of(around)
        self.replay.tell(self)

    def see(self, number, segment, chunk):
        self.replay.take(number, segment, chunk)
        return ()

    def finish(self):
        self.replay.finish()
        return ()

    def on_offset(self, offset: int) -> None:
        self.states[offset] = {key: _state(key, one) for key, one in self.replay.producers.items()}

    def on_ended(self, _segment: Segment, ended: told.Ended) -> None:
        if ended.first_offset >= 0:
            batch = ended.batch
            of = batch.producer_id, ended.first_offset, batch.base_offset
            self.ended.append(Ended(*of, ended.is_abort, ended.stable))


def replayed(directory: Path, offsets: Sequence[int]) -> Listening:
    """A sweep with nothing but a listener."""
    log_dir = open_log_dir(directory)
    around = Around(log_dir.partitions[0], log_dir.broker, choose())
    listening = Listening(around, offsets)
    list(Sweep(around, [listening], ScanRequest(columns=()), Progress()).findings())
    return listening


def read_state(snapshot: bytes) -> State:
    """The producers of a snapshot; there must be nothing wrong with it."""
    found: list = []
    state = {one.producer_id: one for one in read_producer_snapshot(BytesSource(snapshot), Location("x"), found)}
    assert not found, found
    return state


def _state(producer_id: int, one: Producer) -> ProducerState:
    has_batch = one.last_offset >= 0
    assert not has_batch or add_sequence(one.recent[-1][1], one.offset_delta) == one.last_sequence
    return ProducerState(
        producer_id,
        one.epoch,
        _first_sequence(one.last_sequence, one.offset_delta) if has_batch else None,
        one.last_sequence if has_batch else None,
        one.last_offset if has_batch else None,
        one.offset_delta if has_batch else None,
        one.timestamp,
        None if one.coordinator_epoch < 0 else one.coordinator_epoch,
        None if one.current_txn_first_offset < 0 else one.current_txn_first_offset,
    )
