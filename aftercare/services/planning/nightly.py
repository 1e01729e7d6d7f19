"""Each night: score the plans of before by what came, then write the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from aftercare.domain.calendar import shop_day
from aftercare.services.planning.history import (
    Counted,
    known_contacts,
    refunds,
    start_of,
)
from aftercare.services.planning.parts import proposals_in
from aftercare.services.planning.volumes import (
    FEWEST_DAYS,
    HORIZON,
    MoneyPlan,
    Volumes,
    forecast,
    refund_forecast,
)
from aftercare.services.planning.work import HumanWork, human_work
from aftercare.store.planning import PlanDayRow, PlanRow
from aftercare.store.unit_of_work import read, write
from analytics.forecast.classical import Forecaster

Floats = NDArray[np.float64]
BANDS = ("low80", "high80", "low95", "high95")


def make_plan(
    engine: Engine, now: datetime, models: Sequence[Forecaster] | None = None
) -> dict[str, Any]:
    """Plan the fourteen days that begin today; doing it twice changes nothing.

    ``models`` compete for the volumes, all of the library by default.
    """
    today = shop_day(now)
    with read(engine) as session:
        counted = known_contacts(session, today)
    if counted is None or len(counted.days) < FEWEST_DAYS:
        have = 0 if counted is None else len(counted.days)
        return {"state": "too_few_days", "days": have, "needed": FEWEST_DAYS}
    scored = score(engine, counted)
    volumes = forecast(counted, models)
    assert volumes is not None  # the days were counted above
    with read(engine) as session:
        lately = float(counted.slots[-28:].sum())
        work = human_work(session, today, int(lately))
        first = counted.days[0].date()
        paid = refunds(session, start_of(first), start_of(today))
        parts = proposals_in(session, now)
    money = refund_forecast(paid, counted.days, models)
    detail = _detail(volumes, work, money, parts, len(counted.days))
    rows = _day_rows(volumes, work, money)
    with write(engine) as session:
        old = session.scalar(select(PlanRow.id).where(PlanRow.first == today))
        if old is not None:
            session.execute(delete(PlanDayRow).where(PlanDayRow.plan_id == old))
            session.execute(delete(PlanRow).where(PlanRow.id == old))
        plan = PlanRow(first=today, made_at=now, detail=detail)
        session.add(plan)
        session.flush()
        for row in rows:
            session.add(PlanDayRow(plan_id=plan.id, **row))
    return {
        "state": "planned",
        "days": len(counted.days),
        "contacts": round(float(volumes.days["mean"].sum())),
        "warnings": len(volumes.warnings),
        "scored": scored,
    }


def score(engine: Engine, counted: Counted) -> int:
    """Write what came beside each planned day that is over; return how many."""
    known = {day.date(): n for n, day in enumerate(counted.days)}
    first, end = counted.days[0].date(), counted.days[-1].date() + timedelta(days=1)
    with read(engine) as session:
        due = session.scalars(
            select(PlanDayRow).where(
                PlanDayRow.came.is_(None), PlanDayRow.day >= first, PlanDayRow.day < end
            )
        ).all()
        if not due:
            return 0
        since = start_of(min(row.day for row in due))
        paid = refunds(session, since, start_of(end)).groupby("day")["fen"].sum()
        works = {
            plan.id: HumanWork(**_tupled(plan.detail["work"]))
            for plan in session.scalars(
                select(PlanRow).where(PlanRow.id.in_({row.plan_id for row in due}))
            )
        }
    found = []
    for row in due:
        came = counted.slots[known[row.day]]
        need = works[row.plan_id].need(came)
        found.append(
            {
                "id": row.id,
                "came": int(came.sum()),
                "refund_came_fen": int(paid.get(row.day, 0)),
                "need_off": _off(row.slots["need"], need),
                "naive_need_off": _off(row.slots["naive_need"], need),
            }
        )
    with write(engine) as session:
        # A plan made anew since has days of its own.
        ids = PlanDayRow.id.in_([item["id"] for item in found])
        there = set(session.scalars(select(PlanDayRow.id).where(ids)))
        scored = [item for item in found if item["id"] in there]
        if scored:
            session.execute(update(PlanDayRow), scored)
    return len(scored)


def latest(session: Session) -> PlanRow | None:
    """Return the newest plan."""
    return session.scalars(
        select(PlanRow).order_by(PlanRow.first.desc()).limit(1)
    ).first()


def days_of(session: Session, plan_id: int) -> Sequence[PlanDayRow]:
    """Return the days of a plan in order."""
    return session.scalars(
        select(PlanDayRow)
        .where(PlanDayRow.plan_id == plan_id)
        .order_by(PlanDayRow.ahead)
    ).all()


def work_of(plan: PlanRow) -> HumanWork:
    """Return the work of a contact as it was measured for a plan."""
    return HumanWork(**_tupled(plan.detail["work"]))


def _tupled(work: dict[str, Any]) -> dict[str, Any]:
    return work | {"hours": tuple(work["hours"])}


def _off(planned: list[float], needed: Floats) -> float:
    """Return the mean of people planned wrongly by half-hour, too many or too few."""
    return float(np.abs(np.array(planned) - needed).mean())


def _detail(
    volumes: Volumes,
    work: HumanWork,
    money: MoneyPlan | None,
    parts: list[dict[str, Any]],
    days: int,
) -> dict[str, Any]:
    total = None
    if money is not None:
        total = {
            "total_fen": round(money.money.total),
            "low80_fen": round(money.money.total_low80),
            "high80_fen": round(money.money.total_high80),
        } | money.made_of
    return {
        "history_days": days,
        "models": {k: round(v, 3) for k, v in volumes.models.items() if v > 0},
        "work": asdict(work),
        "lift": volumes.lift,
        "warnings": [
            asdict(w) | {"day": w.day.isoformat(), "cause": w.cause}
            for w in volumes.warnings
        ],
        "refunds": total,
        "parts": [
            {k: part[k] for k in ("part_no", "order", "fortnight")} for part in parts
        ],
    }


def _day_rows(
    volumes: Volumes, work: HumanWork, money: MoneyPlan | None
) -> list[dict[str, Any]]:
    need, naive_need = work.need(volumes.slots), work.need(volumes.naive)
    high_need = work.need(volumes.high80)
    zero = np.zeros(HORIZON)
    paid = money.money if money else None
    rows = []
    for n, (day, figures) in enumerate(volumes.days.iterrows()):
        table = {
            "contacts": volumes.slots[n],
            "low80": volumes.low80[n],
            "high80": volumes.high80[n],
            "need": need[n],
            "high_need": high_need[n],
            "naive": volumes.naive[n],
            "naive_need": naive_need[n],
        }
        rows.append(
            {
                "day": _date(day),
                "ahead": n + 1,
                "contacts": float(figures["mean"]),
                **{k: float(figures[k]) for k in BANDS},
                "naive": float(volumes.naive[n].sum()),
                "refund_fen": float((paid.mean if paid else zero)[n]),
                "refund_low_fen": float((paid.low80 if paid else zero)[n]),
                "refund_high_fen": float((paid.high80 if paid else zero)[n]),
                "refund_naive_fen": float((money.naive if money else zero)[n]),
                "why": {k: round(float(v), 2) for k, v in volumes.why.iloc[n].items()},
                "slots": {k: [round(float(x), 2) for x in v] for k, v in table.items()},
            }
        )
    return rows


def _date(day: Any) -> date:
    made: date = pd.Timestamp(day).date()
    return made
