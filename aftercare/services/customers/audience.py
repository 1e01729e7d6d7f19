"""Whom a campaign is for: customers to whom something happened some days ago."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from aftercare.domain.cases import CaseKind, CaseState
from aftercare.store.cases import CaseEventRow, CaseRow
from aftercare.store.customers import CampaignRow
from aftercare.store.models import OrderLineRow, ProductRow, ShipmentRow
from aftercare.store.surveys import SurveyRow

ACCESSORY, VOUCHER, CARE = "accessory", "voucher", "care"
# Who was missed on the day is still told within so many.
WITHIN = timedelta(days=7)
LOW = 2
# Goods that last longer when they are cared for.
CARED_FOR = ("shoes", "clothes", "appliance")


def audience(session: Session, campaign: CampaignRow, now: datetime) -> list[str]:
    """Return the customers whose moment has come, in a fixed order."""
    last = now - timedelta(days=campaign.after_days)
    query = AUDIENCES[campaign.kind](last - WITHIN, last)
    return sorted(set(session.scalars(query)))


def _repaired(first: datetime, last: datetime) -> Select[str]:
    return (
        select(CaseRow.customer_id)
        .join(CaseEventRow, CaseEventRow.case_no == CaseRow.case_no)
        .where(
            CaseRow.kind == CaseKind.REPAIR,
            CaseEventRow.after == CaseState.DONE,
            CaseEventRow.at.between(first, last),
        )
    )


def _let_down(first: datetime, last: datetime) -> Select[str]:
    """Customers who rated us badly, or whose complaint was found right."""
    complained = (
        select(CaseRow.customer_id)
        .join(CaseEventRow, CaseEventRow.case_no == CaseRow.case_no)
        .where(
            CaseRow.kind == CaseKind.COMPLAINT,
            CaseEventRow.after == CaseState.DONE,
            CaseEventRow.at.between(first, last),
        )
    )
    rated = select(SurveyRow.customer_id).where(
        SurveyRow.customer_id.is_not(None),
        SurveyRow.score <= LOW,
        SurveyRow.answered_at.between(first, last),
    )
    return select(OrderLineRow.customer_id).where(
        or_(
            OrderLineRow.customer_id.in_(complained),
            OrderLineRow.customer_id.in_(rated),
        )
    )


def _owners(first: datetime, last: datetime) -> Select[str]:
    return (
        select(OrderLineRow.customer_id)
        .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
        .join(ShipmentRow, ShipmentRow.id == OrderLineRow.shipment_id)
        .where(
            ProductRow.category.in_(CARED_FOR),
            OrderLineRow.refunded_fen == 0,
            ShipmentRow.delivered_at.between(first, last),
        )
    )


AUDIENCES: dict[str, Callable[[datetime, datetime], Select[str]]] = {
    ACCESSORY: _repaired,
    VOUCHER: _let_down,
    CARE: _owners,
}
