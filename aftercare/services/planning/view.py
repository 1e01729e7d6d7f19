"""The newest plan with the rota beside it, as it is or as it would be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Engine

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.planning.nightly import days_of, latest, work_of
from aftercare.services.planning.rota import on_duty
from aftercare.services.planning.work import HumanWork
from aftercare.store.planning import PlanDayRow, PlanRow
from aftercare.store.unit_of_work import read
from analytics.forecast import ASSUMED, festival_lift, recall_contacts, rota_gaps

Floats = NDArray[np.float64]
MORE = ("low80", "high80", "low95", "high95")


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What the sliders say; all zero is the plan itself.

    Attributes:
        festival: size of a sale, 1 as big as Double 11.
        festival_on: its best day.
        recall: pieces called back.
        recall_on: the day of the call.
        recall_share: part of their owners who write.
        ill: people of each half-hour who do not come.
    """

    festival: float = 0.0
    festival_on: date | None = None
    recall: int = 0
    recall_on: date | None = None
    recall_share: float = 0.35
    ill: float = 0.0


def plan(engine: Engine, what_if: WhatIf | None = None) -> dict[str, Any]:
    """Return the newest plan by day, changed as the sliders say.

    `state` is `none` while no night has planned yet.
    """
    asked = what_if or WhatIf()
    with read(engine) as session:
        row = latest(session)
        if row is None:
            return {"state": "none"}
        days = days_of(session, row.id)
        duty = on_duty(session, row.first, len(days))
    found = _Changed(row, list(days), duty, asked)
    return {
        "state": "planned",
        "first": row.first,
        "made_at": row.made_at,
        "days": [found.day(n) for n in range(len(days))],
        "warnings": row.detail["warnings"],
        "refunds": found.refunds(),
        "total": found.total(),
        "basis": {k: row.detail[k] for k in ("history_days", "models", "work", "lift")}
        | {"assumed": row.detail["lift"] is None},
    }


def day(engine: Engine, wanted: date, what_if: WhatIf | None = None) -> dict[str, Any]:
    """Return one day of the newest plan by half-hour, and why it is what it is.

    Raises:
        AftercareError: NOT_FOUND for a day that is not planned.
    """
    with read(engine) as session:
        row = latest(session)
        days = list(days_of(session, row.id)) if row else []
        at = next((n for n, item in enumerate(days) if item.day == wanted), None)
        if row is None or at is None:
            raise AftercareError(Reason.NOT_FOUND)
        duty = on_duty(session, row.first, len(days))
    found = _Changed(row, days, duty, what_if or WhatIf())
    return found.day(at) | {
        "why": days[at].why | found.added(at),
        "slots": found.half_hours(at),
        "work": row.detail["work"],
    }


class _Changed:
    """A plan with a what-if upon it."""

    def __init__(
        self, row: PlanRow, days: list[PlanDayRow], duty: Floats, asked: WhatIf
    ) -> None:
        self.row, self.days, self.duty, self.asked = row, days, duty, asked
        self.work: HumanWork = work_of(row)
        index = pd.date_range(row.first, periods=len(days))
        self.factor = np.ones(len(days))
        if asked.festival > 0:
            lift = row.detail["lift"] or ASSUMED
            peak = asked.festival_on or row.first + timedelta(days=3)
            self.factor = festival_lift(index, peak, asked.festival, lift)
        self.more = np.zeros(len(days))
        if asked.recall > 0:
            first = asked.recall_on or row.first + timedelta(days=1)
            self.more = recall_contacts(
                index, first, float(asked.recall), asked.recall_share
            )
        base = np.array([item.slots["contacts"] for item in days])
        shape = base / np.maximum(base.sum(axis=1, keepdims=True), 1e-9)
        self.slots = base * self.factor[:, None] + shape * self.more[:, None]
        same = asked.festival <= 0 and asked.recall <= 0
        stored = np.array([item.slots["need"] for item in days])
        self.need = stored if same else self.work.need(self.slots)
        self.gaps = rota_gaps(self.need, duty, asked.ill)

    def day(self, n: int) -> dict[str, Any]:
        """Return the figures of one day."""
        item, factor, more = self.days[n], self.factor[n], self.more[n]
        missing = np.maximum(self.gaps[n], 0.0)
        return {
            "day": item.day,
            "ahead": item.ahead,
            "contacts": round(item.contacts * factor + more, 1),
            **{k: round(getattr(item, k) * factor + more, 1) for k in MORE},
            "naive": item.naive,
            "planned": round(item.contacts, 1),
            "need": int(self.need[n].max()),
            "need_hours": float(self.need[n].sum() / 2),
            "duty_hours": float(self.duty[n].sum() / 2),
            "missing": float(missing.max()),
            "missing_hours": float(missing.sum() / 2),
            "spare_hours": float(np.maximum(-self.gaps[n], 0.0).sum() / 2),
            "missing_at": int(missing.argmax()) if missing.any() else None,
            "refund_fen": round(self._money(n, "refund_fen")),
            "refund_low_fen": round(self._money(n, "refund_low_fen")),
            "refund_high_fen": round(self._money(n, "refund_high_fen")),
        }

    def half_hours(self, n: int) -> list[dict[str, float]]:
        """Return the 48 half-hours of a day."""
        item = self.days[n]
        low, high = np.array(item.slots["low80"]), np.array(item.slots["high80"])
        base = np.array(item.slots["contacts"])
        off = self.slots[n] - base
        return [
            {
                "at": at,
                "contacts": round(float(self.slots[n, at]), 2),
                "low80": round(float(max(low[at] + off[at], 0)), 2),
                "high80": round(float(high[at] + off[at]), 2),
                "need": float(self.need[n, at]),
                "duty": float(self.duty[n, at]),
                "gap": float(self.gaps[n, at]),
            }
            for at in range(len(base))
        ]

    def added(self, n: int) -> dict[str, float]:
        """Return what the sliders add to a day's contacts."""
        item = self.days[n]
        found = {
            "what_if_festival": item.contacts * (self.factor[n] - 1),
            "what_if_recall": self.more[n],
        }
        return {k: round(float(v), 2) for k, v in found.items() if v}

    def refunds(self) -> dict[str, Any] | None:
        """Return the refunds of all days with their interval."""
        stored: dict[str, Any] | None = self.row.detail["refunds"]
        if stored is None:
            return None
        before = sum(item.refund_fen for item in self.days) or 1.0
        ratio = sum(self._money(n, "refund_fen") for n in range(len(self.days)))
        keys = ("total_fen", "low80_fen", "high80_fen")
        return stored | {k: round(stored[k] * ratio / before) for k in keys}

    def total(self) -> dict[str, float]:
        """Return the sums over all days."""
        return {
            "contacts": round(float(self.slots.sum()), 1),
            "need_hours": float(self.need.sum() / 2),
            "duty_hours": float(self.duty.sum() / 2),
            "missing_hours": float(np.maximum(self.gaps, 0).sum() / 2),
        }

    def _money(self, n: int, name: str) -> float:
        """Refunds follow contacts: a day with twice as many pays back twice."""
        item = self.days[n]
        now = item.contacts * self.factor[n] + self.more[n]
        return float(getattr(item, name)) * float(now / max(item.contacts, 1e-9))
