"""Harm at random: every batch that is left whole is found, and nothing that was not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inspector.salvaging.choosing import Known
from tests.salvaging.conftest import Proven, apart, kept, newest_epoch
from tests.salvaging.harm import KINDS, harm, split

SEGMENTS = (
    "kafka-3.6.0-stopped/indexed-0/00000000000000000000.log",
    "kafka-4.3.0-stopped/codecs-0/00000000000000000000.log",
    "kafka-4.3.0-stopped/transactions-0/00000000000000000005.log",
    "kafka-4.3.0-rich/ledger-0/00000000000000000000.log",
    "kafka-4.3.0-rich/many-0/00000000000000000275.log",
    "kafka-3.6.0-old-formats/magic-0-0/00000000000000000000.log",
    "kafka-3.6.0-old-formats/magic-0-1/00000000000000000000.log",
    "kafka-3.6.0-old-formats/magic-1-2/00000000000000000000.log",
    "kafka-3.6.0-old-formats/mixed-0/00000000000000000000.log",
    "kafka-upgraded/aged-0/00000000000000000000.log",
)
ROUNDS = int(os.environ.get("KINSPECT_HARM_ROUNDS", "12"))
MOST_UNDECIDED = 1
"""Batches, of some 15,000, that could be the payload of a damaged one as well: these are apart, not in the log."""


@pytest.mark.parametrize("segment", SEGMENTS)
def test_every_whole_batch_is_found_and_no_other(proven: Proven, fixtures_dir: Path, segment: str) -> None:
    path = fixtures_dir / "real" / segment
    original = path.read_bytes()
    known = Known(newest_epoch=newest_epoch(original), uncleaned=0)
    everything = {one.data for one in split(original)}
    undecided = 0
    for seed in range(ROUNDS):
        kind, harmed = harm(original, seed)
        proof = proven(harmed.data, int(path.stem), known)
        in_log, beside = kept(proof, harmed.data), apart(proof, harmed.data)
        whole = harmed.left_whole(original)
        assert set(whole) <= {*in_log, *beside}, (seed, kind, harmed.touched)
        assert set(in_log) <= everything, (seed, kind, harmed.touched)
        assert in_log == [one for one in (each.data for each in split(original)) if one in set(in_log)]
        undecided += len(set(whole) - set(in_log))
    assert undecided <= MOST_UNDECIDED


def test_harm_is_told_from_what_it_leaves(fixtures_dir: Path) -> None:
    original = (fixtures_dir / "real" / SEGMENTS[0]).read_bytes()
    counts = dict.fromkeys(KINDS, 0)
    for seed in range(ROUNDS):
        kind, harmed = harm(original, seed)
        whole = harmed.left_whole(original)
        assert all(one in harmed.data for one in whole), (seed, kind)
        counts[kind] += len(list(split(original))) - len(whole)
    assert all(counts.values()), counts
