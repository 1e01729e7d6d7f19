"""After-sales uses: what fits better than what comes back, what goes with it.

A candidate loses rank by what the customer complained of and by how often it
comes back itself, so that the next parcel does not return too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Direction = Literal["larger", "smaller"]
PRIOR_SOLD = 20.0  # sold pieces before an article's own return rate weighs half


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that could be sent instead.

    Attributes:
        article: what variants share.
        size: place of its size on the article's scale, None = has none.
        price: in fen.
        alike: 0 … 1, to what is sent back (1 for a variant of the same article).
        sold, returned: pieces so far.
        faults: returns for faults among ``returned``.
        misfits: returns for size among ``returned``.
    """

    item: str
    article: str
    category: str
    size: float | None
    price: int
    stock: int
    alike: float
    sold: int = 0
    returned: int = 0
    faults: int = 0
    misfits: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """What is sent back and why; ``direction`` if the customer said it."""

    item: Candidate
    reason: str
    direction: Direction | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its score and reason codes, the strongest first."""

    item: str
    score: float
    reasons: tuple[str, ...]


def shrunk_rate(count: float, sold: float, usual: float) -> float:
    """Return a rate drawn to what is usual while little was sold."""
    return (count + PRIOR_SOLD * usual) / (sold + PRIOR_SOLD)


def rank_replacements(
    wish: Wish, candidates: Sequence[Candidate], size: int = 3
) -> list[Ranked]:
    """Return the best replacements, best first; what is out of stock never.

    The score is the chance, as far as rates tell, that it fits and is kept:
    alikeness, less the rate it comes back at against the others, with the
    reason's own rate (faults for a defect, misfits for a size) counted twice.
    """
    there = [c for c in candidates if c.stock > 0 and _differs(wish, c)]
    if not there:
        return []
    usual = _usual(candidates)
    ranked = [_judge(wish, c, usual) for c in there]
    ranked.sort(key=lambda r: (-r.score, r.item))
    return ranked[:size]


def _differs(wish: Wish, candidate: Candidate) -> bool:
    """The same thing again helps only where the piece, not the kind, was bad."""
    same = candidate.item == wish.item.item
    return not same or wish.reason in ("damaged", "wrong_item", "missing")


def _usual(candidates: Sequence[Candidate]) -> tuple[float, float, float]:
    sold = max(sum(c.sold for c in candidates), 1)
    return (
        sum(c.returned for c in candidates) / sold,
        sum(c.faults for c in candidates) / sold,
        sum(c.misfits for c in candidates) / sold,
    )


def _judge(
    wish: Wish, candidate: Candidate, usual: tuple[float, float, float]
) -> Ranked:
    back = shrunk_rate(candidate.returned, candidate.sold, usual[0])
    faults = shrunk_rate(candidate.faults, candidate.sold, usual[1])
    misfits = shrunk_rate(candidate.misfits, candidate.sold, usual[2])
    score = candidate.alike - back
    reasons: list[str] = []
    if wish.reason == "defect":
        score -= 2 * faults + (0.3 if candidate.article == wish.item.article else 0)
        if faults < usual[1] or candidate.article != wish.item.article:
            reasons.append("fewer_faults")
    if wish.reason == "size":
        score -= 2 * misfits
        step = _size_step(wish, candidate)
        score += step
        if step > 0:
            reasons.append(f"size_{wish.direction or 'near'}")
    if candidate.item == wish.item.item:
        reasons.append("same_new_piece")
    elif candidate.article == wish.item.article:
        reasons.append("same_article")
    elif candidate.category == wish.item.category:
        reasons.append("same_category")
    score -= 0.2 * abs(np.log(max(candidate.price, 1) / max(wish.item.price, 1)))
    if back < usual[0]:
        reasons.append("seldom_returned")
    return Ranked(candidate.item, float(score), tuple(reasons))


def _size_step(wish: Wish, candidate: Candidate) -> float:
    """Return what a size adds: the next one that way most, the wrong way less."""
    if candidate.size is None or wish.item.size is None:
        return 0.0
    if candidate.article != wish.item.article:
        return 0.0
    step = candidate.size - wish.item.size
    if wish.direction is None:
        return {0.0: -0.5}.get(abs(step), 0.3 / max(abs(step), 1))
    forward = step if wish.direction == "larger" else -step
    return 0.6 / forward if forward > 0 else -0.5


@dataclass(frozen=True, slots=True)
class Companion:
    """Something that goes with an item.

    Attributes:
        lift: how much likelier it is bought by owners than by all; 1 = no link.
        buyers: owners who bought it after the item.
    """

    item: str
    lift: float
    buyers: int


def companions(
    pairs: dict[str, int],
    owners: int,
    buyers: dict[str, int],
    customers: int,
    fewest: int = 3,
) -> list[Companion]:
    """Return what owners of an item bought afterwards, strongest link first.

    ``pairs`` owners who bought each after the item, ``owners`` of the item,
    ``buyers`` of each among all ``customers``. Links of fewer than ``fewest``
    owners, or not above chance, are left out; the lift is drawn to 1 by one
    expected buyer, so that three of three do not beat thirty of forty.
    """
    found = []
    for item, count in pairs.items():
        expected = owners * buyers.get(item, 0) / max(customers, 1)
        lift = (count + 1) / (expected + 1)
        if count >= fewest and lift > 1:
            found.append(Companion(item, lift, count))
    return sorted(found, key=lambda c: (-c.lift, -c.buyers, c.item))


RetentionKind = Literal["none", "care", "extended_care"]


def retention_offer(
    *, churn: float, value_share: float, failures: int, complained: bool
) -> tuple[RetentionKind, tuple[str, ...]]:
    """Return a proposal for a person to make to a customer who may leave.

    It is words and care, never money: ``care`` is a call by a named agent,
    ``extended_care`` also priority in the queue. ``churn`` chance in 0 … 1,
    ``value_share`` rank of the customer's value in 0 … 1, ``failures`` failed
    repairs or exchanges. Returned with its reason codes.

    Raises:
        ValueError: a share outside 0 … 1.
    """
    if not (0 <= churn <= 1 and 0 <= value_share <= 1):
        raise ValueError("churn and value_share are shares")
    reasons = []
    if failures:
        reasons.append("failed_before")
    if complained:
        reasons.append("complained")
    if churn >= 0.5:
        reasons.append("may_leave")
    if not reasons:
        return "none", ()
    if value_share >= 0.8:
        reasons.append("good_customer")
    strong = failures >= 2 or (churn >= 0.5 and value_share >= 0.8)
    return ("extended_care" if strong else "care"), tuple(reasons)
