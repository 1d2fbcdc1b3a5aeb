"""What each kind of damage is called, where it is, and that it hides nothing behind it."""

import pytest

from fixtures.make.damage import BASE, RECIPES, damaged, make_batch, path_of, sealed, split, with_fields
from inspector.engine.resync import BUDGET_FACTOR, LEAST_BUDGET
from inspector.engine.window import Window
from inspector.findings import Severity

INTACT = BASE.read_bytes()
BATCHES = split(INTACT)
ALL = list(range(48))


def without(*offsets: int) -> list[int]:
    return [offset for offset in ALL if offset not in offsets]


# recipe: (findings with positions, offsets read, of these marked as damaged)
EXPECTED = {
    "bit-flipped-in-a-value": ([("crc-mismatch", 1269)], ALL, [4, 5, 6, 7]),
    "length-beyond-the-file": ([("truncated-batch", 1269)], without(4, 5, 6, 7), []),
    "length-too-small": ([("batch-length-too-small", 1269)], without(4, 5, 6, 7), []),
    "length-swallows-the-next": ([("crc-mismatch", 1269)], without(4, 5, 6, 7), []),
    "zero-tail": ([("zeroed-tail", 15484)], ALL, []),
    "cut-in-last-batch": ([("truncated-batch", 14087)], ALL[:44], []),
    "cut-in-last-header": ([("truncated-batch", 14087)], ALL[:44], []),
    "zeroed-page": (
        [("crc-mismatch", 3807), ("malformed-record", 4170), ("unreadable-bytes", 5076)],
        [*ALL[:13], *ALL[28:]],
        [12],
    ),
    "foreign-bytes-between": ([("unreadable-bytes", 3807)], ALL, []),
    "unknown-magic": ([("unknown-magic", 1269)], without(4, 5, 6, 7), []),
    "magic-of-an-older-format": ([("unknown-magic", 1269)], without(4, 5, 6, 7), []),
    "wrong-codec": ([("undecompressable", 1269)], without(4, 5, 6, 7), []),
    "undefined-codec": ([("unknown-codec", 1269)], without(4, 5, 6, 7), []),
    "count-too-large": ([("malformed-record", 2538), ("offset-not-increasing", 2538)], ALL, [4, 5, 6, 7]),
    "count-too-small": ([("surplus-record-bytes", 1269)], without(7), [4, 5, 6]),
    "record-length-lies": ([("malformed-record", 1269)], without(4, 5, 6, 7), []),
    "offset-goes-back": ([("offset-not-increasing", 3807)], [*ALL[:12], 2, 3, 4, 5, *ALL[16:]], []),
    "batch-twice": ([("offset-not-increasing", 3807)], [*ALL[:12], 8, 9, 10, 11, *ALL[12:]], []),
    "batch-in-a-value": ([], without(15), []),
    "batch-in-a-value-bit-flipped": ([("crc-mismatch", 3807)], without(15), [12, 13, 14]),
    "batch-in-a-value-length-lies": ([("truncated-batch", 3807)], without(12, 13, 14, 15), []),
    "batch-in-a-value-torn": ([("truncated-batch", 3807)], ALL[:12], []),
    "decompression-bomb": ([("decompression-limit", 0)], [4, 5, 6, 7], []),
}


@pytest.mark.parametrize("recipe", EXPECTED)
def test_damage_has_its_name_and_place_and_hides_nothing_behind_it(recipe, scan):
    places, offsets, suspect = EXPECTED[recipe]
    scanned = scan(damaged(recipe), base_offset=0)
    assert scanned.places == places
    assert scanned.offsets == offsets
    assert [record.offset for _, record in scanned.records if record.damaged] == suspect


def test_every_recipe_is_expected_somewhere():
    assert EXPECTED.keys() | {"look-alike-headers"} == RECIPES.keys()


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_bundled_file_is_what_the_recipe_makes(recipe):
    assert path_of(recipe).read_bytes() == damaged(recipe)


def test_look_alike_headers_cost_a_bounded_search_and_give_no_record(scan):
    data = damaged("look-alike-headers")
    scanned = scan(data, base_offset=0)
    assert scanned.records == []
    assert scanned.slugs == ["crc-mismatch", "malformed-record", "search-budget-spent"]
    assert scanned.findings[-1].found <= LEAST_BUDGET + BUDGET_FACTOR * len(data)


@pytest.mark.parametrize("count", [100, 400])
def test_headers_that_each_claim_the_rest_of_the_file_cost_a_bounded_number_of_checksums(count, scan, monkeypatch):
    size = count * (len(make_batch(0, [b""])) + len(make_batch(1, [b""])))
    data = b""
    for number in range(count):
        liar = with_fields(make_batch(2 * number, [b""]), batch_length=size - len(data) - 12, crc=1)
        data += liar + make_batch(2 * number + 1, [b""])
    checked = []
    crc32c = Window.crc32c
    monkeypatch.setattr(
        Window, "crc32c", lambda self, start, end: checked.append(end - start) or crc32c(self, start, end)
    )
    assert scan(data, base_offset=0).slugs[-1] == "search-budget-spent"
    assert sum(checked) <= 2 * (LEAST_BUDGET + BUDGET_FACTOR * len(data))


