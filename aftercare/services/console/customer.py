"""What lies beside a chat: the customer's orders, parcels, cases, earlier talks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.domain.policy_rules import Rules
from aftercare.services.access import Viewer
from aftercare.services.consents import Purpose, allows
from aftercare.services.console import hints
from aftercare.services.console.case_views import RUNNING, case_views
from aftercare.services.console.mask import mask_name, mask_phone
from aftercare.services.console.rows import rows_of
from aftercare.services.drafts import Draft, judge_line
from aftercare.services.orders import LineView, recent_lines, tracks
from aftercare.store.cases import CaseRow
from aftercare.store.messages import ConversationRow
from aftercare.store.models import CustomerRow, OrderLineRow, OrderRow
from aftercare.store.unit_of_work import read

REQUESTS = ("refund", "exchange", "repair", "reship", "price_protection")
# What the agent sees before the customer has said why: no fault is assumed.
UNSAID = "other"


def panel(engine: Engine, talk_id: str, rules: Rules, now: datetime) -> dict[str, Any]:
    """Return the customer of a conversation with orders, verdicts and cases.

    Raises:
        AftercareError: NOT_FOUND.
    """
    viewer = _viewer(engine, talk_id)
    lines = recent_lines(engine, viewer, 20)
    by_order: dict[str, list[LineView]] = {}
    for line in lines:
        by_order.setdefault(line.order_no, []).append(line)
    with read(engine) as session:
        customer = session.get(CustomerRow, viewer.customer_id or "")
        orders = [
            _order(session, order_no, found, rules, now)
            for order_no, found in by_order.items()
        ]
        rows = session.scalars(
            select(CaseRow)
            .where(CaseRow.line_id.in_([line.line_id for line in lines]))
            .order_by(CaseRow.opened_at.desc())
        ).all()
        cases = case_views(session, rows, now)
    for order in orders:
        found = tracks(engine, viewer, now, order["order_no"])
        order["parcels"] = [
            {
                "carrier": item.carrier,
                "tracking_no": item.tracking_no,
                "delivered_at": item.delivered_at,
                "stalled": item.stalled,
                "events": [
                    {"at": at, "place": place, "text": text}
                    for at, place, text in item.events
                ],
            }
            for item in found
        ]
    return {
        "customer": (
            {
                "id": customer.id,
                "name": mask_name(customer.name),
                "phone": mask_phone(customer.phone),
                "since": customer.created_at,
            }
            if customer
            else None
        ),
        "orders": orders,
        "cases": cases,
        **_advice(engine, viewer, now),
        "hints": _hints(orders, cases),
    }


def _advice(engine: Engine, viewer: Viewer, now: datetime) -> dict[str, Any]:
    """Return what analytics says of a customer; for the agent's eyes alone."""
    known = viewer.customer_id
    # Who refused to be profiled has no value worked out, here neither.
    may = allows(engine, known, Purpose.PERSONALISED)
    value = hints.value_of(engine, known, now) if known and may else None
    return {
        "segment": value["segment"] if value else None,
        "value": value,
        "risk": hints.risk_of(engine, known, now) if known else None,
    }


def verdict_of(
    engine: Engine,
    talk_id: str,
    line_id: str,
    draft: Draft,
    rules: Rules,
    now: datetime,
) -> dict[str, Any]:
    """Return what the policy engine says to one wish with its reason.

    Raises:
        AftercareError: NOT_FOUND (also for another customer's line).
    """
    viewer = _viewer(engine, talk_id)
    with read(engine) as session:
        row = session.get(OrderLineRow, line_id)
        if row is None or row.customer_id != viewer.customer_id:
            raise AftercareError(Reason.NOT_FOUND)
        return _verdict(session, row, draft, rules, now)


def earlier(engine: Engine, talk_id: str, now: datetime) -> list[dict[str, Any]]:
    """Return the customer's other conversations, newest first; none for a guest."""
    viewer = _viewer(engine, talk_id)
    if viewer.customer_id is None:
        return []
    with read(engine) as session:
        ids = session.scalars(
            select(ConversationRow.id)
            .where(
                ConversationRow.customer_id == viewer.customer_id,
                ConversationRow.id != talk_id,
                ConversationRow.next_seq > 1,
            )
            .limit(50)
        ).all()
        rows = rows_of(session, ids, now)
    return sorted(rows, key=lambda row: str(row["last"]["at"]), reverse=True)


def _viewer(engine: Engine, talk_id: str) -> Viewer:
    with read(engine) as session:
        talk = session.get(ConversationRow, talk_id)
        if talk is None:
            raise AftercareError(Reason.NOT_FOUND)
        return Viewer(talk_id, talk.customer_id)


def _order(
    session: Session, order_no: str, lines: list[LineView], rules: Rules, now: datetime
) -> dict[str, Any]:
    row = session.get_one(OrderRow, order_no)
    return {
        "order_no": order_no,
        "placed_at": row.placed_at,
        "paid_fen": row.paid_fen,
        "receiver_phone": mask_phone(row.receiver_phone),
        "receiver_region": row.receiver_region,
        "lines": [_line(session, line, rules, now) for line in lines],
        "parcels": [],
    }


def _line(
    session: Session, line: LineView, rules: Rules, now: datetime
) -> dict[str, Any]:
    row = session.get_one(OrderLineRow, line.line_id)
    return {
        "line_id": line.line_id,
        "title": line.title,
        "variant": line.variant,
        "quantity": line.quantity,
        "paid_fen": line.paid_fen,
        "refunded_fen": row.refunded_fen,
        "image": line.image,
        "fulfilment": line.fulfilment,
        "verdicts": [
            _verdict(session, row, Draft(request, row.id, UNSAID), rules, now)
            for request in REQUESTS
        ],
    }


def _verdict(
    session: Session, row: OrderLineRow, draft: Draft, rules: Rules, now: datetime
) -> dict[str, Any]:
    decision = judge_line(session, row, draft, rules, now)
    return {
        "request": draft.kind,
        "allowed": decision.allowed,
        "rule": decision.rule,
        "basis": decision.basis,
        "amount_fen": decision.amount_fen,
        "freight": decision.freight,
        "deadline": decision.deadline,
        "needs_human": decision.needs_human,
        "evidence": decision.evidence,
    }


def _hints(
    orders: list[dict[str, Any]], cases: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return facts an agent should notice, as codes with a number."""
    running = [item for item in cases if item["state"] in RUNNING]
    late = [i for i in running if i["days_left"] is not None and i["days_left"] < 0]
    stalled = [p for order in orders for p in order["parcels"] if p["stalled"]]
    found = (
        ("open_cases", len(running)),
        ("overdue_cases", len(late)),
        ("stalled_parcels", len(stalled)),
    )
    return [{"kind": kind, "text": str(count)} for kind, count in found if count]
