"""Each night: what each customer is worth, and which list that puts them on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.orm import Session

from aftercare.services.consents import Purpose, refused
from aftercare.services.customers.bands import AT_RISK, HIGH, band_of
from aftercare.store.customers import ProfileRow
from aftercare.store.models import OrderLineRow, OrderRow
from aftercare.store.unit_of_work import read, write
from analytics.customers import segments, value

CHUNK = 5_000


def make_profiles(engine: Engine, now: datetime) -> dict[str, Any]:
    """Write the profile of each customer who did not refuse; twice does no harm."""
    with read(engine) as session:
        orders = paid_orders(session, now)
        silent = refused(session, Purpose.PERSONALISED)
    orders = orders[~orders["customer"].isin(list(silent))]
    if orders.empty:
        return {"customers": 0}
    moment = pd.Timestamp(now)
    table = segments(orders, moment).join(value(orders, moment), rsuffix="_value")
    rows = [_row(str(name), figures, now) for name, figures in _records(table)]
    with write(engine) as session:
        session.execute(delete(ProfileRow))
        # Who refused while this was worked out is left out as well.
        late = refused(session, Purpose.PERSONALISED)
        kept = [row for row in rows if row["customer_id"] not in late]
        for start in range(0, len(kept), CHUNK):
            session.execute(insert(ProfileRow), kept[start : start + CHUNK])
    bands = pd.Series([row["band"] for row in kept]).value_counts()
    return {"customers": len(kept)} | {
        band: int(bands.get(band, 0)) for band in (HIGH, AT_RISK)
    }


def paid_orders(session: Session, now: datetime) -> pd.DataFrame:
    """Return orders net of refunds: columns customer, at, paid_fen."""
    paid = func.sum(OrderLineRow.paid_fen - OrderLineRow.refunded_fen)
    rows = session.execute(
        select(OrderRow.customer_id, OrderRow.placed_at, paid)
        .join(OrderLineRow, OrderLineRow.order_no == OrderRow.order_no)
        .where(OrderRow.placed_at <= now)
        .group_by(OrderRow.order_no, OrderRow.customer_id, OrderRow.placed_at)
    ).all()
    frame = pd.DataFrame(
        [tuple(row) for row in rows], columns=["customer", "at", "paid_fen"]
    )
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    frame["paid_fen"] = frame["paid_fen"].astype(float)
    return frame


def _records(table: pd.DataFrame) -> Any:
    return table.to_dict("index").items()


def _row(name: str, figures: dict[str, Any], now: datetime) -> dict[str, Any]:
    money, churn = int(figures["m"]), float(figures["churn_risk"])
    return {
        "customer_id": name,
        "made_at": now,
        "segment": figures["segment"],
        "band": band_of(money, figures["segment"], churn),
        "orders": int(figures["frequency"]),
        "spent_fen": int(figures["money_fen"]),
        "recency_days": round(float(figures["recency_days"]), 1),
        "expected_fen": round(float(figures["expected_fen"]), 0),
        "churn_risk": round(churn, 3),
        "why": {
            "r": int(figures["r"]),
            "f": int(figures["f"]),
            "m": money,
            # A customer's own pace: days between two orders.
            "every_days": round(1 / max(float(figures["rate_per_day"]), 1e-6)),
            "silent_days": round(float(figures["silent_days"])),
            "expected_orders": round(float(figures["expected_orders"]), 2),
        },
    }
