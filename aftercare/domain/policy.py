"""The policy engine: one order line and one request in, a reasoned decision out.

The engine only decides; it writes nothing and never consults a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from aftercare.domain.calendar import last_day, shop_day
from aftercare.domain.orders import Exclusion, Fulfilment, OrderLine
from aftercare.domain.policy_rules import Rules

UNSHIPPED_BASIS = "E-commerce Law art. 49; performance has not begun"


class Request(StrEnum):
    """What the customer asks for on one line."""

    RETURN = "return"
    EXCHANGE = "exchange"
    REPAIR = "repair"
    RESHIP = "reship"
    PRICE_PROTECTION = "price_protection"
    COMPLAINT = "complaint"


class Freight(StrEnum):
    """Who pays for the way back."""

    NOBODY = "nobody"
    BUYER = "buyer"
    SELLER = "seller"


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed or not, and why.

    Attributes:
        rule: reason code, a key of the message catalogue.
        basis: the law or merchant rule behind it.
        amount_fen: money to refund, in fen; 0 where none is due.
        deadline: last day to use the right; None where there is no term.
        evidence: the customer must show the fault.
        needs_human: a person confirms before anything happens.
    """

    allowed: bool
    rule: str
    basis: str
    amount_fen: int = 0
    freight: Freight = Freight.NOBODY
    deadline: date | None = None
    evidence: bool = False
    needs_human: bool = False


def decide(
    line: OrderLine, request: Request, *, faulty: bool, rules: Rules, now: datetime
) -> Decision:
    """Decide one request on one order line at one aware moment.

    Raises:
        ValueError: a delivered line without its sign-off, or a naive moment.
    """
    if request is Request.COMPLAINT:
        basis = "E-commerce Law art. 59"
        return Decision(True, "complaint", basis, needs_human=True)
    if request is Request.PRICE_PROTECTION:
        raise ValueError("price protection needs prices: decide_price_protection")
    if line.fulfilment is Fulfilment.UNSHIPPED:
        return _before_shipping(line, request)
    if line.fulfilment is Fulfilment.IN_TRANSIT:
        return _in_transit(line, request)
    if line.term_start is None:
        raise ValueError(f"line {line.line_id} is delivered but has no sign-off")
    if request is Request.RESHIP:
        return _reship(line, line.term_start, rules, now)
    if faulty:
        return _faulty(line, line.term_start, request, rules, now)
    if request is Request.REPAIR:
        return Decision(False, "repair_needs_fault", rules.terms["warranty"].source)
    return _no_reason(line, line.term_start, request, rules, now)


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

    Money refunded before counts against it, so it is paid out once.
    """
    term = rules.terms["price_protection"]
    end = last_day(paid_on, term.days)
    if shop_day(now) > end:
        return Decision(False, "price_protection_expired", term.source, deadline=end)
    amount = line.refundable_fen - price_fen * quantity
    if amount <= 0:
        return Decision(False, "price_not_lower", term.source, deadline=end)
    return Decision(True, "price_protection", term.source, amount, deadline=end)


def _reship(line: OrderLine, start: datetime, rules: Rules, now: datetime) -> Decision:
    term = rules.terms["quality_exchange"]
    end = last_day(start, term.days)
    if shop_day(now) > end:
        return Decision(False, "reship_expired", term.source, deadline=end)
    return Decision(
        True, "reship", term.source, 0, Freight.SELLER, end, True, needs_human=True
    )


def _before_shipping(line: OrderLine, request: Request) -> Decision:
    if request is Request.RETURN:
        if line.refundable_fen == 0:
            return Decision(False, "nothing_to_refund", UNSHIPPED_BASIS)
        return Decision(True, "unshipped_refund", UNSHIPPED_BASIS, line.refundable_fen)
    return Decision(False, "not_delivered_yet", UNSHIPPED_BASIS)


def _in_transit(line: OrderLine, request: Request) -> Decision:
    """A parcel must be stopped by a person before its money goes back."""
    if request is Request.RETURN:
        return Decision(
            True,
            "in_transit_refund",
            UNSHIPPED_BASIS,
            line.refundable_fen,
            needs_human=True,
        )
    return Decision(False, "not_delivered_yet", UNSHIPPED_BASIS)


def _no_reason(
    line: OrderLine, start: datetime, request: Request, rules: Rules, now: datetime
) -> Decision:
    term = rules.terms["no_reason_return"]
    end = last_day(start, term.days)
    refusal = _no_reason_refusal(line)
    if refusal is None and shop_day(now) > end:
        refusal = "no_reason_expired"
    if refusal is not None:
        return Decision(False, refusal, term.source, deadline=end)
    amount = line.refundable_fen if request is Request.RETURN else 0
    if request is Request.RETURN and amount == 0:
        return Decision(False, "nothing_to_refund", term.source, deadline=end)
    return Decision(
        True, f"no_reason_{request}", term.source, amount, Freight.BUYER, end
    )


def _no_reason_refusal(line: OrderLine) -> str | None:
    if line.is_gift:
        return "gift_goes_with_its_order"
    if line.exclusion is Exclusion.CONSENT_ONLY:
        # Without the buyer's consent at purchase the exclusion does not bind.
        return "excluded_by_consent" if line.exclusion_confirmed else None
    if line.exclusion is not Exclusion.NONE:
        return f"excluded_{line.exclusion}"
    return None if line.intact else "goods_not_intact"


def _faulty(
    line: OrderLine, start: datetime, request: Request, rules: Rules, now: datetime
) -> Decision:
    days = rules.warranty_days.get(line.category, rules.terms["warranty"].days)
    warranty_end = last_day(start, days)
    name = {
        Request.RETURN: "quality_return",
        Request.EXCHANGE: "quality_exchange",
        Request.REPAIR: "warranty",
    }[request]
    term = rules.terms[name]
    end = warranty_end if name == "warranty" else last_day(start, term.days)
    repaired_out = (
        request is not Request.REPAIR
        and line.repairs >= rules.failed_repairs_for_return
        and shop_day(now) <= warranty_end
    )
    if shop_day(now) > end and not repaired_out:
        return Decision(False, f"{name}_expired", term.source, deadline=end)
    amount = line.refundable_fen if request is Request.RETURN else 0
    if request is Request.RETURN and amount == 0:
        return Decision(False, "nothing_to_refund", term.source, deadline=end)
    return Decision(
        True,
        "two_failed_repairs" if repaired_out else name,
        term.source,
        amount,
        Freight.SELLER,
        warranty_end if repaired_out else end,
        evidence=True,
        needs_human=request is Request.RETURN,
    )
