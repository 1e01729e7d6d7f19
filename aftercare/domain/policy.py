"""The policy engine: one order line and one request in, a reasoned decision out.

The engine only decides; it writes nothing and never consults a model.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aftercare.domain.calendar import shop_day
from aftercare.domain.decisions import Decision, Freight, Problem, Request, Rule
from aftercare.domain.orders import Exclusion, Fulfilment, OrderLine
from aftercare.domain.policy_quality import (
    decide_faulty,
    decide_not_as_ordered,
    decide_refund_only,
    decide_reship,
)
from aftercare.domain.rulebook import Rules

__all__ = [
    "Decision",
    "Freight",
    "Problem",
    "Request",
    "Rule",
    "decide",
    "decide_price_protection",
]

UNSHIPPED_BASIS = "E-commerce Law art. 49; performance has not begun"
COMPLAINT_BASIS = "E-commerce Law art. 59"
EXCHANGE_BASIS = "merchant rule: the law gives a return, the shop an exchange too"
OFFER = "price_protection"


def decide(
    line: OrderLine,
    request: Request,
    *,
    faulty: bool,
    rules: Rules,
    now: datetime,
    problem: Problem = Problem.NONE,
    pieces: int | None = None,
    part: str | None = None,
) -> Decision:
    """Decide one request on one order line at one aware moment.

    Args:
        line: the order line with what has happened to it so far.
        request: what is asked for.
        faulty: the goods have a fault, as the customer says.
        rules: the rules in force.
        now: the moment of the request; notice inside a term is enough.
        problem: what went wrong on the way, if anything.
        pieces: how many pieces a refund is for; None means all that are left.
        part: the part to be repaired, where parts have their own term.

    Raises:
        ValueError: a delivered line without its sign-off, a naive moment, more
            pieces than are left, or price protection (it needs prices).
    """
    decision = _decide(line, request, faulty, rules, now, problem, pieces, part)
    return _finish(line, decision, rules)


def decide_price_protection(
    line: OrderLine,
    *,
    quantity: int,
    price_fen: int,
    paid_on: datetime,
    rules: Rules,
    now: datetime,
) -> Decision:
    """Decide whether a later, lower price (fen, one piece) is paid out.

    A promise of the merchant, not of the law. Money refunded before counts
    against it, so it is paid out once.
    """
    term = rules.terms.get(OFFER)
    if term is None:
        return Decision(False, Rule.PRICE_PROTECTION_NOT_OFFERED, "merchant rule")
    end = rules.last_day(paid_on, term.days)
    refused = Decision(False, "", term.source, deadline=end, effective=rules.valid_from)
    if shop_day(now) > end:
        return replace(refused, rule=Rule.PRICE_PROTECTION_EXPIRED)
    amount = line.refundable_fen - price_fen * (quantity - line.returned)
    if amount <= 0:
        return replace(refused, rule=Rule.PRICE_NOT_LOWER)
    granted = Decision(True, Rule.PRICE_PROTECTION, term.source, amount, deadline=end)
    return _finish(line, granted, rules)


def _decide(
    line: OrderLine,
    request: Request,
    faulty: bool,
    rules: Rules,
    now: datetime,
    problem: Problem,
    pieces: int | None,
    part: str | None,
) -> Decision:
    if request is Request.COMPLAINT:
        return Decision(True, Rule.COMPLAINT, COMPLAINT_BASIS, needs_human=True)
    if request is Request.PRICE_PROTECTION:
        raise ValueError("price protection needs prices: decide_price_protection")
    if line.fulfilment is not Fulfilment.DELIVERED:
        return _before_delivery(line, request, rules, problem, pieces)
    start = line.term_start_by(from_installation=rules.from_installation)
    if start is None:
        raise ValueError(f"line {line.line_id} is delivered but has no sign-off")
    if request is Request.RESHIP:
        return decide_reship(line, start, problem, rules, now)
    if request is Request.REFUND_ONLY or (
        request is Request.RETURN and not _can_be_sent_back(line, faulty, problem)
    ):
        return decide_refund_only(line, start, faulty, problem, rules, now, pieces)
    if request is not Request.REPAIR and problem is not Problem.NONE:
        strong = decide_not_as_ordered(line, start, request, rules, now, pieces)
    elif faulty or problem is Problem.DAMAGED_ON_ARRIVAL:
        strong = decide_faulty(line, start, request, rules, now, pieces, part)
    elif request is Request.REPAIR:
        source = rules.terms["warranty"].source
        return Decision(False, Rule.REPAIR_NEEDS_FAULT, source)
    else:
        return _no_reason(line, start, request, rules, now, pieces)
    if strong.allowed or request is Request.REPAIR:
        return strong
    # A fault never takes away what goods without one would be given.
    plain = _no_reason(line, start, request, rules, now, pieces)
    return plain if plain.allowed else strong


def _can_be_sent_back(line: OrderLine, faulty: bool, problem: Problem) -> bool:
    """What never came cannot, nor what is no thing; without a fault the term rules."""
    never_came = problem in (Problem.MISSING_ITEM, Problem.LOST_PARCEL)
    return not never_came and not (faulty and line.exclusion is Exclusion.DIGITAL)


def _before_delivery(
    line: OrderLine,
    request: Request,
    rules: Rules,
    problem: Problem,
    pieces: int | None,
) -> Decision:
    """Money goes back at once, or after a person has stopped the parcel."""
    moving = line.fulfilment is Fulfilment.IN_TRANSIT
    if request is Request.RESHIP and moving and problem is Problem.LOST_PARCEL:
        return Decision(
            True,
            Rule.LOST_PARCEL_RESHIP,
            "Civil Code art. 604; risk passes on delivery",
            needs_human=True,
        )
    if request not in (Request.RETURN, Request.REFUND_ONLY):
        return Decision(False, Rule.NOT_DELIVERED_YET, UNSHIPPED_BASIS)
    if line.refundable_fen == 0:
        return Decision(False, Rule.NOTHING_TO_REFUND, UNSHIPPED_BASIS)
    return Decision(
        True,
        Rule.IN_TRANSIT_REFUND if moving else Rule.UNSHIPPED_REFUND,
        UNSHIPPED_BASIS,
        line.pieces_fen(pieces),
        needs_human=moving,
        needs_consent=moving and problem is not Problem.LOST_PARCEL,
    )


def _no_reason(
    line: OrderLine,
    start: datetime,
    request: Request,
    rules: Rules,
    now: datetime,
    pieces: int | None,
) -> Decision:
    term = rules.terms["no_reason_return"]
    end = rules.last_day(start, term.days)
    refusal = _no_reason_refusal(line, rules)
    if refusal is None and shop_day(now) > end:
        refusal = Rule.NO_REASON_EXPIRED
    returning = request is Request.RETURN
    if refusal is None and returning and line.refundable_fen == 0:
        refusal = Rule.NOTHING_TO_REFUND
    if refusal is not None:
        return Decision(False, refusal, term.source, deadline=end)
    return Decision(
        True,
        Rule.NO_REASON_RETURN if returning else Rule.NO_REASON_EXCHANGE,
        term.source if returning else EXCHANGE_BASIS,
        line.pieces_fen(pieces) if returning else 0,
        rules.no_reason_freight,
        end,
    )


def _no_reason_refusal(line: OrderLine, rules: Rules) -> Rule | None:
    if line.is_gift:
        return Rule.GIFT_GOES_WITH_ITS_ORDER
    if line.exclusion in rules.exclusions:
        if line.exclusion is not Exclusion.CONSENT_ONLY:
            return Rule(f"excluded_{line.exclusion}")
        if line.exclusion_confirmed:
            return Rule.EXCLUDED_BY_CONSENT
        # Without the buyer's consent at purchase the exclusion does not bind.
    return None if line.intact else Rule.GOODS_NOT_INTACT


def _finish(line: OrderLine, decision: Decision, rules: Rules) -> Decision:
    """Add what holds for every decision of this version of the rules."""
    limit = rules.auto_approve_fen
    large = limit is not None and decision.amount_fen > limit
    goods_back = decision.allowed and decision.freight is not Freight.NOBODY
    by_buyer = decision.freight is Freight.BUYER
    return replace(
        decision,
        needs_human=decision.needs_human or large,
        freight_insured=line.freight_insured and by_buyer,
        gift_back=line.has_gift and goods_back and decision.amount_fen > 0,
        effective=rules.valid_from,
    )
