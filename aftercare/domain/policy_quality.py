"""Goods with a fault, and goods that are not what was ordered.

Here the seller pays every way, and no exclusion of the no-reason return counts.
"""

from __future__ import annotations

from datetime import date, datetime

from aftercare.domain.calendar import days_since, shop_day
from aftercare.domain.decisions import Decision, Freight, Problem, Request, Rule
from aftercare.domain.orders import OrderLine
from aftercare.domain.rulebook import Rules

PLATFORM_BASIS = "merchant rule; SAMR and CAC order 116 (2026) art. 27"


def decide_faulty(
    line: OrderLine,
    start: datetime,
    request: Request,
    rules: Rules,
    now: datetime,
    pieces: int | None = None,
    part: str | None = None,
) -> Decision:
    """Decide a return, an exchange or a repair of faulty goods.

    Repair time does not count (Implementing Regulation 778, art. 18).
    """
    days = rules.warranty_for(line.category, part)
    warranty_end = rules.last_day(start, days + line.repair_days)
    if request is Request.REPAIR:
        return _repair(days, warranty_end, rules, now)
    overdue = _overdue_repair(line, request, rules, now)
    if overdue is not None:
        return overdue
    name = f"quality_{request}"
    term = rules.terms[name]
    end = rules.last_day(start, term.days + line.repair_days)
    rule = Rule(name)
    if (
        line.repairs >= rules.failed_repairs_for_return
        and shop_day(now) <= warranty_end
    ):
        # Weigh it against the plain term too: the later day is the customer's.
        rule, end = Rule.TWO_FAILED_REPAIRS, max(end, warranty_end)
    if shop_day(now) > end:
        return Decision(False, Rule(f"{name}_expired"), term.source, deadline=end)
    return _goods_back(line, request, rule, term.source, end, rules, pieces)


def decide_not_as_ordered(
    line: OrderLine,
    start: datetime,
    request: Request,
    rules: Rules,
    now: datetime,
    pieces: int | None = None,
) -> Decision:
    """Decide a return or an exchange of a wrong, missing or damaged item."""
    term = rules.terms["not_as_ordered"]
    days = term.days
    if request is Request.EXCHANGE:
        days = max(days, rules.terms["quality_exchange"].days)
    end = rules.last_day(start, days)
    if shop_day(now) > end:
        return Decision(False, Rule.NOT_AS_ORDERED_EXPIRED, term.source, deadline=end)
    rule = Rule(f"not_as_ordered_{request}")
    return _goods_back(line, request, rule, term.source, end, rules, pieces)


def decide_refund_only(
    line: OrderLine,
    start: datetime,
    faulty: bool,
    problem: Problem,
    rules: Rules,
    now: datetime,
    pieces: int | None = None,
) -> Decision:
    """Decide money back without the goods: a person's decision, never automatic.

    Nobody can force a merchant into it, so the amount is at most what was paid.
    """
    if problem is Problem.NONE and not faulty:
        return Decision(False, Rule.REFUND_ONLY_NEEDS_RETURN, PLATFORM_BASIS)
    end = rules.last_day(start, rules.terms["not_as_ordered"].days)
    if shop_day(now) > end:
        return Decision(False, Rule.REFUND_ONLY_EXPIRED, PLATFORM_BASIS, deadline=end)
    if line.refundable_fen == 0:
        return Decision(False, Rule.NOTHING_TO_REFUND, PLATFORM_BASIS, deadline=end)
    return Decision(
        True,
        Rule.REFUND_ONLY_REVIEW,
        PLATFORM_BASIS,
        line.pieces_fen(pieces),
        deadline=end,
        evidence=Request.REFUND_ONLY in rules.evidence,
        needs_human=True,
        needs_consent=True,
    )


def decide_reship(
    line: OrderLine, start: datetime, problem: Problem, rules: Rules, now: datetime
) -> Decision:
    """Decide a second parcel for what was missing, wrong or never received."""
    term = rules.terms["quality_exchange"]
    end = rules.last_day(start, term.days)
    if shop_day(now) > end:
        return Decision(False, Rule.RESHIP_EXPIRED, term.source, deadline=end)
    lost = problem is Problem.LOST_PARCEL
    return Decision(
        True,
        Rule.DELIVERED_NOT_RECEIVED if lost else Rule.RESHIP,
        term.source,
        0,
        Freight.NOBODY if lost else rules.quality_freight,
        end,
        # Nobody can show a parcel that never came: the carrier is asked.
        evidence=not lost and Request.RESHIP in rules.evidence,
        needs_human=True,
    )


def _repair(days: int, end: date, rules: Rules, now: datetime) -> Decision:
    source = rules.terms["warranty"].source
    if days == 0:
        return Decision(False, Rule.WARRANTY_NOT_COVERED, source)
    if shop_day(now) > end:
        return Decision(False, Rule.WARRANTY_EXPIRED, source, deadline=end)
    return Decision(
        True,
        Rule.WARRANTY,
        source,
        0,
        rules.quality_freight,
        end,
        evidence=Request.REPAIR in rules.evidence,
    )


def _overdue_repair(
    line: OrderLine, request: Request, rules: Rules, now: datetime
) -> Decision | None:
    """Return the free exchange that a repair of too many days opens, or None."""
    term = rules.terms["repair_time"]
    opened = line.repair_opened_at
    if request is not Request.EXCHANGE or opened is None:
        return None
    if days_since(opened, now) <= term.days:
        return None
    # The goods are already with us: no evidence, and no way back to pay.
    return Decision(True, Rule.REPAIR_OVER_TIME, term.source)


def _goods_back(
    line: OrderLine,
    request: Request,
    rule: Rule,
    source: str,
    end: date,
    rules: Rules,
    pieces: int | None,
) -> Decision:
    returning = request is Request.RETURN
    if returning and line.refundable_fen == 0:
        gift = line.is_gift and line.paid_fen == 0
        refusal = Rule.GIFT_GOES_WITH_ITS_ORDER if gift else Rule.NOTHING_TO_REFUND
        return Decision(False, refusal, source, deadline=end)
    return Decision(
        True,
        rule,
        source,
        line.pieces_fen(pieces) if returning else 0,
        rules.quality_freight,
        end,
        evidence=request in rules.evidence,
        needs_human=returning,
    )
