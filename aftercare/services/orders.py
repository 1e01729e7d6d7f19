"""What a viewer may see of orders, products and parcels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select, true
from sqlalchemy.orm import Session

from aftercare.domain.cases import CaseKind, CaseState
from aftercare.domain.orders import Exclusion, Fulfilment, OrderLine
from aftercare.services.access import Viewer, own_lines
from aftercare.store.cases import CaseEventRow, CaseRow
from aftercare.store.models import (
    CarrierEventRow,
    OrderLineRow,
    OrderRow,
    ProductRow,
    ShipmentRow,
)
from aftercare.store.unit_of_work import read

STALLED = timedelta(hours=72)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LineView:
    """One order line as its owner sees it; money in fen."""

    line_id: str
    order_no: str
    sku: str
    spu: str
    title: str
    variant: str
    category: str
    quantity: int
    paid_fen: int
    image: str
    placed_at: datetime
    shipment_id: str | None
    fulfilment: Fulfilment
    refunded_fen: int = 0
    bulky: bool = False
    digital: bool = False

    @property
    def is_refunded(self) -> bool:
        """All that was paid has been given back; never so of a gift."""
        return 0 < self.paid_fen <= self.refunded_fen

    @property
    def is_called_off(self) -> bool:
        """Refunded before it was sent: there is no thing to ask anything for."""
        return self.is_refunded and self.fulfilment is Fulfilment.UNSHIPPED


@dataclass(frozen=True, slots=True)
class Track:
    """One parcel: newest event first; `stalled` after 72 hours of silence."""

    title: str
    order_no: str
    carrier: str
    tracking_no: str
    delivered_at: datetime | None
    events: tuple[tuple[datetime, str, str], ...]
    stalled: bool


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant that can be sent in exchange."""

    sku: str
    variant: str


def recent_lines(
    engine: Engine, viewer: Viewer, limit: int = 10, *, gifts: bool = False
) -> list[LineView]:
    """Return the viewer's order lines, newest order first, gifts only if asked."""
    wanted = true() if gifts else OrderLineRow.is_gift.is_(False)
    with read(engine) as session:
        rows = session.execute(
            select(OrderLineRow, OrderRow, ProductRow, ShipmentRow)
            .join(OrderRow, OrderRow.order_no == OrderLineRow.order_no)
            .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
            .outerjoin(ShipmentRow, ShipmentRow.id == OrderLineRow.shipment_id)
            .where(own_lines(session, viewer), wanted)
            .order_by(OrderRow.placed_at.desc(), OrderLineRow.id)
            .limit(limit)
        ).all()
        return [_view(*row) for row in rows]


def tracks(engine: Engine, viewer: Viewer, now: datetime, order_no: str) -> list[Track]:
    """Return the parcels of one order the viewer may see."""
    with read(engine) as session:
        rows = session.execute(
            select(ShipmentRow, ProductRow.title)
            .join(OrderLineRow, OrderLineRow.shipment_id == ShipmentRow.id)
            .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
            .where(own_lines(session, viewer), OrderLineRow.order_no == order_no)
            .order_by(ShipmentRow.shipped_at.desc())
        ).all()
        seen = {shipment.id: (shipment, title) for shipment, title in reversed(rows)}
        return [_track(session, row, title, now) for row, title in seen.values()]


def variants(engine: Engine, line: LineView) -> list[Variant]:
    """Return what is in stock of the same article, the bought variant included."""
    with read(engine) as session:
        rows = session.scalars(
            select(ProductRow)
            .where(ProductRow.spu == line.spu, ProductRow.stock > 0)
            .order_by(ProductRow.sku)
        )
        return [Variant(row.sku, row.variant) for row in rows]


def every_variant(engine: Engine, line: LineView) -> list[Variant]:
    """Return all variants of the same article, also those out of stock."""
    with read(engine) as session:
        rows = session.scalars(
            select(ProductRow)
            .where(ProductRow.spu == line.spu)
            .order_by(ProductRow.sku)
        )
        return [Variant(row.sku, row.variant) for row in rows]


