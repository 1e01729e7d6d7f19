"""Goods and parcels: a product whose faults rise, a carrier that stalls, refusals."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from aftercare.domain.calendar import shop_day
from aftercare.domain.cases import CaseKind, CaseState
from aftercare.services.alerts.types import MOST_EXAMPLES, Report, Severity, days_back
from aftercare.store.cases import CaseEventRow, CaseRow
from aftercare.store.models import (
    CarrierEventRow,
    OrderLineRow,
    OrderRow,
    ProductRow,
    ShipmentRow,
)
from analytics.alerts import Rate, Surprise, surprising
from analytics.alerts.rates import LEVEL

DAY = timedelta(days=1)
RECENT = 3 * DAY
WINDOWS = (3, 7)  # days
# Days after an order in which most of what is wrong with it is said.
COMPLAINED = 14
PAST = timedelta(days=28)
FAULTS = ("defect", "damaged", "missing", "wrong_item")
BACK = (CaseKind.RETURN_REFUND, CaseKind.REFUND_ONLY, CaseKind.EXCHANGE)
STILL = timedelta(hours=48)
UNDER_WAY = timedelta(days=12)
SNAPSHOTS = 4  # weeks back
MOST_OF_A_BATCH = 500


def faults(session: Session, now: datetime) -> Iterator[Report]:
    """Report products whose fault cases rise against what was delivered of them."""
    wanted = CaseRow.reason.in_(FAULTS)
    for spu, rise in _rises(session, wanted, now).items():
        batch = _batch(session, spu, [case_no for _, case_no, _ in rise.cases], now)
        yield rise.report("product_faults", "high", batch)


def returns(session: Session, now: datetime) -> Iterator[Report]:
    """Report products sent back more than usual though nothing is said to be broken.

    A recall, a size that runs small, a description that promises too much.
    """
    wanted = and_(CaseRow.reason.not_in(FAULTS), CaseRow.kind.in_(BACK))
    for rise in _rises(session, wanted, now).values():
        yield rise.report("product_returns", "medium", {})


@dataclass(frozen=True)
class _Rise:
    """A product, how surprising it is, over which days, and its cases, newest first."""

    found: Surprise
    window: int
    title: str
    cases: list[tuple[datetime, str, str]]

    def report(self, kind: str, severity: Severity, more: dict[str, Any]) -> Report:
        spu = self.found.subject
        return Report(
            kind,
            spu,
            severity,
            {
                "title": self.title,
                "seen": self.found.seen,
                "usual": round(self.found.usual, 2),
                "days": float(self.window),
                "p": self.found.p,
                "reasons": dict(Counter(reason for _, _, reason in self.cases)),
                **more,
            },
            [case_no for _, case_no, _ in self.cases][:MOST_EXAMPLES],
            frozenset({f"product:{spu}", "product:*"}),
        )


def _rises(
    session: Session, wanted: ColumnElement[bool], now: datetime
) -> dict[str, _Rise]:
    """Return the products with far more cases than usual.

    A burst shows in three days, a slower rise only in a week: both are looked at,
    each for half of the false alarms.
    """
    rows = session.execute(
        select(ProductRow.spu, CaseRow.opened_at, CaseRow.case_no, CaseRow.reason)
        .join(OrderLineRow, OrderLineRow.id == CaseRow.line_id)
        .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
        .where(CaseRow.opened_at > now - PAST, CaseRow.opened_at <= now, wanted)
        .order_by(CaseRow.opened_at.desc())
    )
    known: dict[str, list[tuple[datetime, str, str]]] = defaultdict(list)
    for spu, at, case_no, reason in rows:
        known[spu].append((at, case_no, reason))
    if not known:
        return {}
    out = _out(session, now)
    best: dict[str, tuple[Surprise, int]] = {}
    for window in WINDOWS:
        rates = [_rate(spu, known[spu], days, window, now) for spu, days in out.items()]
        for found in surprising(rates, level=LEVEL / 2):
            before = best.get(found.subject)
            if before is None or found.p < before[0].p:
                best[found.subject] = (found, window)
    titles = dict(session.execute(select(ProductRow.spu, ProductRow.title)).all())
    return {
        spu: _Rise(
            found,
            window,
            titles.get(spu, ""),
            [item for item in known[spu] if item[0] > now - window * DAY],
        )
        for spu, (found, window) in best.items()
    }


def _out(session: Session, now: datetime) -> dict[str, list[float]]:
    """Return by product and day before now the pieces a customer may complain of.

    Those of the last two weeks: after a sale more come back, and that is no rise.
    """
    back = days_back(session, OrderRow.placed_at, now)
    rows = session.execute(
        select(ProductRow.spu, back, func.sum(OrderLineRow.quantity))
        .join(OrderLineRow, OrderLineRow.sku == ProductRow.sku)
        .join(OrderRow, OrderRow.order_no == OrderLineRow.order_no)
        .where(
            OrderRow.placed_at > now - PAST - COMPLAINED * DAY,
            OrderRow.placed_at <= now,
        )
        .group_by(ProductRow.spu, back)
    )
    days = PAST // DAY
    sold: dict[str, list[float]] = defaultdict(lambda: [0.0] * (days + COMPLAINED))
    for spu, day, pieces in rows:
        if 0 <= int(day) < days + COMPLAINED:
            sold[spu][int(day)] = float(pieces)
    return {
        spu: [sum(mine[day : day + COMPLAINED]) for day in range(days)]
        for spu, mine in sold.items()
    }


def _rate(
    spu: str,
    cases: list[tuple[datetime, str, str]],
    out: list[float],
    window: int,
    now: datetime,
) -> Rate:
    new = sum(at > now - window * DAY for at, _, _ in cases)
    return Rate(spu, new, sum(out[:window]), len(cases) - new, sum(out[window:]))


def _batch(
    session: Session, spu: str, cases: list[str], now: datetime
) -> dict[str, str | int]:
    """Return from when to when the faulty pieces were shipped, and how many then.

    Those not yet complained of are whom to tell before they find out.
    """
    parcel = ShipmentRow.order_no == OrderLineRow.order_no
    first, last = session.execute(
        select(func.min(ShipmentRow.shipped_at), func.max(ShipmentRow.shipped_at))
        .join(OrderLineRow, parcel)
        .join(CaseRow, CaseRow.line_id == OrderLineRow.id)
        .where(CaseRow.case_no.in_(cases[:MOST_OF_A_BATCH]))
    ).one()
    if first is None or last is None:
        return {}
    pieces = session.scalar(
        select(func.sum(OrderLineRow.quantity))
        .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
        .join(ShipmentRow, parcel)
        .where(ProductRow.spu == spu, ShipmentRow.shipped_at.between(first, now))
    )
    return {
        "shipped_first": shop_day(first).isoformat(),
        "shipped_last": shop_day(last).isoformat(),
        "shipped": int(pieces or 0),
    }


def carriers(session: Session, now: datetime) -> Iterator[Report]:
    """Report carriers of whose parcels more stand still than at earlier times."""
    stills = [_still(session, now - timedelta(weeks=w)) for w in range(SNAPSHOTS + 1)]
    rates = []
    for carrier, (parcels, total) in stills[0].items():
        past = [snap[carrier] for snap in stills[1:] if carrier in snap]
        rates.append(
            Rate(
                carrier,
                len(parcels),
                total,
                sum(len(found) for found, _ in past),
                sum(count for _, count in past),
            )
        )
    for found in surprising(rates):
        parcels, total = stills[0][found.subject]
        yield Report(
            "carrier_stall",
            found.subject,
            "high",
            {
                "seen": found.seen,
                "of": total,
                "usual": round(found.usual, 1),
                "hours": STILL / timedelta(hours=1),
                "p": found.p,
            },
            parcels[:MOST_EXAMPLES],
            frozenset({f"carrier:{found.subject}", "carrier:*"}),
        )


def _still(session: Session, at: datetime) -> dict[str, tuple[list[str], int]]:
    """Return by carrier the orders whose parcels had not moved, and all under way."""
    last = (
        select(CarrierEventRow.shipment_id, func.max(CarrierEventRow.at).label("moved"))
        .where(CarrierEventRow.at <= at)
        .group_by(CarrierEventRow.shipment_id)
        .subquery()
    )
    rows = session.execute(
        select(
            ShipmentRow.carrier,
            ShipmentRow.order_no,
            ShipmentRow.shipped_at,
            last.c.moved,
        )
        .outerjoin(last, last.c.shipment_id == ShipmentRow.id)
        .where(
            ShipmentRow.shipped_at <= at,
            ShipmentRow.shipped_at > at - UNDER_WAY,
            or_(ShipmentRow.delivered_at.is_(None), ShipmentRow.delivered_at > at),
        )
    )
    parcels: dict[str, list[str]] = defaultdict(list)
    total: Counter[str] = Counter()
    for carrier, order_no, shipped, moved in rows:
        total[carrier] += 1
        if at - (moved or shipped) > STILL:
            parcels[carrier].append(order_no)
    return {carrier: (parcels[carrier], count) for carrier, count in total.items()}


def refusals(session: Session, now: datetime) -> Iterator[Report]:
    """Report when more cases than usual are refused."""
    rows = session.execute(
        select(CaseEventRow.at, CaseEventRow.after, CaseEventRow.case_no).where(
            CaseEventRow.at > now - PAST,
            CaseEventRow.at <= now,
            CaseEventRow.after.in_(
                (CaseState.REFUSED, CaseState.APPROVED, CaseState.DONE)
            ),
        )
    ).all()
    new = [row for row in rows if row.at > now - RECENT]
    old = [row for row in rows if row.at <= now - RECENT]
    refused = [row.case_no for row in new if row.after == CaseState.REFUSED]
    before = sum(row.after == CaseState.REFUSED for row in old)
    for found in surprising([Rate("shop", len(refused), len(new), before, len(old))]):
        yield Report(
            "refusals",
            "shop",
            "medium",
            {
                "seen": found.seen,
                "usual": round(found.usual, 1),
                "of": len(new),
                "p": found.p,
            },
            refused[:MOST_EXAMPLES],
        )
