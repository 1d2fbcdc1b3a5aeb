"""What is said of a lab's topic: the right word, the right records, the right places."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.findings import Finding
from inspector.labs import LABS
from inspector.labs.check import LabResult, Outcome, check
from inspector.labs.tally import HOPELESS_AFTER, KEPT, SeenRecord

from .conftest import RECORD_BYTES, Payload, Topic

MakeTopic = Callable[..., Topic]


def checked(number: int, topic: Topic) -> LabResult:
    """The verdict on a topic."""
    return check(LABS[number], topic.count, topic.records())


def named(findings: list[Finding]) -> list[tuple[str, str, int | None]]:
    """Slug, file and position of each finding."""
    return [(finding.slug, finding.location.path, finding.location.position) for finding in findings]


def at(topic: Topic, partition: int, offset: int) -> tuple[str, int]:
    """File and position of a record."""
    return f"{topic.name}-{partition}/00000000000000000000.log", offset * RECORD_BYTES


# ---- As expected


@pytest.mark.parametrize("number", LABS)
def test_one_run_is_as_expected(number: int, topic_of: MakeTopic) -> None:
    result = checked(number, topic_of(LABS[number]))
    assert (result.outcome, result.runs, result.findings, result.ok) == (Outcome.AS_EXPECTED, 1, [], True)
    assert result.records == len(LABS[number].expected(LABS[number].partitions))


@pytest.mark.parametrize("number", LABS)
def test_more_runs_are_as_expected_too(number: int, topic_of: MakeTopic) -> None:
    result = checked(number, topic_of(LABS[number], runs=3))
    assert (result.outcome, result.runs, result.findings) == (Outcome.AS_EXPECTED, 3, [])
    assert "run 3 times" in result.text


def test_the_verdict_is_a_sentence_with_its_evidence(topic_of: MakeTopic) -> None:
    result = checked(4, topic_of(LABS[4]))
    assert result.text == "lab 4: placed as expected (4 of 4 records, run once)"
    assert result.lines == (
        "partition 0: 3 → 369   (3 % 3 = 0; 369 % 3 = 0)",
        "partition 1: 301   (301 % 3 = 1)",
        "partition 2: 2   (2 % 3 = 2)",
    )


def test_the_evidence_of_hashed_keys_is_their_hash(topic_of: MakeTopic) -> None:
    assert checked(2, topic_of(LABS[2])).lines == (
        'partition 2: foo → foo   (murmur2("foo") = 597841616, 597841616 % 3 = 2)',
    )
    assert checked(3, topic_of(LABS[3])).lines == (
        'partition 0: ping 1 → ping 2 → ping 3   (murmur2("ping") = 1679575974, 1679575974 % 3 = 0)',
        "partition 2: pong 4 → pong 5 → pong 6   "
        '(murmur2("pong") = -739096614, without its sign bit 1408387034, 1408387034 % 3 = 2)',
    )


def test_the_evidence_of_two_runs_is_not_told_twice(topic_of: MakeTopic) -> None:
    assert checked(1, topic_of(LABS[1], runs=2)).lines == (
        "partition 0: 6, 2 times   (sent with partition=0)",
        "partition 1: 1 → 2 → 3, 2 times   (sent with partition=1)",
        "partition 2: 4 → 5, 2 times   (sent with partition=2)",
    )


def test_partitions_may_be_read_in_turns(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[1], runs=2)
    by_partition = [[record for record in topic.records() if record.partition == p] for p in range(3)]
    in_turns = (record for record in chain.from_iterable(zip_longest(*by_partition)) if record is not None)
    assert check(LABS[1], 3, in_turns).outcome is Outcome.AS_EXPECTED


def test_two_producers_at_the_same_time_each_keep_their_order(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[1])
    one, two, three = topic.partitions[1]
    topic.partitions = [topic.partitions[0] * 2, [one, two, one, three, two, three], topic.partitions[2] * 2]
    result = checked(1, topic)
    assert (result.outcome, result.runs) == (Outcome.AS_EXPECTED, 2)


def test_equal_records_are_told_from_doubled_ones_by_the_lab(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[2], runs=2)
    assert len(topic.partitions[2]) == 4
    assert checked(2, topic).text == "lab 2: placed as expected (4 of 4 records, run 2 times)"


@given(number=st.sampled_from([1, 3, 4]), runs=st.integers(1, 4), data=st.data())
def test_runs_may_overlap_in_any_way_that_keeps_their_order(number: int, runs: int, data: st.DataObject) -> None:
    partitions: list[list[Payload]] = []
    for partition in range(3):
        one_run = [record.identity for record in LABS[number].expected(3) if record.partition == partition]
        turns = data.draw(st.permutations([run for run in range(runs) for _ in one_run]))
        sources = [iter(one_run) for _ in range(runs)]
        partitions.append([next(sources[turn]) for turn in turns])
    result = checked(number, Topic(LABS[number].topic, partitions))
    assert (result.outcome, result.runs) == (Outcome.AS_EXPECTED, runs)


# ---- One record is not as it should be


def test_a_moved_record_is_misplaced_and_nothing_else(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[4])
    topic.partitions[2].append(topic.partitions[1].pop())
    result = checked(4, topic)
    assert (result.outcome, result.ok) == (Outcome.MISMATCH, False)
    assert named(result.findings) == [("lab-record-misplaced", *at(topic, 2, 1))]
    found = result.findings[0]
    assert found.message == "expected in partition 1, found key 301, value Hello Partitioner 4 in partition 2"
    assert (found.code, found.first_offset) == ("KI-7003", 1)
    assert result.text == "lab 4: not as expected: 1 misplaced (3 of 4 records, run once)"
    assert result.lines[1] == "expected in partition 1: 301   (301 % 3 = 1)"


def test_a_missing_record_is_named_with_its_partition(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[3])
    del topic.partitions[2][1]
    result = checked(3, topic)
    assert named(result.findings) == [("lab-record-missing", "hello-world-3-2", None)]
    finding = result.findings[0]
    assert (finding.location.topic, finding.location.partition, finding.code) == ("hello-world-3", 2, "KI-7001")
    assert finding.message == 'expected key pong, value {"number": 5}, found nothing'
    assert result.text == "lab 3: not as expected: 1 missing (5 of 6 records, run once)"


def test_a_record_missing_from_the_second_of_two_runs_is_missing(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[3], runs=2)
    del topic.partitions[0][3]
    result = checked(3, topic)
    assert (result.runs, [finding.slug for finding in result.findings]) == (2, ["lab-record-missing"])


def test_a_whole_partition_may_be_missing(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[1])
    topic.partitions[1] = []
    result = checked(1, topic)
    assert named(result.findings) == [("lab-record-missing", "hello-world-1-1", None)] * 3


def test_a_doubled_record_is_named_at_its_second_place(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[1])
    topic.partitions[1].insert(2, topic.partitions[1][0])
    result = checked(1, topic)
    assert named(result.findings) == [("lab-record-doubled", *at(topic, 1, 2))]
    assert result.findings[0].message == 'expected value {"number": 1} once, found twice'
    assert result.text == "lab 1: not as expected: 1 doubled (6 of 6 records, run once)"


def test_a_third_foo_is_doubled(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[2])
    topic.partitions[2].append(topic.partitions[2][0])
    result = checked(2, topic)
    assert named(result.findings) == [("lab-record-doubled", *at(topic, 2, 2))]
    assert result.findings[0].message == "expected key foo, value bar twice, found 3 times"


def test_a_copy_in_another_partition_is_misplaced(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[4])
    topic.partitions[1].append(topic.partitions[0][0])
    assert named(checked(4, topic).findings) == [("lab-record-misplaced", *at(topic, 1, 1))]


def test_a_foreign_record_among_complete_lab_data_is_named(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[4])
    topic.partitions[0].insert(1, (b"3", b"Hello Stranger"))
    result = checked(4, topic)
    assert named(result.findings) == [("lab-record-foreign", *at(topic, 0, 1))]
    assert result.findings[0].message == "not a record of this lab: key 3, value Hello Stranger"
    assert result.outcome is Outcome.MISMATCH


def test_a_changed_value_is_missing_and_foreign(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[4])
    topic.partitions[1][0] = (b"301", b"Hello Partitioner 5")
    result = checked(4, topic)
    assert [finding.slug for finding in result.findings] == ["lab-record-missing", "lab-record-foreign"]


def test_a_null_key_is_not_an_empty_key(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[1])
    topic.partitions[0][0] = (b"", topic.partitions[0][0][1])
    result = checked(1, topic)
    assert result.findings[1].message == 'not a record of this lab: key (empty), value {"number": 6}'


@pytest.mark.parametrize(
    ("order", "late", "message"),
    [
        ((1, 0, 2), 1, "expected 1 before 2, found 1 behind 2"),
        ((0, 2, 1), 2, "expected 2 before 3, found 2 behind 3"),
        ((1, 2, 0), 2, "expected 1 before 3, found 1 behind 3"),
    ],
)
def test_a_record_out_of_order_is_named(order: tuple[int, ...], late: int, message: str, topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[1])
    topic.partitions[1] = [topic.partitions[1][place] for place in order]
    result = checked(1, topic)
    assert named(result.findings) == [("lab-order", *at(topic, 1, late))]
    assert result.findings[0].message == message
    assert result.text == "lab 1: not as expected: 1 out of order (6 of 6 records, run once)"


def test_a_reversed_partition_has_one_record_in_place(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[1])
    topic.partitions[1].reverse()
    assert named(checked(1, topic).findings) == [("lab-order", *at(topic, 1, 1)), ("lab-order", *at(topic, 1, 2))]


def test_the_broken_order_is_found_in_the_run_that_has_it(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[1], runs=2)
    one, two, three = topic.partitions[1][:3]
    topic.partitions[1] = [two, one, three, one, two, three]
    assert named(checked(1, topic).findings) == [("lab-order", *at(topic, 1, 1))]


def test_a_gap_does_not_break_the_order(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[1])
    del topic.partitions[1][0]
    assert [finding.slug for finding in checked(1, topic).findings] == ["lab-record-missing"]


def test_a_run_that_was_stopped_half_way_left_doubles(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[4])
    topic.partitions[0].append(topic.partitions[0][0])
    topic.partitions[2].append(topic.partitions[2][0])
    result = checked(4, topic)
    assert (result.runs, [finding.slug for finding in result.findings]) == (1, ["lab-record-doubled"] * 2)


def test_several_deviations_are_all_told(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[1])
    six = topic.partitions[0].pop()
    topic.partitions[1] = [topic.partitions[1][1], topic.partitions[1][0], (None, b"?"), six]
    result = checked(1, topic)
    assert result.text == (
        "lab 1: not as expected: 1 missing, 1 misplaced, 1 out of order, 1 foreign (4 of 6 records, run once)"
    )
    assert len(result.findings) == 4


# ---- Another number of partitions


@pytest.mark.parametrize("number", LABS)
@pytest.mark.parametrize("count", [1, 2, 5])
def test_another_partition_count_is_one_finding(number: int, count: int, topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[number], count)
    result = checked(number, topic)
    assert (result.outcome, result.runs) == (Outcome.WRONG_PARTITION_COUNT, 1)
    assert named(result.findings) == [("lab-partition-count", topic.name, None)]
    assert (result.findings[0].expected, result.findings[0].found) == (LABS[number].partitions, count)


def test_one_partition_is_the_tutorials_missing_space(topic_of: MakeTopic) -> None:
    result = checked(4, topic_of(LABS[4], 1))
    assert result.text == (
        "lab 4: hello-world-4 has 1 partition, the lab needs 3; "
        "its records lie as that count gives it (4 records, run once)"
    )
    assert result.lines[0].startswith("probably auto-created with 1 partition: the tutorial's create command lacks a")
    assert result.lines[1:] == (
        "with 1 partition the records of this lab belong here:",
        "partition 0: 3 → 2 → 369 → 301   (3 % 1 = 0; 2 % 1 = 0; 369 % 1 = 0; 301 % 1 = 0)",
    )
    assert "lacks a space before --replication-factor" in result.findings[0].next_step


def test_five_partitions_have_another_placement_and_no_missing_space(topic_of: MakeTopic) -> None:
    result = checked(4, topic_of(LABS[4], 5))
    assert result.lines == (
        "with 5 partitions the records of this lab belong here:",
        "partition 1: 301   (301 % 5 = 1)",
        "partition 2: 2   (2 % 5 = 2)",
        "partition 3: 3   (3 % 5 = 3)",
        "partition 4: 369   (369 % 5 = 4)",
    )


def test_what_cannot_be_sent_is_not_missing(topic_of: MakeTopic) -> None:
    result = checked(1, topic_of(LABS[1], 2))
    assert result.lines[-1] == "not sent at all: 4, 5   (their partitions do not exist)"
    assert len(result.findings) == 1


def test_a_record_that_could_not_be_sent_is_misplaced_where_it_lies(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[1], 1)
    topic.partitions[0].append((None, b'{"number": 1}'))
    result = checked(1, topic)
    assert named(result.findings)[1:] == [("lab-record-misplaced", *at(topic, 0, 1))]
    assert result.findings[1].expected == 1


def test_deviations_under_another_count_are_named_as_well(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[4], 5)
    topic.partitions[0].append(topic.partitions[4].pop())
    result = checked(4, topic)
    assert named(result.findings) == [
        ("lab-partition-count", "hello-world-4", None),
        ("lab-record-misplaced", *at(topic, 0, 0)),
    ]
    assert "also with that count not as expected: 1 misplaced" in result.text


def test_partitions_added_after_the_run_explain_the_old_places(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[4])
    topic.partitions += [[], []]
    result = checked(4, topic)
    assert result.text == (
        "lab 4: hello-world-4 has 5 partitions, the lab needs 3; "
        "its records lie as 3 give it: were partitions added after the run?"
    )
    assert {finding.caused_by for finding in result.findings[1:]} == {"lab-partition-count at hello-world-4"}


def test_an_empty_topic_with_another_count_is_still_one_finding() -> None:
    result = checked(1, Topic("hello-world-1", [[]]))
    assert (result.outcome, result.runs, len(result.findings)) == (Outcome.WRONG_PARTITION_COUNT, 0, 1)
    assert "it holds no records" in result.text


# ---- Nothing, or something else


@pytest.mark.parametrize("number", LABS)
def test_a_topic_without_records_was_not_run(number: int) -> None:
    result = checked(number, Topic(LABS[number].topic, [[] for _ in range(LABS[number].partitions)]))
    assert (result.outcome, result.runs, result.records) == (Outcome.EMPTY, 0, 0)
    assert named(result.findings) == [("lab-not-run", f"hello-world-{number}", None)]
    assert result.text == f"lab {number}: hello-world-{number} holds no records, the lab was not run"


def test_other_data_is_one_finding_with_a_sample() -> None:
    topic = Topic("hello-world-1", [[], [(b"user-1", b"bought a book"), (None, b"x")], [(None, None)] * 50])
    result = checked(1, topic)
    assert (result.outcome, result.runs) == (Outcome.NOT_LAB_DATA, 0)
    assert named(result.findings) == [("not-lab-data", *at(topic, 1, 0))]
    assert result.findings[0].message == (
        "holds no lab data: 52 records, for instance key user-1, value bought a book at offset 0"
    )
    assert result.text == "lab 1: hello-world-1 holds no data of this lab (52 records looked at)"


def test_other_data_is_not_the_labs_because_one_record_looks_like_it() -> None:
    topic = Topic("hello-world-1", [[(None, b'{"number": %d}' % number) for number in range(6, 600)], [], []])
    result = checked(1, topic)
    assert (result.outcome, len(result.findings)) == (Outcome.NOT_LAB_DATA, 1)


def test_a_record_of_another_lab_is_not_lab_data(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[4])
    topic.name = "hello-world-3"
    assert checked(3, topic).outcome is Outcome.NOT_LAB_DATA


def test_reading_stops_where_a_topic_is_plainly_something_else() -> None:
    topic = Topic("hello-world-2", [])
    read = 0

    def endless() -> Iterator[SeenRecord]:
        nonlocal read
        while True:
            read += 1
            yield topic.record(0, read, (b"user", b"%d" % read))

    result = check(LABS[2], 3, endless())
    assert (read, result.records, result.outcome) == (HOPELESS_AFTER, HOPELESS_AFTER, Outcome.NOT_LAB_DATA)
    assert result.text == "lab 2: hello-world-2 holds no data of this lab (the first 10,000 records looked at)"
    assert result.lines == ("reading stopped there",)


def test_many_foreign_records_are_counted_but_not_all_listed(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[4])
    topic.partitions[1] += [(b"%d" % number, b"foreign") for number in range(50_000)]
    result = checked(4, topic)
    assert [finding.slug for finding in result.findings] == ["lab-record-foreign"] * KEPT
    assert result.lines[-1] == "foreign: 20 of 50,000 are listed"
    assert result.text == "lab 4: not as expected: 50,000 foreign (4 of 4 records, run once)"


def test_what_payloads_hold_cannot_reach_a_terminal(topic_of: MakeTopic) -> None:
    topic = topic_of(LABS[4])
    topic.partitions[0].append((b"\x1b[2J", b"lab 4: placed as expected\n\x00\xe2\x80\xae"))
    result = checked(4, topic)
    texts = [result.text, *result.lines, *(str(finding) for finding in result.findings)]
    assert all(text.isprintable() for text in texts)
    assert result.findings[0].found == "key \\x1b[2J, value lab 4: placed as expected\\n\\x00\\u202e"


# ---- Neither partition nor key


def numbers(*wanted: int) -> list[tuple[None, bytes]]:
    """Records of lab 5."""
    return [(None, b'{"number": %d}' % number) for number in wanted]


def spread(partition_of: Callable[[int], int], count: int = 3) -> Topic:
    """A topic of lab 5 whose client chose partitions by this rule."""
    chosen = [[number for number in range(1, 301) if partition_of(number) == p] for p in range(count)]
    return Topic("hello-world-5", [numbers(*each) for each in chosen])


def test_a_sticky_client_is_recognised() -> None:
    result = checked(5, spread(lambda number: number // 40 % 3))
    assert result.text == ("lab 5: complete and in order, the client was sticky (300 of 300 records, run once)")
    assert result.lines == (
        "partition 0: 119 records in 3 stretches, the longest of 40",
        "partition 1: 101 records in 3 stretches, the longest of 40",
        "partition 2: 80 records in 2 stretches, the longest of 40",
        "the client stayed 37.5 records in a partition on average: it was sticky "
        "(at random it would be 1.5, in turn 1.0, sticky as long as a batch)",
    )


def test_a_client_that_never_left_its_partition_is_sticky() -> None:
    result = checked(5, spread(lambda _: 1))
    assert result.lines[0] == "partition 1: 300 records in 1 stretch, the longest of 300"
    assert "the client was sticky" in result.text


def test_a_client_that_deals_out_in_turn_is_recognised() -> None:
    result = checked(5, spread(lambda number: number % 3))
    assert "the client took turns (round-robin)" in result.text
    assert result.lines[0] == "partition 0: 100 records in 100 stretches, the longest of 1"


def test_a_client_that_draws_lots_is_recognised() -> None:
    result = checked(5, spread(lambda number: (number * number * 2654435761 >> 7) % 3))
    assert "the client chose at random" in result.text


def test_one_partition_leaves_nothing_to_choose() -> None:
    result = checked(5, spread(lambda _: 0, count=1))
    assert result.lines[-1] == "with one partition there is nothing to choose"


def test_order_counts_where_the_place_does_not() -> None:
    topic = Topic("hello-world-5", [numbers(*range(1, 101)), numbers(102, 101, *range(103, 201)), []])
    topic.partitions[2] = numbers(*range(201, 301))
    result = checked(5, topic)
    assert named(result.findings) == [("lab-order", *at(topic, 1, 1))]
    assert result.findings[0].message == "expected 101 before 102, found 101 behind 102"


def test_a_missing_number_has_no_partition_to_be_named_with() -> None:
    topic = Topic("hello-world-5", [numbers(*(n for n in range(1, 301) if n != 42)), [], []])
    result = checked(5, topic)
    assert named(result.findings) == [("lab-record-missing", "hello-world-5", None)]
    assert result.findings[0].location.partition is None


def test_many_missing_numbers_are_not_all_listed() -> None:
    result = checked(5, Topic("hello-world-5", [numbers(*range(1, 101)), [], []]))
    assert [finding.slug for finding in result.findings] == ["lab-record-missing"] * KEPT
    assert result.lines[-1] == "missing: 20 of 200 are listed"
    assert result.text == "lab 5: not as expected: 200 missing (100 of 300 records, run once)"


def test_a_number_in_two_partitions_is_doubled() -> None:
    topic = Topic("hello-world-5", [numbers(*range(1, 301)), numbers(7), []])
    assert named(checked(5, topic).findings) == [("lab-record-doubled", *at(topic, 1, 0))]
