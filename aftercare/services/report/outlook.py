"""What the loops know at the end of a week: plans, satisfaction, alerts, risks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from aftercare.services.alerts import desk as alerts
from aftercare.services.planning import parts, past, view
from aftercare.services.quality import desk as quality
from aftercare.services.risk import desk as risk
from aftercare.services.surveys.figures import figures

WEEK = timedelta(days=7)
# Satisfaction needs more answers than a week brings.
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Outlook:
    """The parts as their pages show them; money in fen."""

    plan: dict[str, Any]
    past: dict[str, Any]
    parts: list[dict[str, Any]]
    satisfaction: dict[str, Any]
    alerts: list[dict[str, Any]]
    risk_open: int
    risk_costs: dict[str, Any]
    quality: dict[str, Any]


def outlook(engine: Engine, now: datetime) -> Outlook:
    """Return what the report says of the coming two weeks and of the desks."""
    raised = alerts.listed(engine) + alerts.listed(engine, closed=True)
    return Outlook(
        plan=view.plan(engine),
        past=past.past(engine, now),
        parts=[item for item in parts.proposals(engine, now) if item["order"] > 0],
        satisfaction=figures(engine, now - MONTH, now),
        alerts=[item for item in raised if item["raised_at"] >= now - WEEK],
        risk_open=len(risk.listed(engine)),
        risk_costs=risk.costs(engine),
        quality=quality.summary(engine, now - WEEK, now),
    )
