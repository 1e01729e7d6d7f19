"""The wording of a survey: what it goes by, and what came of it."""

from __future__ import annotations

import math
from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.domain.calendar import SHOP_ZONE
from aftercare.services.consents import Purpose, allows_in
from aftercare.services.trials.types import SURVEY_WORDS
from aftercare.store.learning import ChoiceRow
from aftercare.store.messages import MessageRow
from aftercare.store.review import MessageIndexRow
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import write

CASE = "case"
EVENING = 18
LONG = 20  # messages; the length of a talk is told on a scale from 0 to 1


def context(
    session: Session, row: SurveyRow, now: datetime, *, visit: bool
) -> dict[str, float]:
    """Return the numbers a wording is chosen by.

    Empty for guests and for who refused what is personal: they get a wording too,
    by an even draw.
    """
    if row.customer_id is None:
        return {}
    if not allows_in(session, row.customer_id, Purpose.PERSONALISED):
        return {}
    talk = row.conversation_id
    said = session.scalar(
        select(func.count()).where(MessageRow.conversation_id == talk)
    )
    mood = session.scalar(
        select(MessageIndexRow.sentiment)
        .where(
            MessageIndexRow.conversation_id == talk,
            MessageIndexRow.sentiment.is_not(None),
        )
        .order_by(MessageIndexRow.message_id.desc())
        .limit(1)
    )
    return {
        "case": float(row.subject_kind == CASE),
        "visit": float(visit),
        "evening": float(now.astimezone(SHOP_ZONE).hour >= EVENING),
        "mood": float(mood or 0.0),
        "length": min(math.log1p(said or 0) / math.log1p(LONG), 1.0),
    }


def settle(engine: Engine, now: datetime) -> int:
    """Write the reward of draws whose survey was answered, or whose time is over.

    1 for a score, whatever the score: a wording that flatters teaches nothing.
    """
    settled = 0
    with write(engine) as session:
        found = session.execute(
            select(ChoiceRow, SurveyRow)
            .outerjoin(SurveyRow, SurveyRow.token == ChoiceRow.subject)
            .where(
                ChoiceRow.trial == SURVEY_WORDS.name,
                ChoiceRow.reward.is_(None),
                ChoiceRow.at <= now,
            )
        ).all()
        for choice, survey in found:
            until = choice.at + SURVEY_WORDS.patience
            answered = survey.answered_at if survey and survey.score else None
            if answered is not None and answered <= until:
                choice.reward = 1.0
            elif now > until:
                choice.reward = 0.0
            else:
                continue
            choice.reward_at = now
            settled += 1
    return settled
