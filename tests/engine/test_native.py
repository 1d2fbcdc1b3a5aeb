"""What the native engine owes beside its answers: errors that surface, no descriptor kept, bounded memory, its name."""

import os
import random
import signal
import subprocess
import sys
import time
from itertools import cycle, islice
from pathlib import Path

import pytest

from fixtures.make.damage import BASE, make_batch, make_batch_of, make_record, split, with_fields
from inspector.engine import NATIVE_MODULE, ScanRequest, choose
from inspector.engine.chunk import BinaryColumn, Field
from inspector.errors import InputError, VanishedError
from inspector.hashing import ALGORITHMS
from inspector.location import Location
from inspector.source import BytesSource, FileSource, open_source
from tests.conftest import SCRIPT
from tests.engine.conftest import make_native

AT = Location("0.log")
ALL = ScanRequest(base_offset=0)


def repeated(count: int) -> bytes:
    """So many batches of a real segment, again and again, with rising offsets."""
    batches = islice(cycle(split(BASE.read_bytes())), count)
    return b"".join(with_fields(batch, base_offset=4 * number) for number, batch in enumerate(batches))


@pytest.fixture(scope="module")
def long_file(tmp_path_factory):
    """A segment of 24 MB."""
    path = tmp_path_factory.mktemp("long") / "00000000000000000000.log"
    path.write_bytes(repeated(20_000))
    return path


class Failing(BytesSource):
    """Bytes of which the later ones cannot be read."""

    def __init__(self, data: bytes, error: BaseException, behind: int) -> None:
        super().__init__(data)
        self._error = error
        self._behind = behind

    def read_at(self, position: int, size: int) -> bytes:
        if position >= self._behind:
            raise self._error
        return super().read_at(position, size)


def test_auto_is_native_where_it_is_built():
    make_native()
    assert choose().name == "native"
    assert NATIVE_MODULE in sys.modules


@pytest.mark.parametrize("error", [InputError("the disk is broken"), VanishedError("gone"), KeyboardInterrupt()])
def test_what_reading_raises_comes_out_as_it_is_and_nothing_is_taken_for_the_end(error):
    source = Failing(repeated(2_000), error, 1_000_000)
    seen = 0
    with pytest.raises(type(error)) as raised:
        for chunk in make_native().scan(source, ALL, AT):
            seen += len(chunk.records)
    assert raised.value is error
    assert 0 < seen < 8_000


def test_no_descriptor_is_held_between_two_chunks(long_file):
    def is_open() -> bool:
        return any(os.path.realpath(path) == str(long_file) for path in Path("/proc/self/fd").iterdir())

    with open_source(long_file) as source:
        states = [is_open() for _ in make_native().scan(source, ALL, AT)]
    assert len(states) > 10
    assert not any(states)


def test_what_is_read_through_a_lent_descriptor_is_counted(long_file):
    source = FileSource(long_file, "0.log")
    assert sum(len(chunk.batches) for chunk in make_native().scan(source, ALL, AT)) == 20_000
    assert source.size <= source.meter.bytes_read <= 1.1 * source.size


def test_a_few_records_cost_a_few_reads(long_file):
    source = FileSource(long_file, "0.log")
    assert next(make_native().scan(source, ALL, AT)).records
    assert source.meter.bytes_read < 1_000_000


def test_a_scan_that_is_left_early_ends_with_its_threads(long_file):
    with open_source(long_file) as source:
        scan = make_native().scan(source, ALL, AT)
        next(scan)
        scan.close()


def test_a_wrong_checksum_in_the_middle_sends_the_rest_through_the_same_rules():
    data = bytearray(repeated(3_000))
    batches = split(bytes(data))
    broken = sum(map(len, batches[:1_500])) + 100
    data[broken] ^= 1
    found, offsets = [], []
    for chunk in make_native().scan(BytesSource(bytes(data)), ALL, AT):
        found += [(finding.slug, finding.location.batch) for finding in chunk.findings]
        offsets += [*chunk.records.columns["offset"].values]
    assert found == [("crc-mismatch", 1_500)]
    assert offsets == list(range(12_000))


def test_columns_that_are_not_asked_for_are_not_made():
    chunk = next(make_native().scan(BytesSource(BASE.read_bytes()), ScanRequest(columns=("offset",)), AT))
    assert [*chunk.records.columns] == ["offset"]
    assert len(chunk.native.column("records", "value")[2]) == 0


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_hashes_of_a_column_are_those_of_each_key(algorithm):
    column = BinaryColumn(Field("key", "z", nullable=True))
    keys = [None, b"", b"foo", bytes(range(256)), b"x" * 1024, "clé-ключ-鍵".encode()]
    for key in keys:
        column.append(key)
    expected = [-1 if key is None else ALGORITHMS[algorithm](key, 12) for key in keys]
    assert list(make_native().hash_keys(column, algorithm, 12)) == expected


def test_hash_keys_refuses_columns_that_lead_elsewhere():
    column = BinaryColumn(Field("key", "z", nullable=True))
    column.append(b"key")
    column.offsets[1] = 1_000_000
    with pytest.raises(ValueError, match="no column"):
        make_native().hash_keys(column, "murmur2", 3)


def test_keys_are_tallied_alike_by_both_engines():
    data = b"".join(make_batch(number, [b"value"]) for number in range(30))
    native, spec = make_native(), choose("spec")
    tallies = []
    for engine in (native, spec):
        tally = engine.key_tally(3, 100)
        for chunk in engine.scan(BytesSource(data), ALL, AT):
            tally.add_rows(chunk, range(len(chunk.records)), 1)
        tally.add(None, 0)
        tallies.append((tally.records, tally.distinct, tally.astray, tally.is_cut))
    assert tallies[0] == tallies[1] == (31, 1, int(ALGORITHMS["murmur2"](b"key", 3) != 1), False)


def test_batches_just_below_the_limit_do_not_pile_up(tmp_path):
    """Forty batches of 60 MB each, a few kilobytes on the disk: one at a time is decompressed."""
    import cramjam

    body = bytes(cramjam.zstd.compress(make_record(0, bytes(60_000_000))))
    batches = [make_batch_of(number, body, 1, attributes=4) for number in range(40)]
    path = tmp_path / "00000000000000000000.log"
    path.write_bytes(b"".join(batches))
    assert peak_of(SCRIPT, "verify", path) < 450_000


PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_of(*command):
    """Peak memory of a command in KiB. A process between us and it, because a child begins with its parent's peak."""
    return int(subprocess.run([sys.executable, "-c", PEAK, *command], capture_output=True, check=True).stdout)


@pytest.fixture
def long_work(tmp_path):
    """A directory that takes seconds to decompress: ones and zeros in no order."""
    import gzip

    noise = bytes(48 + bit for byte in random.Random(5).randbytes(1_000_000) for bit in (byte & 1, byte >> 1 & 1)) * 8
    body = gzip.compress(make_record(0, noise), 1)
    directory = tmp_path / "made-0"
    directory.mkdir()
    batches = (make_batch_of(number, body, 1, attributes=1) for number in range(150))
    (directory / "00000000000000000000.log").write_bytes(b"".join(batches))
    return tmp_path


@pytest.mark.parametrize("words", [("verify",), ("show", "-t", "made", "-J", "--columns", "offset")])
def test_an_interrupt_ends_a_long_reading_with_130_and_silence(words, long_work):
    command = [SCRIPT, words[0], long_work, *words[1:]]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "Traceback" not in said
