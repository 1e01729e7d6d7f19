"""What stands behind an alert: the orders, cases, talks and people it was made of.

An alert keeps codes and figures alone, for it outlives whom it concerns; who asks
for its evidence gets it from the rows as they are now, with names covered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.domain.calendar import SHOP_ZONE, shop_day
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.mask import mask_name
from aftercare.store.alerts import AlertRow
from aftercare.store.cases import CaseRow
from aftercare.store.messages import ConversationRow
from aftercare.store.models import CarrierEventRow, CustomerRow, OrderRow, ShipmentRow
from aftercare.store.risk import RiskNoteRow
from aftercare.store.unit_of_work import read

Item = dict[str, Any]
DAY = timedelta(days=1)
CASES = (
    "product_faults",
    "product_returns",
    "refusals",
    "refund_due",
    "refund_overdue",
)
TALKS = (
    "waits",
    "mood",
    "agent_findings",
    "unkept_promise",
    "question_rise",
    "article_unhelpful",
    "slow_replies",
)
ORDERS = ("carrier_stall", "carrier_silent")
VOLUMES = ("volume_jump", "volume_drop")


def evidence(engine: Engine, alert_id: int) -> dict[str, Any]:
    """Return `items` (each a kind and an id to open) and `lists` (filters to open).

    Raises:
        AftercareError: NOT_FOUND.
    """
    with read(engine) as session:
        row = session.get(AlertRow, alert_id)
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        return {"items": _items(session, row), "lists": _lists(row)}


def _items(session: Session, row: AlertRow) -> list[Item]:
    if row.kind == "risk_ring":
        return _ring(session, row.subject)
    find: Callable[[Session, Sequence[str]], list[Item]] | None = (
        _cases
        if row.kind in CASES
        else _talks
        if row.kind in TALKS
        else _orders
        if row.kind in ORDERS
        else None
    )
    return find(session, row.examples) if find else []


def _cases(session: Session, numbers: Sequence[str]) -> list[Item]:
    rows = session.execute(
        select(CaseRow, CustomerRow.name)
        .outerjoin(CustomerRow, CustomerRow.id == CaseRow.customer_id)
        .where(CaseRow.case_no.in_(numbers))
        .order_by(CaseRow.opened_at.desc())
    )
    return [
        {
            "kind": "case",
            "id": case.case_no,
            "at": case.opened_at,
            "name": mask_name(name or ""),
            "customer_id": case.customer_id,
            "conversation_id": case.conversation_id,
            "case_kind": case.kind,
            "state": case.state,
            "reason": case.reason,
            "amount_fen": case.amount_fen,
        }
        for case, name in rows
    ]


def _talks(session: Session, ids: Sequence[str]) -> list[Item]:
    rows = session.execute(
        select(ConversationRow, CustomerRow.name)
        .outerjoin(CustomerRow, CustomerRow.id == ConversationRow.customer_id)
        .where(ConversationRow.id.in_(ids))
    )
    found = {
        talk.id: {
            "kind": "conversation",
            "id": talk.id,
            "at": talk.created_at,
            "name": mask_name(name or ""),
            "customer_id": talk.customer_id,
            "owner": talk.owner,
        }
        for talk, name in rows
    }
    # In the alert's own order: the longest wait, or the newest finding, is first.
    return [found[key] for key in ids if key in found]


def _orders(session: Session, numbers: Sequence[str]) -> list[Item]:
    """Return the parcels that stand still, the longest first."""
    moved = (
        select(CarrierEventRow.shipment_id, func.max(CarrierEventRow.at).label("at"))
        .group_by(CarrierEventRow.shipment_id)
        .subquery()
    )
    rows = session.execute(
        select(OrderRow, CustomerRow.name, ShipmentRow, moved.c.at)
        .join(CustomerRow, CustomerRow.id == OrderRow.customer_id)
        .join(ShipmentRow, ShipmentRow.order_no == OrderRow.order_no)
        .outerjoin(moved, moved.c.shipment_id == ShipmentRow.id)
        .where(OrderRow.order_no.in_(numbers), ShipmentRow.delivered_at.is_(None))
    )
    found = [
        {
            "kind": "order",
            "id": order.order_no,
            "at": at or parcel.shipped_at,
            "name": mask_name(name),
            "customer_id": order.customer_id,
            "carrier": parcel.carrier,
            "tracking_no": parcel.tracking_no,
        }
        for order, name, parcel, at in rows
    ]
    return sorted(found, key=lambda item: item["at"])


def _ring(session: Session, ring: str) -> list[Item]:
    """Return the accounts that hang together, the riskiest first."""
    rows = session.execute(
        select(RiskNoteRow, CustomerRow.name)
        .outerjoin(CustomerRow, CustomerRow.id == RiskNoteRow.customer_id)
        .where(RiskNoteRow.ring == ring)
        .order_by(RiskNoteRow.score.desc())
    )
    return [
        {
            "kind": "customer",
            "id": note.customer_id,
            "at": note.ring_at or note.at,
            "name": mask_name(name or ""),
            "customer_id": note.customer_id,
            "score": note.score,
            "returned": note.figures.get("returned"),
            "lines": note.figures.get("lines"),
            "verdict": note.verdict,
        }
        for note, name in rows
    ]


def _lists(row: AlertRow) -> list[dict[str, Any]]:
    """Return the filtered lists that hold all of it, not only the examples."""
    last = shop_day(row.last_at)
    if row.kind in VOLUMES:
        hour = row.last_at.astimezone(SHOP_ZONE).hour
        first = max(0, hour - int(row.figures.get("hours") or 1))
        span = {"from": str(last), "to": str(last)}
        return [
            _review(span | {"hour_from": first, "hour_to": max(hour, first + 1)}),
            *_grown(row, span),
        ]
    if row.kind == "mood":
        span = {"from": str(shop_day(row.last_at - DAY)), "to": str(last)}
        return [_review(span | {"sentiment": "negative"}), *_grown(row, span)]
    if row.kind == "waits":
        span = {"from": str(last), "to": str(last)}
        return [{"page": "inbox", "query": {"tab": "waiting"}}, _review(span)]
    if row.kind == "question_rise":
        begun = row.last_at - int(row.figures.get("days") or 1) * DAY
        span = {"from": str(shop_day(begun)), "to": str(last)}
        return [_review(span | {"intent": row.subject})]
    if row.kind in ("agent_findings", "unkept_promise") or (
        row.kind == "slow_replies" and row.subject != "shop"
    ):
        span = {"from": str(shop_day(row.last_at - 7 * DAY)), "to": str(last)}
        return [
            {"page": "quality", "query": {"agent": row.subject}},
            _review(span | {"agent": row.subject}),
        ]
    if row.kind in ("product_faults", "product_returns"):
        return [{"page": "returns", "query": {"spu": row.subject}}]
    if row.kind in ("refund_due", "refund_overdue"):
        return [{"page": "cases", "query": {"tab": "open"}}]
    return []


def _review(query: dict[str, Any]) -> dict[str, Any]:
    return {"page": "review", "query": query}


def _grown(row: AlertRow, span: dict[str, str]) -> list[dict[str, Any]]:
    return [
        _review(span | {"intent": item["intent"]})
        for item in row.figures.get("intents") or []
    ]
