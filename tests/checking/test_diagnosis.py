"""What kind of damage it is: measured on damage of known kinds, for every format and codec."""

from __future__ import annotations

import importlib.util
import random
import zlib
from collections import Counter
from pathlib import Path

import google_crc32c
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.make.damage import BASE, make_batch, sealed, split, with_fields
from fixtures.make.damage_kinds import (
    CODECS,
    RECIPES,
    SEGMENTS,
    Damaged,
    damaged,
    entries_of,
    flipped,
    patched,
    segment,
    starts,
)
from inspector.checking import diagnosis
from inspector.checking.flips import CASTAGNOLI, IEEE, Bit, flipped_bit
from inspector.checking.scene import MOST_BYTES
from inspector.findings import Finding
from tests.conftest import require

from .rules import found_by, written

SEEDS = 4
BATCHES = split(BASE.read_bytes())
FLIPS = [name for name in RECIPES if name.startswith("flip")]

# recipe: the least share of answers that must be right; the rest may be no answer, but not another one
LEAST_RIGHT = {
    **dict.fromkeys(FLIPS, 1.0),
    "torn-at-the-end": 1.0,
    "torn-into-zeros": 1.0,
    "zeroed-sectors": 1.0,
    "zeroed-page": 1.0,
    "foreign-over-a-batch": 0.95,
    "foreign-between": 1.0,
    "foreign-sector": 0.5,  # text in text is nothing to notice
    "lying-length": 1.0,
    "wrong-codec": 0.8,  # of a message that was not compressed nothing tells so
}
NO_ANSWER = ("scattered-bytes", "inserted-bytes", "removed-bytes")
MAY_BE_TAKEN_FOR = {"torn-into-older-bytes": {"torn-write", "foreign-bytes", None}}


def roots(folder: Path, data: bytes) -> list[Finding]:
    return [one for one in found_by("crc", written(folder / "t-0", _0=data)) if not one.caused_by]


def told(folder: Path, made: Damaged) -> Finding:
    """The one finding at the entry that was damaged."""
    (finding,) = (one for one in roots(folder, made.data) if one.location.position == made.position)
    return finding


def answers(folder: Path, name: str, seeds: int) -> list[tuple[Damaged, Finding]]:
    made = [
        (f"{version}-{codec}-{seed}", damaged(name, version, codec, seed))
        for version, codec in SEGMENTS
        for seed in range(seeds)
    ]
    return [(one, told(folder / place, one)) for place, one in made]


@pytest.mark.parametrize(("version", "codec"), SEGMENTS)
def test_the_segments_are_intact_before(version, codec, tmp_path):
    assert roots(tmp_path, b"".join(segment(version, codec))) == []


def test_every_recipe_is_measured():
    assert LEAST_RIGHT.keys() | set(NO_ANSWER) | MAY_BE_TAKEN_FOR.keys() == RECIPES.keys()


@pytest.mark.parametrize("name", LEAST_RIGHT)
def test_a_kind_is_told_as_often_as_promised_and_never_taken_for_another(name, tmp_path):
    outcomes = Counter((made.kind, finding.damage) for made, finding in answers(tmp_path, name, SEEDS))
    right = sum(count for (kind, damage), count in outcomes.items() if kind == damage)
    assert {damage for _, damage in outcomes} <= {None, *(kind for kind, _ in outcomes)}, outcomes
    assert right >= LEAST_RIGHT[name] * outcomes.total(), outcomes


@pytest.mark.parametrize("name", FLIPS)
def test_the_very_bit_is_named(name, tmp_path):
    for made, finding in answers(tmp_path, name, SEEDS):
        position, bit = made.bit or (None, None)
        words = f"looks like a single flipped bit at position {position}, bit {bit} (hypothesis)"
        assert finding.diagnosis == words
        assert finding.message.endswith(f"; {words}")


@pytest.mark.parametrize("name", NO_ANSWER)
def test_where_nothing_tells_no_answer_is_given(name, tmp_path):
    assert {finding.damage for _, finding in answers(tmp_path, name, SEEDS)} == {None}


@pytest.mark.parametrize("name", MAY_BE_TAKEN_FOR)
def test_what_is_hard_to_tell_is_no_flipped_bit_at_least(name, tmp_path):
    assert {finding.damage for _, finding in answers(tmp_path, name, SEEDS)} <= MAY_BE_TAKEN_FOR[name]


@pytest.mark.parametrize("name", RECIPES)
def test_the_answer_is_the_same_on_both_engines(name, tmp_path, monkeypatch):
    if importlib.util.find_spec("inspector._native") is None:
        require("native", "the native engine is not built")
    said = {}
    for engine in ("spec", "native"):
        monkeypatch.setenv("KINSPECT_ENGINE", engine)
        said[engine] = [finding for _, finding in answers(tmp_path / engine, name, 1)]
    assert said["spec"] == said["native"]