def test_what_follows_from_a_wrong_crc_says_so(scan):
    crc, inside, _ = scan(damaged("zeroed-page"), base_offset=0).findings
    assert (crc.caused_by, inside.caused_by) == (None, "crc-mismatch at position 3807")


def test_a_finding_names_the_bytes_from_the_damage_to_where_reading_goes_on(scan):
    (finding,) = scan(damaged("length-beyond-the-file"), base_offset=0).findings
    assert (finding.location.position, finding.location.size, finding.location.field) == (1269, 1269, "batch_length")
    assert (finding.first_offset, finding.last_offset) == (4, 7)
    assert (finding.expected, finding.found) == (0x7F000000 + 12, len(INTACT) - 1269)


@pytest.mark.parametrize("cut", [8, 16, 17, 18, 60, 61, 62, 500, 1268])
def test_a_cut_anywhere_in_the_last_batch_is_a_truncated_batch(cut, scan):
    scanned = scan(b"".join(BATCHES[:2]) + BATCHES[2][:cut], base_offset=0)
    assert scanned.places == [("truncated-batch", 2538)]
    assert scanned.offsets == ALL[:8]


@pytest.mark.parametrize("position", range(61))
@pytest.mark.parametrize("bit", [0x01, 0x80])
def test_a_bit_flipped_anywhere_in_a_header_never_hides_the_next_batch(position, bit, scan):
    flipped = bytearray(BATCHES[1])
    flipped[position] ^= bit
    scanned = scan(BATCHES[0] + bytes(flipped) + b"".join(BATCHES[2:]), base_offset=0)
    intact = [record.offset for _, record in scanned.records if not record.damaged]
    assert intact[:4] == [0, 1, 2, 3] and intact[-40:] == ALL[8:]
    if not 12 <= position < 16:  # nothing on the disk vouches for the leader epoch
        assert scanned.findings or [batch.base_offset for batch in scanned.batches][1] != 4


def test_zeros_between_batches_are_damage_not_a_tail(scan):
    scanned = scan(BATCHES[0] + bytes(300) + b"".join(BATCHES[1:]), base_offset=0)
    assert scanned.places == [("unreadable-bytes", 1269)]
    assert scanned.findings[0].found == 300
    assert scanned.offsets == ALL


def test_two_damaged_batches_in_a_row_are_two_findings_and_the_third_is_read(scan):
    broken = [with_fields(batch, batch_length=7) for batch in BATCHES[1:3]]
    scanned = scan(BATCHES[0] + b"".join(broken) + b"".join(BATCHES[3:]), base_offset=0)
    assert scanned.places[0] == ("batch-length-too-small", 1269)
    assert scanned.offsets == without(*range(4, 12))


def test_a_batch_from_another_place_does_not_fit_between_its_neighbours(scan):
    stranger = make_batch(5_000_000_000, [b"from another segment"])
    data = BATCHES[0] + b"\xff" * 100 + stranger + b"\xff" * 100 + b"".join(BATCHES[1:])
    scanned = scan(data, base_offset=0)
    assert scanned.offsets == ALL
    assert scanned.places == [("unreadable-bytes", 1269)]


def test_an_offset_beyond_the_segment_is_named_and_the_rest_goes_on(scan):
    far = with_fields(BATCHES[1], base_offset=2**40)  # outside the CRC
    scanned = scan(BATCHES[0] + far + b"".join(BATCHES[2:]), base_offset=0)
    assert scanned.places == [("segment-name-mismatch", 1269)]
    assert scanned.findings[0].location.field == "base_offset"


def test_a_misnamed_file_is_one_finding_and_all_of_it_is_read(scan):
    scanned = scan(INTACT, base_offset=9999)
    assert scanned.places == [("segment-name-mismatch", 0)]
    assert scanned.offsets == ALL


def test_a_header_that_no_broker_writes_is_named_even_when_its_crc_holds(scan):
    odd = sealed(with_fields(BATCHES[1], producer_id=-7))
    scanned = scan(BATCHES[0] + odd + b"".join(BATCHES[2:]), base_offset=0)
    assert scanned.places == [("implausible-header", 1269)]
    assert scanned.offsets == ALL


def test_attribute_bits_of_a_release_to_come_are_named_and_the_batch_is_read(scan):
    odd = sealed(with_fields(BATCHES[1], attributes=0x4000))
    scanned = scan(BATCHES[0] + odd + b"".join(BATCHES[2:]), base_offset=0)
    assert scanned.places == [("unknown-attributes", 1269)]
    assert scanned.findings[0].severity == Severity.WARNING
    assert scanned.offsets == ALL


def test_an_empty_file_is_a_log_without_records(scan):
    scanned = scan(b"", base_offset=0)
    assert (scanned.batches, scanned.records, scanned.findings) == ([], [], [])


def test_a_file_of_zeros_is_a_preallocated_segment(scan):
    assert scan(bytes(4096), base_offset=0).places == [("zeroed-tail", 0)]
