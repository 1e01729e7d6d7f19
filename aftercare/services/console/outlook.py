"""What is to come: contacts by day and waits by hour, each with its interval.

The nightly plan and the nightly model of waits say it; where there is none yet,
what the last weeks show. Where that does not suffice either, nothing is said.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine, select

from aftercare.domain.calendar import SHOP_ZONE, shop_day
from aftercare.services.planning.history import remembered
from aftercare.services.planning.nightly import days_of, latest
from aftercare.services.training.waits import ANSWERED, GONE, past_waits
from aftercare.services.waiting import LEARN_FROM, queue_wait
from aftercare.store.desk import DeskEventRow
from aftercare.store.unit_of_work import read
from analytics.forecast import VolumeForecaster
from analytics.forecast.classical import Forecaster, SeasonalMean, SeasonalNaive
from analytics.waiting import WaitRecord
from analytics.waiting.returning import hour_table

log = logging.getLogger(__name__)
SHOWN_BACK = 28
FEWEST_DAYS = 28
FEWEST_WAITS = 20
HOURS = 24
BANDS = ("low80", "high80", "low95", "high95")


def outlook(engine: Engine, now: datetime) -> dict[str, Any]:
    """Return `contacts` by day, `wait_now` and `wait_by_hour` for a day ahead."""
    return {
        "contacts": _contacts(engine, now),
        "wait_now": _wait_now(engine, now),
        "wait_by_hour": _wait_by_hour(engine, now),
    }


def _contacts(engine: Engine, now: datetime) -> dict[str, Any]:
    """Return past counts and days ahead; basis is plan, recent or none."""
    today = shop_day(now)
    with read(engine) as session:
        counted = remembered.known(session, today)
        row = latest(session)
        planned = [
            {"day": item.day, "expected": item.contacts}
            | {name: getattr(item, name) for name in BANDS}
            for item in (days_of(session, row.id) if row is not None else ())
            if item.day >= today
        ]
    if counted is None:
        return {"basis": "none", "past": [], "ahead": []}
    daily = counted.daily
    past = [
        {"day": day.date(), "count": int(count)}
        for day, count in daily.iloc[-SHOWN_BACK:].items()
    ]
    if planned:
        return {"basis": "plan", "past": past, "ahead": planned}
    ahead = _recent(daily)
    return {"basis": "recent" if ahead else "none", "past": past, "ahead": ahead}


def _recent(daily: pd.Series) -> list[dict[str, Any]]:
    """Return the usual week with its errors, while no night has planned yet."""
    if len(daily) < FEWEST_DAYS:
        return []
    try:
        models: list[Forecaster] = [SeasonalMean(), SeasonalNaive()]
        said = VolumeForecaster(models=models).fit(daily).predict()
    except (ValueError, ArithmeticError) as error:
        log.warning("no forecast of contacts: %s", type(error).__name__)
        return []
    return [
        {"day": day.date(), "expected": round(float(row["mean"]), 1)}
        | {name: round(float(row[name]), 1) for name in BANDS}
        for day, row in said.iterrows()
    ]


def _wait_now(engine: Engine, now: datetime) -> dict[str, Any]:
    """Return the wait of a customer who would ask for a person now."""
    found = queue_wait(engine, "", now)
    wait = found.forecast
    return {
        "expected_s": wait.expected_s,
        "lo80_s": wait.lo80_s,
        "hi80_s": wait.hi80_s,
        "basis": wait.basis,
        "reasons": list(wait.reasons),
        "ahead": found.ahead,
    }


def _wait_by_hour(engine: Engine, now: datetime) -> list[dict[str, Any]]:
    """Return expected waits of the next hours on the shop's clock; 80 % interval.

    Empty where fewer than FEWEST_WAITS waits are known.
    """
    with read(engine) as session:
        events = session.execute(
            select(
                DeskEventRow.conversation_id,
                DeskEventRow.kind,
                DeskEventRow.at,
                DeskEventRow.detail,
            )
            .where(
                DeskEventRow.at >= now - LEARN_FROM,
                DeskEventRow.kind.in_(ANSWERED | GONE | {"asked"}),
            )
            .order_by(DeskEventRow.id)
        ).all()
    records = [_local(item) for item in past_waits([tuple(row) for row in events])]
    if len(records) < FEWEST_WAITS:
        return []
    table = hour_table(records)
    first = now.astimezone(SHOP_ZONE).replace(minute=0, second=0, microsecond=0)
    found = []
    for ahead in range(HOURS):
        at = first + timedelta(hours=ahead)
        rest = int(at.weekday() >= 5)
        low, high = _spread(records, at.hour)
        expected = round(table.mean_s[rest][at.hour], 1)
        found.append(
            {
                "at": at,
                "hour": at.hour,
                "expected_s": expected,
                "lo80_s": round(min(low, expected), 1),
                "hi80_s": round(max(high, expected), 1),
                "count": table.count[rest][at.hour],
            }
        )
    return found


def _spread(records: list[WaitRecord], hour: int) -> tuple[float, float]:
    """Return the tenth and ninetieth part of waits near an hour, else of all."""
    near = [r.wait_s for r in records if abs(r.state.at.hour - hour) <= 1]
    waits = near if len(near) >= FEWEST_WAITS else [r.wait_s for r in records]
    low, high = np.quantile(waits, (0.1, 0.9))
    return float(low), float(high)


def _local(record: WaitRecord) -> WaitRecord:
    at = record.state.at.astimezone(SHOP_ZONE)
    return replace(record, state=replace(record.state, at=at))
