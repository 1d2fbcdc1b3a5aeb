"""How fast files are read at the most: the arithmetic, on a clock that only sleeping moves."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from inspector.source import Meter, open_source
from inspector.throttle import LEAST_PIECE, SAVED_SECONDS, Throttle


class Clock:
    """Time that passes only when somebody sleeps, or `work` says so; each sleep takes a little too long."""

    def __init__(self, oversleeps: float = 0.0) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self._oversleeps = oversleeps

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds + self._oversleeps

    work = sleep


def throttle_of(rate: int, clock: Clock) -> Throttle:
    return Throttle(rate, clock, clock.sleep)


def test_bytes_come_due_at_the_rate() -> None:
    clock = Clock()
    throttle = throttle_of(1000, clock)
    for _ in range(30):
        throttle.pay(100)
    assert clock.now == pytest.approx(1003.0)
    assert clock.slept == pytest.approx([0.1] * 30)


def test_a_large_read_is_waited_for_as_a_whole() -> None:
    clock = Clock()
    throttle_of(1000, clock).pay(5000)
    assert clock.slept == [5.0]


def test_long_sleeps_do_not_add_up() -> None:
    clock = Clock(oversleeps=0.01)
    throttle = throttle_of(1_000_000, clock)
    for _ in range(200):
        throttle.pay(50_000)
    assert clock.now - 1000.0 == pytest.approx(10.0, abs=0.02)


def test_a_pause_is_made_up_for_only_for_a_moment() -> None:
    clock = Clock()
    throttle = throttle_of(1000, clock)
    clock.work(60.0)
    throttle.pay(1000)
    assert clock.slept[1:] == pytest.approx([1.0 - SAVED_SECONDS])


def test_what_is_slower_than_the_rate_is_never_held_back() -> None:
    clock = Clock()
    throttle = throttle_of(1000, clock)
    for _ in range(10):
        clock.work(0.2)
        throttle.pay(100)
    assert clock.slept == [0.2] * 10


def test_several_threads_pay_into_one_purse() -> None:
    asked: list[float] = []
    throttle = Throttle(1000, lambda: 0.0, asked.append)
    threads = [threading.Thread(target=throttle.pay, args=(100,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(asked) == pytest.approx([0.1 * number for number in range(1, 9)])


@pytest.mark.parametrize(("rate", "piece"), [(1, LEAST_PIECE), (1_000_000, 50_000), (50_000_000, 2_500_000)])
def test_pieces_are_small_beside_a_second(rate: int, piece: int) -> None:
    assert Throttle(rate).piece == piece


def test_a_source_reads_in_pieces_and_pays_for_what_it_got(tmp_path: Path) -> None:
    clock = Clock()
    path = tmp_path / "file"
    path.write_bytes(bytes(range(250)) * 1000)
    meter = Meter(throttle=throttle_of(100_000, clock))
    with open_source(path, meter=meter) as source:
        assert source.read_at(1, 300_000) == (bytes(range(250)) * 1000)[1:]
        assert source.lend() is None
        assert source.read_at(250_000, 10) == b""
    assert meter.bytes_read == 249_999
    assert len(clock.slept) == 50
    assert clock.now == pytest.approx(1000.0 + 2.5, abs=0.001)


def test_whoever_waits_holds_no_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(100_000))
    held: list[bool] = []

    def look(_seconds: float) -> None:
        held.append(any(str(path) in str(one.resolve()) for one in Path("/proc/self/fd").iterdir()))

    with open_source(path, meter=Meter(throttle=Throttle(50_000, lambda: 0.0, look))) as source:
        source.read_at(0, 100_000)
        source.read_at(0, 10)
    assert held and not any(held)
