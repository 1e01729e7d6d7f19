"""What the loops know at the end of a week: plans, satisfaction, alerts, risks."""

from __future__ import annotations

"""What the report says beyond the week: plan, parts, satisfaction, risk, returns."""

from __future__ import annotations

from collections import defaultdict
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
import pandas as pd
from sqlalchemy import Engine, func, select

from aftercare.domain.cases import CaseState
from aftercare.services.planning import parts, view
from aftercare.services.planning.past import past
from aftercare.services.quality.facts import TAKEN
from aftercare.services.returns import notes
from aftercare.services.risk import desk as risk_desk
from aftercare.services.surveys.figures import figures as satisfaction
from aftercare.store.cases import CaseRow
from aftercare.store.desk import DeskEventRow
from aftercare.store.messages import MessageRow
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import read
from analytics.satisfaction import Correlation, correlations

WEEK = timedelta(days=7)
# Answers are few: drivers are sought in a quarter's.
ANSWERS = timedelta(days=90)
FEWEST_ANSWERS = 12


@dataclass(frozen=True, slots=True)
class Outlook:
    """The parts as their pages show them; money in fen."""
    """Figures as their services give them; nothing in it names a customer."""

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
    drivers: list[Correlation]
    answers: int
    risks: list[dict[str, Any]]
    costs: dict[str, Any]
    returns: list[dict[str, Any]]


def look(engine: Engine, now: datetime) -> Outlook:
    """Return what is known at a moment."""
    table = _answers(engine, now)
    found = []
    if len(table) >= FEWEST_ANSWERS:
        found = correlations(table.drop(columns="score"), table["score"])
    return Outlook(
        view.plan(engine),
        past(engine, now),
        [part for part in parts.proposals(engine, now) if part["order"] > 0],
        satisfaction(engine, now - WEEK, now),
        found,
        len(table),
        risk_desk.listed(engine),
        risk_desk.costs(engine),
        notes.listed(engine),
    )


def _answers(engine: Engine, now: datetime) -> pd.DataFrame:
    """Return one row for each answered survey: score, and what may have moved it."""
    since = now - ANSWERS
    with read(engine) as session:
        rows = session.execute(
            select(SurveyRow.conversation_id, SurveyRow.score).where(
                SurveyRow.score.is_not(None), SurveyRow.answered_at >= since
            )
        ).all()
        talks = [talk for talk, _ in rows]
        turns = dict(
            session.execute(
                select(MessageRow.conversation_id, func.count())
                .where(MessageRow.conversation_id.in_(talks))
                .group_by(MessageRow.conversation_id)
            ).all()
        )
        refused = set(
            session.scalars(
                select(CaseRow.conversation_id).where(
                    CaseRow.conversation_id.in_(talks),
                    CaseRow.state == CaseState.REFUSED,
                )
            )
        )
        steps = session.execute(
            select(DeskEventRow.conversation_id, DeskEventRow.kind, DeskEventRow.at)
            .where(DeskEventRow.conversation_id.in_(talks))
            .order_by(DeskEventRow.id)
        ).all()
    waits: dict[str, float] = defaultdict(float)
    asked: dict[str, datetime] = {}
    people: set[str] = set()
    for talk, kind, at in steps:
        if kind == "asked":
            asked[talk] = at
            people.add(talk)
        elif kind in TAKEN and talk in asked:
            waits[talk] += (at - asked.pop(talk)).total_seconds()
    return pd.DataFrame(
        {
            "score": [float(score or 0) for _, score in rows],
            "wait": [waits[talk] for talk in talks],
            "turns": [float(turns.get(talk, 0)) for talk in talks],
            "handover": [float(talk in people) for talk in talks],
            "refusal": [float(talk in refused) for talk in talks],
        }
    )
