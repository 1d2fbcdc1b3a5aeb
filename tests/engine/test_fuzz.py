"""Segments mutated at random: nothing is raised, nothing is invented, and what is intact is found."""

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.make.damage import BASE, make_batch, sealed, split, with_fields
from inspector.engine import ScanRequest
from inspector.engine.by_spec import SpecEngine
from inspector.engine.chunk import batches_of, records_of
from inspector.location import Location
from inspector.source import BytesSource
from inspector.spec.record_batch import CRC_START

REAL = BASE.parents[1]
COMPRESSED = [(REAL / f"codecs-{i}" / BASE.name).read_bytes() for i in range(5)]
SEGMENTS = [BASE.read_bytes(), *COMPRESSED]
MUTATIONS = st.lists(
    st.tuples(st.sampled_from(("flip", "cut", "insert", "delete", "zero")), st.floats(0, 1), st.binary(max_size=80)),
    min_size=1,
    max_size=4,
)


def quiet(examples: int) -> settings:
    """CI runs the same examples every time; a developer's run tries new ones."""
    return settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
        derandomize=os.environ.get("CI") == "true",
    )


def mutated(data: bytes, mutations) -> bytes:
    for kind, where, noise in mutations:
        at = int(where * max(len(data) - 1, 0))
        size = len(noise) + 1
        data = {
            "flip": data[:at] + bytes((data[at] ^ (1 << size % 8),)) + data[at + 1 :] if data else data,
            "cut": data[:at],
            "insert": data[:at] + noise + data[at:],
            "delete": data[:at] + data[at + size :],
            "zero": data[:at] + bytes(size) + data[at + size :],
        }[kind]
    return data


def scan(data: bytes):
    chunks = list(SpecEngine().scan(BytesSource(data), ScanRequest(base_offset=0), Location("0.log")))
    batches = [batch for chunk in chunks for batch in batches_of(chunk)]
    records = [found for chunk in chunks for found in records_of(chunk)]
    return batches, records, [finding for chunk in chunks for finding in chunk.findings]


@quiet(1500)
@given(st.sampled_from(SEGMENTS), MUTATIONS)
def test_an_intact_batch_is_found_wherever_it_lies_and_none_is_invented(data, mutations):
    damaged = mutated(data, mutations)
    batches, _, findings = scan(damaged)
    originals = {batch[CRC_START:] for batch in split(data)}
    for batch in batches:
        body = damaged[batch.position + CRC_START : batch.position + batch.batch_bytes]
        assert batch.crc_ok is False or body in originals
    for batch in split(data):
        at = damaged.find(batch)
        # where a zero was lost between two batches, the last byte of one can pass for the first of the next
        taken = (found.position <= at < found.position + found.batch_bytes for found in batches if found.crc_ok)
        assert at < 0 or any(taken), findings
    assert all(finding.location.position is not None for finding in findings)


@quiet(1500)
@given(st.sampled_from(SEGMENTS), st.integers(0, 2), st.integers(12, 60), st.binary(min_size=1, max_size=8), MUTATIONS)
def test_a_batch_whose_crc_was_made_right_again_gives_findings_and_no_exception(data, index, at, noise, mutations):
    batches = split(data)
    batch = batches[index % len(batches)]
    inside = mutated(batch[61:], mutations)
    header = batch[:at] + noise + batch[at + len(noise) :]
    forged = sealed(with_fields(header[:61] + inside, batch_length=len(inside) + 49, magic=2))
    batches[index % len(batches)] = forged
    found, _, findings = scan(b"".join(batches))
    assert found
    assert all(str(finding) for finding in findings)


@quiet(200)
@given(st.binary(max_size=2000))
def test_bytes_of_any_kind_give_findings_only(data):
    batches, records, _ = scan(data)
    assert (not batches and not records) or b"\x02" in data


@quiet(100)
@given(st.lists(st.lists(st.binary(max_size=50), min_size=1, max_size=5), min_size=1, max_size=5))
def test_what_is_built_is_read_back(batches_of_values):
    offset, data = 0, b""
    for values in batches_of_values:
        data += make_batch(offset, values)
        offset += len(values)
    _, records, findings = scan(data)
    assert findings == []
    assert [record.value for _, record in records] == [value for values in batches_of_values for value in values]
    assert [record.offset for _, record in records] == list(range(offset))
