"""Part refunds of a promoted order: what was really paid, reckoned again.

Sources: SAIC order 90 (2017, rev. 2020) art. 17 (the price actually paid, the
promotion reckoned again) and art. 18 (free shipping that is no longer reached
may be deducted), art. 12 (a gift comes back or is priced). All money in fen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion of one order; 0 switches a part of it off.

    Attributes:
        threshold_fen: goods at list price from which `off_fen` is taken off.
        off_fen: the amount taken off once.
        free_shipping_from_fen: goods after the discount that ship for nothing.
        freight_fen: what shipping costs below that.
    """

    threshold_fen: int = 0
    off_fen: int = 0
    free_shipping_from_fen: int = 0
    freight_fen: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """One line of a promoted order: pieces at a list price each."""

    line_id: str
    list_fen: int
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a part return pays out, and what was taken from it.

    Attributes:
        amount_fen: money to refund now; never below zero.
        goods_fen: what was paid for the pieces coming back.
        discount_lost_fen: discount the kept goods no longer deserve.
        freight_lost_fen: free shipping they no longer deserve.
        gift_fen: price of a gift that is kept.
    """

    amount_fen: int
    goods_fen: int
    discount_lost_fen: int = 0
    freight_lost_fen: int = 0
    gift_fen: int = 0


def share(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by weights; the parts add up to it exactly.

    Raises:
        ValueError: a negative weight.
    """
    if min(weights, default=0) < 0:
        raise ValueError("a weight is never negative")
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    parts, passed, given = [], 0, 0
    for weight in weights:
        passed += weight
        upto = total_fen * passed // whole
        parts.append(upto - given)
        given = upto
    return parts


def discount(list_fen: int, promotion: Promotion) -> int:
    """Return what the promotion takes off goods of a list price."""
    reached = list_fen > 0 and list_fen >= promotion.threshold_fen
    return min(promotion.off_fen, list_fen) if reached else 0


def settle(
    pieces: Sequence[Piece],
    returned: Mapping[str, int],
    promotion: Promotion,
    *,
    refunded_fen: int = 0,
    deduct_freight: bool = False,
    kept_gift_fen: int = 0,
) -> Settlement:
    """Return what is due when so many pieces of each line have come back.

    Args:
        pieces: all lines of the order, as they were bought.
        returned: pieces by line, all that came back so far, these included.
        promotion: the promotion the order was bought under.
        refunded_fen: what was refunded on the order's goods before.
        deduct_freight: take off the free shipping that is no longer reached;
            the law allows it, a merchant may waive it.
        kept_gift_fen: price of a gift the customer keeps.

    Raises:
        ValueError: an unknown line, or more pieces than were bought.
    """
    kept = _kept(pieces, returned)
    bought_fen = sum(p.list_fen * p.quantity for p in pieces)
    kept_fen = sum(p.list_fen * n for p, n in zip(pieces, kept, strict=True))
    paid_fen = bought_fen - discount(bought_fen, promotion)
    kept_share = share(paid_fen, [kept_fen, bought_fen - kept_fen])[0]
    # Above the threshold the kept goods cost what was paid for them; below it
    # their discount is gone. Never more than their list price.
    still = bool(discount(kept_fen, promotion)) or not discount(bought_fen, promotion)
    kept_cost = kept_share if still else kept_fen
    lost_freight = _lost_freight(paid_fen, kept_cost, promotion) * deduct_freight
    due = paid_fen - kept_cost - lost_freight - kept_gift_fen - refunded_fen
    return Settlement(
        amount_fen=max(0, due),
        goods_fen=paid_fen - kept_share,
        discount_lost_fen=kept_cost - kept_share,
        freight_lost_fen=lost_freight,
        gift_fen=kept_gift_fen,
    )


def _kept(pieces: Sequence[Piece], returned: Mapping[str, int]) -> list[int]:
    unknown = set(returned) - {p.line_id for p in pieces}
    kept = [p.quantity - returned.get(p.line_id, 0) for p in pieces]
    if unknown or any(
        not 0 <= n <= p.quantity for n, p in zip(kept, pieces, strict=True)
    ):
        raise ValueError("more came back than was bought")
    return kept


def _lost_freight(paid_fen: int, kept_fen: int, promotion: Promotion) -> int:
    limit = promotion.free_shipping_from_fen
    lost = limit > 0 and paid_fen >= limit > kept_fen
    return promotion.freight_fen if lost else 0
