"""Lists of customers, and all that is known of one, for who serves them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, delete, func, or_, select
from sqlalchemy.orm import Session

from aftercare.domain.calendar import SHOP_ZONE
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.consents import Purpose, allows_in, set_consent_in
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.mask import mask_name, mask_phone
from aftercare.services.console.rows import rows_of
from aftercare.services.customers.bands import NONE
from aftercare.store.cases import CaseRow
from aftercare.store.customers import (
    CampaignMemberRow,
    CampaignRow,
    CustomerTagRow,
    ProfileRow,
)
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.models import CustomerRow, OrderLineRow, OrderRow, ProductRow
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import read, write

PAGE = 50
NEWEST = 20


def listed(
    engine: Engine, *, band: str = "", segment: str = "", tag: str = "", text: str = ""
) -> dict[str, Any]:
    """Return customers, those who will likely spend most first, and the counts.

    ``text`` is the beginning of an id, or all of a phone number or name.
    """
    query = select(CustomerRow, ProfileRow).outerjoin(
        ProfileRow, ProfileRow.customer_id == CustomerRow.id
    )
    if band:
        query = query.where(ProfileRow.band == band)
    if segment:
        query = query.where(ProfileRow.segment == segment)
    if tag:
        query = query.where(CustomerRow.id.in_(_tagged(tag)))
    if text:
        query = query.where(
            or_(
                CustomerRow.id.startswith(text, autoescape=True),
                CustomerRow.phone == text,
                CustomerRow.name == text,
            )
        )
    order = func.coalesce(ProfileRow.expected_fen, -1).desc()
    with read(engine) as session:
        rows = session.execute(query.order_by(order, CustomerRow.id).limit(PAGE)).all()
        tags = _tags(session, [customer.id for customer, _ in rows])
        bands = session.execute(
            select(ProfileRow.band, func.count()).group_by(ProfileRow.band)
        )
        groups = session.execute(
            select(ProfileRow.segment, func.count()).group_by(ProfileRow.segment)
        )
        return {
            "items": [
                _who(customer) | _figures(profile) | {"tags": tags.get(customer.id, [])}
                for customer, profile in rows
            ],
            "bands": {name: count for name, count in bands if name != NONE},
            "segments": {name: count for name, count in groups},
        }


def profile(engine: Engine, customer_id: str, now: datetime) -> dict[str, Any]:
    """Return all that is known of a customer; figures of value only with consent.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with read(engine) as session:
        customer = session.get(CustomerRow, customer_id)
        if customer is None:
            raise AftercareError(Reason.NOT_FOUND)
        consents = {str(p): allows_in(session, customer_id, p) for p in Purpose}
        known = consents[Purpose.PERSONALISED]
        figures = session.get(ProfileRow, customer_id) if known else None
        orders = session.scalars(
            select(OrderRow)
            .where(OrderRow.customer_id == customer_id)
            .order_by(OrderRow.placed_at.desc())
            .limit(NEWEST)
        ).all()
        cases = session.scalars(
            select(CaseRow)
            .where(CaseRow.customer_id == customer_id)
            .order_by(CaseRow.opened_at.desc())
            .limit(NEWEST)
        ).all()
        talks = session.scalars(
            select(ConversationRow.id)
            .where(
                ConversationRow.customer_id == customer_id, ConversationRow.next_seq > 1
            )
            .limit(NEWEST)
        ).all()
        return (
            _who(customer)
            | _figures(figures)
            | {
                "why": figures.why if figures else None,
                "tags": _tags(session, [customer_id]).get(customer_id, []),
                "consents": consents,
                "preferences": _preferences(session, customer_id) if known else None,
                "satisfaction": _satisfaction(session, customer_id),
                "orders": [
                    {
                        "order_no": row.order_no,
                        "placed_at": row.placed_at,
                        "paid_fen": row.paid_fen,
                    }
                    for row in orders
                ],
                "cases": [
                    {
                        "case_no": row.case_no,
                        "kind": row.kind,
                        "state": row.state,
                        "reason": row.reason,
                        "opened_at": row.opened_at,
                    }
                    for row in cases
                ],
                "talks": rows_of(session, talks, now),
                "campaigns": _campaigns(session, customer_id),
            }
        )


