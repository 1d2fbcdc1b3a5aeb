"""Random and mutated bytes under every name: each byte keeps its one owner, and nothing is raised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.make.damage import BASE, make_batch, make_batch_of, sealed
from inspector.errors import KinspectError
from inspector.explaining import Wanted, explain
from inspector.spec.primitives import Varint
from tests.engine.test_fuzz import MUTATIONS, mutated, quiet
from tests.explaining.rebuilding import assert_whole, regions_named
from tests.golden_bytes import LEGACY, V2

REAL = BASE.parents[1]
STEM = "00000000000000000000"
TEXTS = ("leader-epoch-checkpoint", "partition.metadata", "meta.properties", "quorum-state", ".kafka_cleanshutdown",
         "replication-offset-checkpoint", ".lock")  # fmt: skip
TABLES = tuple(f"{STEM}.{suffix}" for suffix in ("index", "timeindex", "txnindex", "snapshot"))
BESIDE = {
    **{name: (BASE.parent / name).read_bytes() for name in TABLES if (BASE.parent / name).exists()},
    "leader-epoch-checkpoint": b"0\n2\n0 0\n3 17\n",
    "partition.metadata": b"version: 0\ntopic_id: 7wUNWXAkRKKOc3vokPNqTg",
    "meta.properties": b"#\nnode.id=1\nversion=1\ncluster.id=a\n",
    "quorum-state": b'{"leaderId":1,"leaderEpoch":1,"votedId":-1,"data_version":1}',
    ".kafka_cleanshutdown": b'{"version":0,"brokerEpoch":13}',
    "replication-offset-checkpoint": b"0\n1\na 0 5\n",
}
LOGS = [*V2.values(), *LEGACY.values(), BASE.read_bytes()[:3000]]


def explained(folder, name: str, data: bytes, wanted: Wanted | None = None):
    path = folder / name
    path.write_bytes(data)
    return explain(path, wanted or Wanted())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("hostile") / "topic-0"
    made.mkdir()
    return made


@quiet(80)
@given(st.lists(st.sampled_from(LOGS), min_size=1, max_size=3), MUTATIONS)
def test_mutated_logs(folder, pieces, mutations):
    assert_whole(explained(folder, f"{STEM}.log", mutated(b"".join(pieces), mutations)))


@quiet(60)
@given(st.sampled_from((*TABLES, *TEXTS)), st.binary(max_size=300))
def test_random_bytes_under_any_name(folder, name, data):
    assert_whole(explained(folder, name, data))


@quiet(60)
@given(st.sampled_from(sorted(BESIDE)), MUTATIONS)
def test_mutated_files_beside_logs(folder, name, mutations):
    assert_whole(explained(folder, name, mutated(BESIDE[name], mutations)))


@quiet(60)
@given(st.binary(max_size=200), st.integers(-1, 5))
def test_records_of_random_bytes(folder, records, count):
    assert_whole(explained(folder, f"{STEM}.log", sealed(make_batch_of(0, records, count))))


@quiet(40)
@given(
    st.builds(Wanted, position=st.integers(0, 4000)) | st.builds(Wanted, offset=st.integers(0, 20))
    | st.builds(Wanted, batch=st.integers(-5, 5)), MUTATIONS,
)  # fmt: skip
def test_a_choice_is_found_or_refused(folder, wanted, mutations):
    try:
        explanation = explained(folder, f"{STEM}.log", mutated(BASE.read_bytes()[:3900], mutations), wanted)
    except KinspectError:
        return
    assert_whole(explanation)
    span = explanation.file_buffer.region.span
    if wanted.position is not None:
        assert span.position <= wanted.position < span.end


def varint(value: int) -> bytes:
    return bytes(Varint.build(value))


def a_record(headers_count: int, headers: bytes = b"") -> bytes:
    body = b"\0\0\0" + varint(-1) + varint(-1) + varint(headers_count) + headers
    return varint(len(body)) + body


def test_a_record_that_claims_a_billion_headers_is_told_at_once(folder):
    explanation = explained(folder, f"{STEM}.log", sealed(make_batch_of(0, a_record(10**9), 1)))
    assert_whole(explanation)
    assert [one.name for one in regions_named(explanation.file_buffer.region) if one.problem] != []


def test_many_headers_are_left_out(folder):
    record = a_record(60_000, (varint(0) + varint(-1)) * 60_000)
    explanation = explained(folder, f"{STEM}.log", sealed(make_batch_of(0, record, 1)))
    assert_whole(explanation)
    assert [one.name for one in regions_named(explanation.file_buffer.region)][-1] == "headers 50 to 59999"


def test_a_length_of_two_gigabytes_allocates_nothing(folder):
    record = varint(20) + b"\0\0\0" + varint(2**31 - 1) + bytes(12)
    explanation = explained(folder, f"{STEM}.log", sealed(make_batch_of(0, record, 1)))
    assert_whole(explanation)
    [key] = [one for one in explanation.file_buffer.region.leaves() if one.name == "key"]
    assert key.problem == "it needs 2147483647 bytes, 12 bytes are there"


def test_a_batch_of_twenty_thousand_records_is_explained_by_its_first_ones(folder):
    batch = make_batch(0, [b""] * 20_000)
    explanation = explained(folder, f"{STEM}.log", batch, Wanted(batch=0))
    assert_whole(explanation)
    names = [one.name for one in explanation.file_buffer.region.children[0].children]
    assert names[-2:] == ["record 19", "records 20 to 19999"]
    assert len(explanation.file_buffer.data) < 1000  # of the bytes, too, those left out are not there


def test_a_directory_is_refused_with_its_files_named():
    with pytest.raises(KinspectError, match="a directory") as caught:
        explain(REAL / "indexed-0")
    assert "00000000000000000000.index" in caught.value.hint


def test_a_file_that_is_none_of_kafkas_is_refused(folder):
    with pytest.raises(KinspectError, match="not a file of a log directory"):
        explained(folder, "notes", b"milk, bread")


def test_a_name_that_is_not_there(folder):
    with pytest.raises(KinspectError, match="no such file"):
        explain(folder / "nothing.log")


def test_long_damage_between_batches_keeps_the_place_of_what_follows(folder):
    batch = make_batch(0, [b"a"])
    data = batch + b"\x07" * 9000 + make_batch(1, [b"b"])
    explanation = explained(folder, f"{STEM}.log", data)
    assert_whole(explanation)
    assert [one.name for one in explanation.file_buffer.region.children] == ["batch 0", "no entry", "batch 2"]


def test_of_endless_damage_the_first_bytes_are_kept(folder):
    explanation = explained(folder, f"{STEM}.log", make_batch(0, [b"a"]) + b"\x07" * 200_000)
    assert_whole(explanation)
    assert len(explanation.file_buffer.data) < 10_000
    assert explanation.file_buffer.region.span.size > 200_000


def test_a_file_that_shrinks_while_it_is_explained(folder, monkeypatch):
    from inspector.explaining import logs

    path = folder / f"{STEM}.log"
    path.write_bytes(BASE.read_bytes())
    most = logs._most

    def cut_then(stretch):
        if stretch.ordinal == 2:
            path.write_bytes(BASE.read_bytes()[: stretch.position + 30])
        return most(stretch)

    monkeypatch.setattr(logs, "_most", cut_then)
    explanation = explain(path)
    assert "shrunk-file" in [finding.slug for finding in explanation.findings]
    assert [one.name for one in explanation.file_buffer.region.children] == ["batch 0", "batch 1", "batch 2"]


def test_an_empty_log_is_told(folder):
    explanation = explained(folder, f"{STEM}.log", b"")
    assert_whole(explanation)
    assert "It is empty" in explanation.file_buffer.region.sentence


def test_of_a_long_checkpoint_the_first_lines_are_told(folder):
    lines = 200_000
    explanation = explained(folder, "replication-offset-checkpoint", b"0\n%d\n" % lines + b"t 0 1\n" * lines)
    assert_whole(explanation)
    assert explanation.file_buffer.region.children[-1].name == "more lines"
    assert explanation.notes[0].startswith("1,134,")
    assert len(explanation.file_buffer.data) <= 64 * 1024


def test_a_text_file_has_nothing_to_choose(folder):
    explanation = explained(folder, "meta.properties", BESIDE["meta.properties"], Wanted(offset=3))
    assert explanation.notes[0].startswith("a text file is explained from its start")
