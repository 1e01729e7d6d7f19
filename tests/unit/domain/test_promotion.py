"""Part refunds of a promoted order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aftercare.domain.promotion import Piece, Promotion, settle, share

# 300 yuan less 40; free shipping from 99 yuan, else 10.
DEAL = Promotion(30_000, 4_000, 9_900, 1_000)
ORDER = [Piece("a", 20_000), Piece("b", 10_000), Piece("c", 5_000, 2)]  # 400 - 40


@pytest.mark.parametrize(
    ("returned", "amount", "lost"),
    [
        ({"b": 1}, 9_000, 0),  # 300 kept: the threshold is still reached
        ({"a": 1}, 16_000, 2_000),  # 200 kept: its discount is gone
        ({"c": 1}, 4_500, 0),  # one of two pieces
        ({"a": 1, "b": 1, "c": 2}, 36_000, 0),  # all that was paid
        ({}, 0, 0),
    ],
)
def test_the_promotion_is_reckoned_again(
    returned: dict[str, int], amount: int, lost: int
) -> None:
    got = settle(ORDER, returned, DEAL)
    assert (got.amount_fen, got.discount_lost_fen) == (amount, lost)


def test_lost_free_shipping_may_be_deducted() -> None:
    back = {"a": 1, "b": 1, "c": 1}  # 50 yuan kept
    assert settle(ORDER, back, DEAL).amount_fen == 31_000
    got = settle(ORDER, back, DEAL, deduct_freight=True)
    assert (got.amount_fen, got.freight_lost_fen) == (30_000, 1_000)
    held = settle(ORDER, {"b": 1}, DEAL, deduct_freight=True)
    assert held.freight_lost_fen == 0


def test_a_kept_gift_is_priced_and_nothing_falls_below_zero() -> None:
    assert settle(ORDER, {"c": 1}, DEAL, kept_gift_fen=2_900).amount_fen == 1_600
    assert settle(ORDER, {"c": 1}, DEAL, kept_gift_fen=9_999).amount_fen == 0


def test_a_small_return_that_breaks_the_deal_pays_nothing() -> None:
    order = [Piece("big", 29_900), Piece("small", 100)]
    assert settle(order, {"small": 1}, DEAL).amount_fen == 0
    assert settle(order, {"small": 1, "big": 1}, DEAL).amount_fen == 26_000


@pytest.mark.parametrize("returned", [{"a": 2}, {"x": 1}, {"a": -1}])
def test_more_than_was_bought_is_refused(returned: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="bought"):
        settle(ORDER, returned, DEAL)


@given(st.integers(0, 10**7), st.lists(st.integers(0, 10**6), min_size=1, max_size=9))
def test_shares_add_up_and_none_is_negative(total: int, weights: list[int]) -> None:
    parts = share(total, weights)
    assert sum(parts) == total
    assert min(parts) >= 0


@given(
    st.lists(st.tuples(st.integers(1, 50_000), st.integers(1, 4)), min_size=1),
    st.builds(Promotion, st.integers(0, 40_000), st.integers(0, 9_000)),
    st.randoms(),
)
def test_piece_by_piece_the_refunds_add_up_to_what_was_paid(
    lines: list[tuple[int, int]], deal: Promotion, random: object
) -> None:
    pieces = [Piece(str(i), fen, n) for i, (fen, n) in enumerate(lines)]
    todo = [p.line_id for p in pieces for _ in range(p.quantity)]
    random.shuffle(todo)  # type: ignore[attr-defined]
    everything = {p.line_id: p.quantity for p in pieces}
    paid = settle(pieces, everything, deal).amount_fen
    back: dict[str, int] = {}
    refunded = 0
    for line_id in todo:
        back[line_id] = back.get(line_id, 0) + 1
        refunded += settle(pieces, back, deal, refunded_fen=refunded).amount_fen
        assert 0 <= refunded <= paid
    assert refunded == paid