def set_tags(
    engine: Engine, actor: Actor, customer_id: str, tags: list[str], now: datetime
) -> list[str]:
    """Put exactly these tags on a customer.

    Raises:
        AftercareError: NOT_FOUND.
    """
    wanted = sorted({tag.strip()[:32] for tag in tags if tag.strip()})
    with write(engine) as session:
        _there(session, customer_id)
        session.execute(
            delete(CustomerTagRow).where(CustomerTagRow.customer_id == customer_id)
        )
        for tag in wanted:
            session.add(
                CustomerTagRow(customer_id=customer_id, tag=tag, by=actor.login, at=now)
            )
        record(session, actor, "customer.tags", now, customer_id, tags=wanted)
    return wanted


def set_consent(
    engine: Engine,
    actor: Actor,
    customer_id: str,
    purpose: Purpose,
    now: datetime,
    *,
    given: bool,
) -> None:
    """Write down what a customer told an agent; a refusal counts at once.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        _there(session, customer_id)
        set_consent_in(
            session, customer_id, purpose, now, given=given, source="console"
        )
        record(
            session, actor, "customer.consent", now, customer_id,
            purpose=str(purpose), given=given,
        )  # fmt: skip


def _there(session: Session, customer_id: str) -> None:
    if session.get(CustomerRow, customer_id) is None:
        raise AftercareError(Reason.NOT_FOUND)


def _who(row: CustomerRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": mask_name(row.name),
        "phone": mask_phone(row.phone),
        "since": row.created_at,
    }


def _figures(row: ProfileRow | None) -> dict[str, Any]:
    names = (
        *("segment", "band", "orders", "spent_fen", "recency_days"),
        *("expected_fen", "churn_risk", "made_at"),
    )
    found = {name: getattr(row, name) if row else None for name in names}
    return {("bought" if k == "orders" else k): v for k, v in found.items()}


def _tagged(tag: str) -> Select[str]:
    return select(CustomerTagRow.customer_id).where(CustomerTagRow.tag == tag)


def _tags(session: Session, ids: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rows = session.execute(
        select(CustomerTagRow.customer_id, CustomerTagRow.tag)
        .where(CustomerTagRow.customer_id.in_(ids))
        .order_by(CustomerTagRow.tag)
    )
    for customer, tag in rows:
        found.setdefault(customer, []).append(tag)
    return found


def _preferences(session: Session, customer_id: str) -> dict[str, Any]:
    """Return what they buy, and at what hour they write."""
    bought = session.scalars(
        select(ProductRow.category)
        .join(OrderLineRow, OrderLineRow.sku == ProductRow.sku)
        .where(
            OrderLineRow.customer_id == customer_id,
            OrderLineRow.is_gift.is_(False),
            OrderLineRow.refunded_fen < OrderLineRow.paid_fen,
        )
    ).all()
    wrote = session.scalars(
        select(MessageRow.at)
        .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        .where(
            ConversationRow.customer_id == customer_id, MessageRow.sender == "customer"
        )
        .order_by(MessageRow.id.desc())
        .limit(200)
    ).all()
    hours = Counter(at.astimezone(SHOP_ZONE).hour for at in wrote)
    return {
        "categories": [
            {"category": name, "count": count}
            for name, count in Counter(bought).most_common(3)
        ],
        "hours": [hour for hour, _ in hours.most_common(2)],
    }


def _satisfaction(session: Session, customer_id: str) -> dict[str, Any]:
    scores = session.execute(
        select(SurveyRow.score, SurveyRow.answered_at)
        .where(SurveyRow.customer_id == customer_id, SurveyRow.score.is_not(None))
        .order_by(SurveyRow.answered_at.desc())
        .limit(NEWEST)
    ).all()
    values = [score for score, _ in scores if score is not None]
    return {
        "mean": round(sum(values) / len(values), 2) if values else None,
        "scores": [{"score": score, "at": at} for score, at in scores],
    }


def _campaigns(session: Session, customer_id: str) -> list[dict[str, Any]]:
    rows = session.execute(
        select(CampaignRow.name, CampaignMemberRow.arm, CampaignMemberRow.at)
        .join(CampaignRow, CampaignRow.id == CampaignMemberRow.campaign_id)
        .where(CampaignMemberRow.customer_id == customer_id)
        .order_by(CampaignMemberRow.at.desc())
    )
    return [{"name": name, "arm": arm, "at": at} for name, arm, at in rows]
