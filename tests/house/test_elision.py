"""A document may leave lines out of an output, and what it does show must still be true."""

from __future__ import annotations

import pytest

from .elision import agrees, refreshed

PRINTED = "head\none\ntwo\nthree\nfour\nend\n"


@pytest.mark.parametrize(
    "shown",
    ["…\none\ntwo\n…\n", "head\n…\nfour\nend\n", "…\nend\n", "head\n…\n", "…\none\n…\nthree\n…\n", PRINTED],
)
def test_parts_in_order_agree(shown: str) -> None:
    assert agrees(shown, PRINTED)
    assert refreshed(shown, PRINTED) == shown


@pytest.mark.parametrize(
    "shown",
    [
        "…\ntwo\none\n…\n",
        "one\n…\nend\n",
        "head\n…\nthree\n",
        "…\none\nthree\n…\n",
        "…\nthree\n…\none\n…\n",
        "…\nfive\n…\n",
        "head\none\n",
    ],
)
def test_what_is_not_printed_so_does_not_agree(shown: str) -> None:
    assert not agrees(shown, PRINTED)


def test_a_part_is_filled_from_its_first_line_to_its_last() -> None:
    assert refreshed("…\n one\nfour\n…\n", PRINTED) == "…\none\ntwo\nthree\nfour\n…\n"
