"""What a customer wants, judged by the policy engine and put before a button."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from aftercare.domain.policy import (
    Decision,
    Problem,
    Request,
    decide,
    decide_price_protection,
)
from aftercare.domain.policy_rules import Rules
from aftercare.services.access import Viewer, access_own_line
from aftercare.services.orders import line_facts
from aftercare.store.cases import ConfirmationRow
from aftercare.store.models import OrderLineRow, OrderRow, ProductRow
from aftercare.store.unit_of_work import read, write

# Reasons that lie with the goods, so that the seller pays the way back.
FAULTY = frozenset({"defect", "damaged", "wrong_item", "missing"})
PROBLEMS = {
    "wrong_item": Problem.WRONG_ITEM,
    "missing": Problem.MISSING_ITEM,
    "damaged": Problem.DAMAGED_ON_ARRIVAL,
    "not_received": Problem.LOST_PARCEL,
}
REQUESTS = {
    "refund": Request.RETURN,
    "refund_only": Request.REFUND_ONLY,
    "exchange": Request.EXCHANGE,
    "repair": Request.REPAIR,
    "reship": Request.RESHIP,
    "price_protection": Request.PRICE_PROTECTION,
    "complaint": Request.COMPLAINT,
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A wish that is complete enough to be judged."""

    kind: str
    line_id: str
    reason: str = "other"
    detail: str = ""
    target_sku: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A decision, and the one-time nonce that confirms exactly this."""

    decision: Decision
    nonce: str


def judge(
    engine: Engine, viewer: Viewer, draft: Draft, rules: Rules, now: datetime
) -> Decision:
    """Return what the rules say, writing nothing.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with read(engine) as session:
        row = access_own_line(session, viewer, draft.line_id)
        return judge_line(session, row, draft, rules, now)


def judge_line(
    session: Session, row: OrderLineRow, draft: Draft, rules: Rules, now: datetime
) -> Decision:
    """Return what the rules say about one line already accessed."""
    facts = line_facts(session, row)
    request = REQUESTS[draft.kind]
    if request is Request.PRICE_PROTECTION:
        order = session.get_one(OrderRow, row.order_no)
        product = session.get_one(ProductRow, row.sku)
        return decide_price_protection(
            facts,
            quantity=row.quantity,
            price_fen=product.price_fen,
            paid_on=order.paid_at,
            rules=rules,
            now=now,
        )
    faulty = draft.reason in FAULTY or request is Request.REPAIR
    problem = PROBLEMS.get(draft.reason, Problem.NONE)
    return decide(facts, request, faulty=faulty, rules=rules, now=now, problem=problem)


def prepare(
    engine: Engine, viewer: Viewer, draft: Draft, rules: Rules, now: datetime
) -> Preview:
    """Judge a draft and store what the confirm button would confirm.

    The nonce is empty where the rules refuse.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        row = access_own_line(session, viewer, draft.line_id)
        decision = judge_line(session, row, draft, rules, now)
        if not decision.allowed:
            return Preview(decision, "")
        nonce = secrets.token_urlsafe(16)
        session.add(
            ConfirmationRow(
                nonce=nonce,
                conversation_id=viewer.conversation_id,
                customer_id=row.customer_id,
                line_id=row.id,
                kind=draft.kind,
                amount_fen=decision.amount_fen,
                draft=asdict(draft),
                created_at=now,
            )
        )
    return Preview(decision, nonce)
