"""What pieces of a line are worth: the parts add up, and never over what is left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aftercare.domain.orders import Fulfilment, OrderLine

THREE = OrderLine("l1", 10_000, Fulfilment.DELIVERED, category="clothes", quantity=3)


def test_the_pieces_add_up_to_what_was_paid() -> None:
    worth = [replace(THREE, returned=n).pieces_fen(1) for n in range(3)]
    assert worth == [3_333, 3_333, 3_334]


@pytest.mark.parametrize(
    ("refunded", "worth"), [(6_667, 3_333), (6_668, 3_332), (10_000, 0)]
)
def test_a_piece_is_worth_no_more_than_is_left_of_the_money(
    refunded: int, worth: int
) -> None:
    # Money given as a compensation leaves less, though no piece came back.
    assert replace(THREE, refunded_fen=refunded).pieces_fen(1) == worth
