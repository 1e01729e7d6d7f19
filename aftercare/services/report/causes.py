"""What moves satisfaction, what comes back and why, and who is on a list."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Engine, func, select

from aftercare.domain.cases import CaseState
from aftercare.services.customers.view import listed
from aftercare.services.quality.facts import TAKEN
from aftercare.services.report.pictures import Section
from aftercare.services.returns import notes
from aftercare.store.cases import CaseRow
from aftercare.store.desk import DeskEventRow
from aftercare.store.messages import MessageRow
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import read
from analytics.satisfaction import Correlation, correlations

# Answers are few: what moves them is sought in a quarter's.
QUARTER = timedelta(days=90)
FEWEST_ANSWERS = 12
SURE = 0.05
MOST = 8


@dataclass(frozen=True, slots=True)
class Causes:
    """Correlations with the score, their number of answers, notes, list sizes."""

    drivers: list[Correlation]
    answers: int
    returns: list[dict[str, Any]]
    bands: dict[str, int]


def causes(engine: Engine, now: datetime) -> Causes:
    """Return what is known at a moment; nothing in it names a customer."""
    table = answers(engine, now)
    found = []
    if len(table) >= FEWEST_ANSWERS:
        found = correlations(table.drop(columns="score"), table["score"])
    bands: dict[str, int] = listed(engine)["bands"]
    return Causes(found, len(table), notes.listed(engine), bands)


def cause_sections(found: Causes, words: dict[str, Any]) -> list[Section]:
    """Return drivers, returns and customers."""
    drivers = [
        words["driver_row"].format(
            name=words["driver_of"][one.driver],
            side=words["worse" if one.spearman < 0 else "better"],
            rho=one.spearman,
            p=one.spearman_p,
        )
        for one in found.drivers
        if one.spearman_p < SURE
    ]
    if not drivers:
        drivers = [words["drivers_none"].format(count=found.answers)]
    back = [
        words["return_cause" if note["kind"] == notes.CAUSE else "return_rate"].format(
            cause=words["return_of"].get(note["code"], note["code"]),
            **{k: note[k] for k in ("title", "share", "low", "high", "count", "of")},
        )
        for note in found.returns[:MOST]
    ]
    lists = words["lists_note"].format(
        high=found.bands.get("high", 0), leaving=found.bands.get("at_risk", 0)
    )
    return [
        Section(words["drivers"], None, drivers),
        Section(words["returns"], None, back or [words["returns_none"]]),
        Section(words["lists"], None, [lists]),
    ]


def answers(engine: Engine, now: datetime) -> pd.DataFrame:
    """Return one row for each answered survey: score, and what may have moved it.

    Columns score 1…5, wait in seconds, turns, and handover and refusal as 0 or 1.
    """
    with read(engine) as session:
        rows = session.execute(
            select(SurveyRow.conversation_id, SurveyRow.score).where(
                SurveyRow.score.is_not(None), SurveyRow.answered_at >= now - QUARTER
            )
        ).all()
        talks = [talk for talk, _ in rows]
        counted = session.execute(
            select(MessageRow.conversation_id, func.count())
            .where(MessageRow.conversation_id.in_(talks))
            .group_by(MessageRow.conversation_id)
        )
        turns = {talk: float(count) for talk, count in counted}
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
            "turns": [turns.get(talk, 0.0) for talk in talks],
            "handover": [float(talk in people) for talk in talks],
            "refusal": [float(talk in refused) for talk in talks],
        }
    )
