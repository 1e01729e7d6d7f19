"""Carriers whose scans stop: seen in hours, long before parcels stand for two days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Integer, case, cast, func, select
from sqlalchemy.orm import Session

from aftercare.services.alerts.types import MOST_EXAMPLES, Report, spans_of
from aftercare.store.models import CarrierEventRow, ShipmentRow
from analytics.alerts import Silence, silence

# In quarters of an hour: what has just stopped is not hidden in an hour's bin.
QUARTER = timedelta(minutes=15)
HOUR_OF, DAY_OF = 4, 96
DAYS = 28
LENGTH = DAYS * DAY_OF
# A parcel not delivered after so long is lost, not under way.
UNDER_WAY = 12 * DAY_OF
# A strong signal shows in the short ones: many parcels, and not one scan.
WINDOWS = tuple(hours * HOUR_OF for hours in (2, 3, 4, 6, 12, 24))
Floats = NDArray[np.float64]


def silences(session: Session, now: datetime) -> Iterator[Report]:
    """Report carriers with far fewer scans than their parcels under way lead to expect.

    All carriers at once is no strike: then the import of scans has stopped, or the
    country has a holiday, and that is one report.
    """
    scans, parcels = _quarters(session, now)
    judged: dict[str, Silence | None] = {}
    for carrier, under_way in parcels.items():
        seen = scans.get(carrier, np.zeros(LENGTH))
        found = [silence(seen, under_way, places, DAY_OF) for places in WINDOWS]
        if any(item.judged for item in found):
            loud = [item for item in found if item.silent]
            judged[carrier] = min(loud, key=lambda item: item.p) if loud else None
    silent = {name: item for name, item in judged.items() if item is not None}
    if len(silent) > 1 and len(silent) == len(judged):
        seen, usual = (
            sum(getattr(item, field) for item in silent.values())
            for field in ("seen", "usual")
        )
        yield Report(
            "scans_missing",
            "shop",
            "medium",
            {"seen": int(seen), "usual": round(usual, 1), "carriers": len(silent)},
            causes=frozenset({"carrier:*"}),
        )
        return
    for carrier, item in silent.items():
        orders = _waiting(session, carrier, now, item.places)
        yield Report(
            "carrier_silent",
            carrier,
            "high",
            {
                "seen": int(item.seen),
                "usual": round(item.usual, 1),
                "hours": item.places // HOUR_OF,
                "of": len(orders),
                "chance": item.p,
            },
            orders[:MOST_EXAMPLES],
            frozenset({f"carrier:{carrier}", "carrier:*"}),
        )


def _quarters(
    session: Session, now: datetime
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return scans, and parcels under way, by carrier and quarter up to `now`'s."""
    seconds = int(QUARTER.total_seconds())
    last = int(now.timestamp()) // seconds
    first = last - LENGTH
    shipped = cast(spans_of(session, ShipmentRow.shipped_at, seconds), Integer)
    delivered = cast(spans_of(session, ShipmentRow.delivered_at, seconds), Integer)
    lost = shipped + UNDER_WAY
    gone = case(
        (ShipmentRow.delivered_at.is_(None), lost),
        (delivered > lost, lost),
        else_=delivered,
    )
    known = (
        ShipmentRow.shipped_at > now - (LENGTH + UNDER_WAY) * QUARTER,
        ShipmentRow.shipped_at <= now,
    )
    change: dict[str, Floats] = {}
    for quarter, sign in ((shipped, 1), (gone, -1)):
        counted = session.execute(
            select(ShipmentRow.carrier, quarter, func.count())
            .where(*known)
            .group_by(ShipmentRow.carrier, quarter)
        )
        for carrier, at, count in counted:
            mine = change.setdefault(carrier, np.zeros(LENGTH))
            # What left before the first quarter is under way from there.
            place = max(int(at) - first, 0)
            if place < LENGTH:
                mine[place] += sign * count
    scanned = cast(spans_of(session, CarrierEventRow.at, seconds), Integer)
    scans: dict[str, Floats] = {}
    for carrier, at, count in session.execute(
        select(ShipmentRow.carrier, scanned, func.count())
        .join(ShipmentRow, ShipmentRow.id == CarrierEventRow.shipment_id)
        .where(CarrierEventRow.at > now - LENGTH * QUARTER, CarrierEventRow.at <= now)
        .group_by(ShipmentRow.carrier, scanned)
    ):
        place = int(at) - first
        if 0 <= place < LENGTH:
            scans.setdefault(carrier, np.zeros(LENGTH))[place] += count
    return scans, {name: np.cumsum(mine) for name, mine in change.items()}


def _waiting(session: Session, carrier: str, now: datetime, places: int) -> list[str]:
    """Return the orders under way with a carrier, the longest first."""
    query: Any = (
        select(ShipmentRow.order_no)
        .where(
            ShipmentRow.carrier == carrier,
            ShipmentRow.shipped_at <= now - places * QUARTER,
            ShipmentRow.shipped_at > now - UNDER_WAY * QUARTER,
            ShipmentRow.delivered_at.is_(None),
        )
        .order_by(ShipmentRow.shipped_at)
    )
    return list(session.scalars(query))
