"""The scans of the month's parcels, and one carrier whose parcels stand still."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.demo_month.plan import DAY, DAYS, HOUR
from aftercare.store.models import CarrierEventRow, OrderLineRow, ShipmentRow
from aftercare.store.unit_of_work import write

MOVING = "in_transit"
# A hub scans a parcel about twice a day.
BETWEEN = (7, 13)
# A parcel is under way so long at most; the older ones are lost.
UNDER_WAY = 12 * DAY
# The last scans of the carrier that stands still: beyond what the alert bears.
STANDS = (54, 76)


def scan(engine: Engine, now: datetime, seed: int) -> None:
    """Write the hubs' scans of the parcels of invented customers up to `now`."""
    random = Random(f"{seed}:parcels")
    with write(engine) as session:
        parcels = _parcels(session, now - DAYS * DAY - UNDER_WAY, now)
        standing = max((parcel.carrier for parcel in parcels), default="")
        for parcel in parcels:
            stops = parcel.carrier == standing and parcel.delivered_at is None
            _follow(session, parcel, now, random, stops=stops)


def _parcels(session: Session, since: datetime, now: datetime) -> list[ShipmentRow]:
    invented = select(OrderLineRow.shipment_id).where(
        OrderLineRow.customer_id.regexp_match("^C[0-9]{5}$")
    )
    query = select(ShipmentRow).where(
        ShipmentRow.id.in_(invented),
        ShipmentRow.shipped_at > since,
        ShipmentRow.shipped_at <= now,
    )
    return list(session.scalars(query.order_by(ShipmentRow.id)))


def _follow(
    session: Session, parcel: ShipmentRow, now: datetime, random: Random, *, stops: bool
) -> None:
    """Let hubs scan one parcel; where it stops, nobody has since some moment."""
    seen = session.scalars(
        select(CarrierEventRow)
        .where(
            CarrierEventRow.shipment_id == parcel.id, CarrierEventRow.status == MOVING
        )
        .order_by(CarrierEventRow.at)
    ).first()
    if seen is None:
        return
    last = parcel.delivered_at or now
    if stops:
        last = now - random.uniform(*STANDS) * HOUR
        seen.at = min(seen.at, max(last, parcel.shipped_at + timedelta(minutes=30)))
    at = parcel.shipped_at + random.uniform(*BETWEEN) * HOUR
    while at < last:
        session.add(
            CarrierEventRow(
                shipment_id=parcel.id,
                at=at,
                status=MOVING,
                place=seen.place,
                text=seen.text,
            )
        )
        at += random.uniform(*BETWEEN) * HOUR