def line_facts(session: Session, row: OrderLineRow) -> OrderLine:
    """Return a line as the policy engine needs to see it."""
    product = session.get_one(ProductRow, row.sku)
    shipment = session.get(ShipmentRow, row.shipment_id) if row.shipment_id else None
    gifts = session.scalar(
        select(func.count()).where(
            OrderLineRow.order_no == row.order_no, OrderLineRow.is_gift.is_(True)
        )
    )
    running, days = repair_times(session, row.id)
    return OrderLine(
        line_id=row.id,
        paid_fen=row.paid_fen,
        fulfilment=_fulfilment(shipment),
        category=product.category,
        exclusion=Exclusion(product.exclusion),
        exclusion_confirmed=row.exclusion_confirmed,
        delivered_at=shipment.delivered_at if shipment else None,
        replaced_at=row.replaced_at,
        refunded_fen=row.refunded_fen,
        is_gift=row.is_gift,
        intact=row.intact,
        repairs=row.repairs,
        quantity=row.quantity,
        repair_opened_at=running,
        repair_days=days,
        has_gift=bool(gifts) and not row.is_gift,
    )


def repair_times(session: Session, line_id: str) -> tuple[datetime | None, int]:
    """Return when a running repair was opened, and the days of finished ones.

    Repair time does not count towards the terms (Implementing Regulation 778,
    art. 18); begun days count as whole ones, in the customer's favour.
    """
    repairs = session.scalars(
        select(CaseRow)
        .where(CaseRow.line_id == line_id, CaseRow.kind == CaseKind.REPAIR)
        .order_by(CaseRow.opened_at)
    ).all()
    running: datetime | None = None
    days = 0
    for case in repairs:
        if case.state not in (CaseState.DONE, CaseState.REFUSED, CaseState.CANCELLED):
            running = running or case.opened_at
            continue
        if case.state == CaseState.DONE:
            closed = session.scalar(
                select(func.max(CaseEventRow.at)).where(
                    CaseEventRow.case_no == case.case_no
                )
            )
            days += math.ceil(((closed or case.opened_at) - case.opened_at) / DAY)
    return running, days


def _fulfilment(shipment: ShipmentRow | None) -> Fulfilment:
    if shipment is None:
        return Fulfilment.UNSHIPPED
    delivered = shipment.delivered_at is not None
    return Fulfilment.DELIVERED if delivered else Fulfilment.IN_TRANSIT


def _view(
    line: OrderLineRow, order: OrderRow, item: ProductRow, parcel: ShipmentRow | None
) -> LineView:
    return LineView(
        line_id=line.id,
        order_no=line.order_no,
        sku=line.sku,
        spu=item.spu,
        title=item.title,
        variant=item.variant,
        category=item.category,
        quantity=line.quantity,
        paid_fen=line.paid_fen,
        image=item.image,
        placed_at=order.placed_at,
        shipment_id=line.shipment_id,
        fulfilment=_fulfilment(parcel),
        refunded_fen=line.refunded_fen,
        bulky=item.bulky,
        digital=item.exclusion == Exclusion.DIGITAL,
    )


def _track(session: Session, row: ShipmentRow, title: str, now: datetime) -> Track:
    events = session.scalars(
        select(CarrierEventRow)
        .where(CarrierEventRow.shipment_id == row.id)
        .order_by(CarrierEventRow.at.desc())
    ).all()
    last = events[0].at if events else row.shipped_at
    return Track(
        title=title,
        order_no=row.order_no,
        carrier=row.carrier,
        tracking_no=row.tracking_no,
        delivered_at=row.delivered_at,
        events=tuple((event.at, event.place, event.text) for event in events),
        stalled=row.delivered_at is None and now - last > STALLED,
    )
