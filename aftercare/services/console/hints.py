"""What analytics says of a customer beside a chat: value, churn, and risk.

For the agent's eyes alone, and only advice: nothing here decides, and no word of
it may reach the customer. What fails is left out; the page stands without it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Engine, func, select

from aftercare.services.training.serving import current
from aftercare.store.models import OrderLineRow, OrderRow
from aftercare.store.unit_of_work import read

log = logging.getLogger(__name__)
KEEP_S = 600.0
# The share of the past that was more usual: above this a person should look.
WORTH_A_LOOK = 0.95
MOST_REASONS = 3
Table = dict[str, dict[str, Any]]


@dataclass(slots=True)
class _Kept:
    """Tables of all customers of one database; made at most once in KEEP_S."""

    made_at: dict[str, float] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_kept: dict[str, _Kept] = {}


def value_of(engine: Engine, customer_id: str, now: datetime) -> dict[str, Any] | None:
    """Return segment, orders, money in fen, expected orders and churn risk 0…1.

    None for a customer without orders, or where it could not be worked out.
    """
    return _table(engine, "value", lambda: _values(engine, now)).get(customer_id)


def risk_of(engine: Engine, customer_id: str, now: datetime) -> dict[str, Any] | None:
    """Return a risk score 0…1 with its reasons, where it is worth a look.

    None for a usual customer, and while no model was trained on the shop's data.
    """
    return _table(engine, "risk", lambda: _risks(engine, now)).get(customer_id)


def forget() -> None:
    """Drop what is kept, so that the next look works it out again."""
    _kept.clear()


def _table(engine: Engine, name: str, make: Callable[[], Table]) -> Table:
    kept = _kept.setdefault(str(engine.url), _Kept())
    with kept.lock:
        made = kept.made_at.get(name)
        if made is None or time.monotonic() - made > KEEP_S:
            try:
                kept.tables[name] = make()
            except Exception as error:  # advice must never break the agent's page
                log.error("no %s of customers: %s", name, type(error).__name__)
                kept.tables.setdefault(name, {})
            kept.made_at[name] = time.monotonic()
        return kept.tables[name]


def _values(engine: Engine, now: datetime) -> Table:
    # Imported when first needed: a start must not wait for it.
    from analytics.customers import segments, value

    query = (
        select(
            OrderRow.customer_id,
            OrderRow.placed_at,
            func.sum(OrderLineRow.paid_fen - OrderLineRow.refunded_fen),
        )
        .join(OrderLineRow, OrderLineRow.order_no == OrderRow.order_no)
        .where(OrderRow.placed_at <= now)
        .group_by(OrderRow.order_no, OrderRow.customer_id, OrderRow.placed_at)
    )
    with read(engine) as session:
        rows = [tuple(row) for row in session.execute(query)]
    if not rows:
        return {}
    orders = pd.DataFrame(rows, columns=["customer", "at", "paid_fen"])
    orders["at"] = pd.to_datetime(orders["at"], utc=True)
    orders["paid_fen"] = orders["paid_fen"].astype(float)
    moment = pd.Timestamp(now)
    table = segments(orders, moment).join(value(orders, moment))
    return {
        str(row.Index): {
            "segment": row.segment,
            "orders": int(row.frequency),
            "money_fen": int(row.money_fen),
            "last_days": round(float(row.recency_days)),
            "expected_orders": round(float(row.expected_orders), 2),
            "churn_risk": round(float(row.churn_risk), 2),
        }
        for row in table.itertuples()
    }


def _risks(engine: Engine, now: datetime) -> Table:
    from aftercare.services.training.risk import order_lines
    from analytics.risk import RiskModel, customer_features

    model = current(engine, "risk", RiskModel)
    if model is None:
        return {}
    features = customer_features(order_lines(engine, now))
    scores = model.score(features)
    found: Table = {}
    for customer, score in zip(features.index, scores, strict=True):
        if score < WORTH_A_LOOK:
            continue
        note = model.assess(features.loc[[customer]])
        found[str(customer)] = {
            "score": round(float(note.score), 3),
            "basis": note.basis,
            "reasons": [name for name, _ in note.reasons[:MOST_REASONS]],
        }
    return found
