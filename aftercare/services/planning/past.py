"""Plans of before against what came, beside the naive plan of the same night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.domain.calendar import shop_day
from aftercare.services.planning.history import start_of
from aftercare.services.planning.volumes import HORIZON
from aftercare.store.planning import PartUseRow, PlanDayRow, PlanRow
from aftercare.store.unit_of_work import read

BACK = timedelta(days=60)
# Days ahead, grouped as people ask: tomorrow, this week, next week.
GROUPS = ((1, 1), (2, 7), (8, HORIZON))


def past(engine: Engine, now: datetime) -> dict[str, Any]:
    """Return the error of the last two months' plans, and their days.

    `wape` is total absolute error over total volume; `ratio` ours over naive,
    below 1 is better; coverage is the share of days inside the interval.
    """
    since = shop_day(now) - BACK
    with read(engine) as session:
        rows = session.scalars(
            select(PlanDayRow)
            .where(PlanDayRow.came.is_not(None), PlanDayRow.day >= since)
            .order_by(PlanDayRow.day, PlanDayRow.ahead)
        ).all()
        parts = _parts(session, now)
    groups = {"all": rows} | {
        f"{first}-{last}": [r for r in rows if first <= r.ahead <= last]
        for first, last in GROUPS
    }
    return {
        "groups": {name: _errors(part) for name, part in groups.items() if part},
        "days": [_day(row) for row in rows if row.ahead == 1],
        "parts": parts,
    }


def _errors(rows: Sequence[PlanDayRow]) -> dict[str, Any]:
    came = np.array([float(r.came or 0) for r in rows])
    ours = np.array([r.contacts for r in rows])
    naive = np.array([r.naive for r in rows])
    paid = np.array([float(r.refund_came_fen or 0) for r in rows])
    money = np.array([r.refund_fen for r in rows])
    old_money = np.array([r.refund_naive_fen for r in rows])
    off = np.array([r.need_off or 0.0 for r in rows])
    naive_off = np.array([r.naive_need_off or 0.0 for r in rows])
    in80 = [r.low80 <= (r.came or 0) <= r.high80 for r in rows]
    in95 = [r.low95 <= (r.came or 0) <= r.high95 for r in rows]
    in_money = [
        r.refund_low_fen <= (r.refund_came_fen or 0) <= r.refund_high_fen for r in rows
    ]
    return {
        "days": len(rows),
        "contacts": _pair(came, ours, naive),
        "refunds": _pair(paid, money, old_money) if money.any() else None,
        "people": {
            "off": round(float(off.mean()), 3),
            "naive_off": round(float(naive_off.mean()), 3),
        },
        "in80": round(float(np.mean(in80)), 3),
        "in95": round(float(np.mean(in95)), 3),
        "refunds_in80": round(float(np.mean(in_money)), 3) if money.any() else None,
    }


def _pair(came: Any, ours: Any, naive: Any) -> dict[str, float | None]:
    total = float(came.sum())
    mine, other = float(np.abs(ours - came).sum()), float(np.abs(naive - came).sum())
    return {
        "wape": round(mine / total, 4) if total else None,
        "naive_wape": round(other / total, 4) if total else None,
        "ratio": round(mine / other, 3) if other else None,
    }


def _day(row: PlanDayRow) -> dict[str, Any]:
    return {
        "day": row.day,
        "contacts": round(row.contacts, 1),
        "low80": round(row.low80, 1),
        "high80": round(row.high80, 1),
        "naive": row.naive,
        "came": row.came,
        "refund_fen": round(row.refund_fen),
        "refund_came_fen": row.refund_came_fen,
    }


def _parts(session: Session, now: datetime) -> dict[str, Any] | None:
    """Return what the newest finished plan expected of parts, and what was used."""
    over = shop_day(now) - timedelta(days=HORIZON)
    plan = session.scalars(
        select(PlanRow)
        .where(PlanRow.first <= over)
        .order_by(PlanRow.first.desc())
        .limit(1)
    ).first()
    if plan is None or not plan.detail["parts"]:
        return None
    first = start_of(plan.first)
    used = dict(
        session.execute(
            select(PartUseRow.part_no, func.sum(PartUseRow.quantity))
            .where(
                PartUseRow.at >= first, PartUseRow.at < first + timedelta(days=HORIZON)
            )
            .group_by(PartUseRow.part_no)
        ).all()
    )
    expected = {p["part_no"]: p["fortnight"] for p in plan.detail["parts"]}
    return {
        "first": plan.first,
        "expected": round(sum(expected.values()), 1),
        "used": int(sum(used.get(part, 0) for part in expected)),
        "off": round(sum(abs(e - int(used.get(p, 0))) for p, e in expected.items()), 1),
    }