class TestFlippedBits:
    @settings(max_examples=200)
    @given(st.binary(min_size=1, max_size=3000), st.data())
    def test_the_syndrome_tells_the_bit(self, data, draw):
        place = Bit(draw.draw(st.integers(0, len(data) - 1)), draw.draw(st.integers(0, 7)))
        for polynomial, crc in ((CASTAGNOLI, google_crc32c.value), (IEEE, zlib.crc32)):
            syndrome = crc(data) ^ crc(place.flipped(data))
            assert flipped_bit(polynomial, syndrome, len(data)) == place

    @pytest.mark.parametrize("polynomial", [CASTAGNOLI, IEEE])
    def test_no_difference_is_no_bit_and_a_bit_before_the_bytes_neither(self, polynomial):
        data = bytes(range(100))
        crc = google_crc32c.value if polynomial == CASTAGNOLI else zlib.crc32
        assert flipped_bit(polynomial, 0, 100) is None
        assert flipped_bit(polynomial, crc(data) ^ crc(flipped(data, 0, 0)), 99) is None

    @pytest.mark.parametrize("size", [300_000, MOST_BYTES - 1000])
    def test_in_a_large_batch_too(self, size, tmp_path):
        rng = random.Random(size)
        batch = make_batch(0, [rng.randbytes(size)])
        place, bit = rng.randrange(30, size), rng.randrange(8)
        made = Damaged(flipped(batch, place, bit) + BATCHES[1], "bit-flip", 0)
        assert f"position {place}, bit {bit} " in (told(tmp_path, made).diagnosis or "")

    def test_beyond_the_largest_that_is_looked_into_nothing_is_said(self, tmp_path):
        batch = make_batch(0, [bytes(range(256)) * (MOST_BYTES // 256)])
        assert told(tmp_path, Damaged(flipped(batch, 3_000_000, 1) + BATCHES[1], None, 0)).damage is None

    def test_two_bits_are_not_one(self, tmp_path):
        data = flipped(flipped(b"".join(BATCHES), 1400, 0), 1500, 3)
        assert told(tmp_path, Damaged(data, None, len(BATCHES[0]))).damage is None

    def test_a_sign_that_no_crc_covers(self, tmp_path):
        data = flipped(b"".join(BATCHES), len(BATCHES[0]) + 12, 7)
        finding = told(tmp_path, Damaged(data, "bit-flip", len(BATCHES[0])))
        assert (finding.slug, finding.damage) == ("implausible-header", "bit-flip")
        assert f"position {len(BATCHES[0]) + 12}, bit 7 " in (finding.diagnosis or "")


class TestOffsets:
    """No CRC covers them; the batches beside tell."""

    def places(self, tmp_path, data):
        return [(one.slug, one.location.position, one.diagnosis) for one in roots(tmp_path, data)]

    @pytest.mark.parametrize("version", ["v0", "v1", "v2"])
    @pytest.mark.parametrize("which", [0, 3, 20])
    def test_a_bit_that_makes_an_offset_greater_is_told_at_the_batch_behind(self, version, which, tmp_path):
        entries = segment(version, "none")
        offset = int.from_bytes(entries[3][:8], "big")
        bit = [number for number in range(31) if not offset >> number & 1][which]
        place = starts(entries)[3] + 7 - bit // 8
        data = flipped(b"".join(entries), place, bit % 8)
        ((slug, position, words),) = self.places(tmp_path, data)
        assert (slug, position) == ("offset-not-increasing", starts(entries)[4])
        assert words == f"looks like a single flipped bit at position {place}, bit {bit % 8} (hypothesis)"

    def test_a_bit_that_makes_an_offset_less(self, tmp_path):
        place = starts(BATCHES)[3] + 7
        ((slug, position, words),) = self.places(tmp_path, flipped(b"".join(BATCHES), place, 3))
        assert (slug, position) == ("offset-not-increasing", starts(BATCHES)[3])
        assert words == f"looks like a single flipped bit at position {place}, bit 3 (hypothesis)"

    def test_the_first_batch_of_a_segment(self, tmp_path):
        ((slug, position, words),) = self.places(tmp_path, flipped(b"".join(BATCHES), 6, 1))
        assert (slug, position) == ("offset-not-increasing", starts(BATCHES)[1])
        assert words == "looks like a single flipped bit at position 6, bit 1 (hypothesis)"

    def test_where_offsets_have_gaps_nothing_is_told(self, tmp_path):
        data = flipped(b"".join((*BATCHES[:2], *BATCHES[3:])), starts(BATCHES)[2] + 7, 4)
        assert self.places(tmp_path, data)[0][2] is None

    def test_a_batch_outside_its_segment(self, tmp_path):
        place = starts(BATCHES)[3] + 2
        ((slug, position, words),) = self.places(tmp_path, flipped(b"".join(BATCHES), place, 6))
        assert (slug, position) == ("segment-name-mismatch", starts(BATCHES)[3])
        assert words == f"looks like a single flipped bit at position {place}, bit 6 (hypothesis)"

    def test_a_batch_that_stands_there_twice_is_no_flipped_bit(self, tmp_path):
        assert self.places(tmp_path, b"".join((*BATCHES[:3], BATCHES[2])))[0][2] is None


class TestConsequences:
    def test_what_lies_inside_an_entry_whose_length_was_proven_to_lie(self, tmp_path):
        entries = [*entries_of("v2", "zstd", 0, [b"some value"]), *entries_of("v2", "zstd", 1, [b"another value"])]
        begin = len(entries[0])
        for bit in range(16):
            data = flipped(b"".join(entries), begin + 11 - bit // 8, bit % 8)
            (finding,) = roots(tmp_path / str(bit), data)
            assert (finding.location.position, finding.damage) == (begin, "bit-flip"), bit

    @pytest.mark.parametrize("bit", range(2, 20))
    def test_the_offset_of_a_v0_wrapper(self, bit, tmp_path):
        entries = segment("v0", "gzip")
        offset = int.from_bytes(entries[1][:8], "big")
        data = patched(b"".join(entries), len(entries[0]), (offset ^ 1 << bit).to_bytes(8, "big"))
        (finding,) = roots(tmp_path, data)
        assert finding.location.position == len(entries[0])


class TestShapes:
    def test_a_value_of_zeros_is_no_page(self, tmp_path):
        batch = make_batch(0, [b"x" * 100, bytes(2000), b"y" * 100])
        data = patched(patched(batch, 90, b"??"), 2200, b"??") + BATCHES[1]
        assert told(tmp_path, Damaged(data, None, 0)).damage is None

    @pytest.mark.parametrize("name", CODECS[1:])
    def test_the_codec_that_the_records_are_in_is_named(self, name, tmp_path):
        batch = segment("v2", name)[0]
        attributes = 5
        changed = sealed(with_fields(batch, attributes=attributes))
        finding = told(tmp_path, Damaged(changed, "wrong-codec", 0))
        assert finding.diagnosis == f"the attributes name the codec unknown(5), the records are {name}"

    def test_a_consequence_has_no_kind_of_its_own(self, tmp_path):
        data = patched(b"".join(BATCHES), 1269 + 61, bytes(40))
        found = found_by("crc", written(tmp_path / "t-0", _0=data))
        assert [one.damage for one in found if one.caused_by] == [None]


class TestBounds:
    def test_so_many_findings_are_looked_into_and_no_more(self, tmp_path, monkeypatch):
        monkeypatch.setattr(diagnosis, "MOST_DIAGNOSED", 3)
        data = b"".join(flipped(batch, 100, 0) for batch in BATCHES)
        kinds = [one.damage for one in roots(tmp_path, data)]
        assert kinds == ["bit-flip"] * 3 + [None] * (len(BATCHES) - 3)

    def test_a_file_that_is_gone_by_then_leaves_the_finding_as_it_is(self, tmp_path, monkeypatch):
        seen = []
        real = diagnosis.diagnosis_of

        def first_remove(finding, segment, engine):
            segment.path.unlink(missing_ok=True)
            seen.append(finding)
            return real(finding, segment, engine)

        monkeypatch.setattr(diagnosis, "diagnosis_of", first_remove)
        found = roots(tmp_path, flipped(b"".join(BATCHES), 100, 0))
        assert found[0] == seen[0]

    @settings(max_examples=60)
    @given(st.sampled_from(SEGMENTS), st.data())
    def test_whatever_the_bytes_are_nothing_is_raised(self, tmp_path_factory, kind, draw):
        data = b"".join(segment(*kind)[:3])
        for _ in range(draw.draw(st.integers(1, 4))):
            patch = draw.draw(st.binary(max_size=40) | st.just(bytes(600)))
            data = patched(data, draw.draw(st.integers(0, len(data) - 1)), patch)
        roots(tmp_path_factory.mktemp("any"), data[: draw.draw(st.integers(0, len(data)))])


def test_machines_get_the_kind_and_people_the_sentence(kinspect, tmp_path):
    path = written(tmp_path / "t-0", _0=flipped(b"".join(BATCHES), 1400, 3))
    rows = kinspect("verify", path, "-f", "csv", "--columns", "slug,damage").stdout
    assert "crc-mismatch,bit-flip" in rows
    table = kinspect("verify", path).stdout
    assert "looks like a single flipped bit at position 1400, bit 3 (hypothesis)" in table
