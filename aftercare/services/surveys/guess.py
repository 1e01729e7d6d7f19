"""Each night: what those who gave no answer would have said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.services.console.mask import mask_numbers
from aftercare.services.training.serving import current
from aftercare.store.messages import MessageRow
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import read, write
from analytics.satisfaction import SatisfactionModel, TalkText

MODEL = "satisfaction"
BACK = timedelta(days=30)
BATCH = 500


def guess_silent(engine: Engine, now: datetime) -> dict[str, Any]:
    """Guess for the services of the last weeks that nobody rated."""
    model = current(engine, MODEL, SatisfactionModel)
    if model is None:
        return {"guessed": 0, "model": "none"}
    with read(engine) as session:
        ids = session.scalars(
            select(SurveyRow.id).where(
                SurveyRow.score.is_(None), SurveyRow.due_at >= now - BACK
            )
        ).all()
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        with read(engine) as session:
            rows = session.scalars(
                select(SurveyRow).where(SurveyRow.id.in_(part))
            ).all()
            talks = talk_texts(session, rows)
        said = [(row.id, talk) for row, talk in zip(rows, talks, strict=True)]
        scores = model.predict([talk for _, talk in said])
        with write(engine) as session:
            for (row_id, _), score in zip(said, scores, strict=True):
                row = session.get_one(SurveyRow, row_id)
                row.predicted = float(min(max(score, 1.0), 5.0))
                row.predicted_error = float(model.error_)
    return {"guessed": len(ids)}


def talk_texts(session: Session, rows: Sequence[SurveyRow]) -> list[TalkText]:
    """Return what was said in each talk before its survey, without numbers.

    What is said to the survey itself would give the answer away.
    """
    ids = {row.conversation_id for row in rows}
    said: dict[str, list[MessageRow]] = defaultdict(list)
    for message in session.scalars(
        select(MessageRow)
        .where(
            MessageRow.conversation_id.in_(ids),
            MessageRow.sender.in_(("customer", "bot", "agent")),
        )
        .order_by(MessageRow.conversation_id, MessageRow.seq)
    ):
        said[message.conversation_id].append(message)
    return [
        TalkText(
            tuple(
                (message.sender == "customer", _shown(message))
                for message in said[row.conversation_id]
                if message.at <= row.due_at
            )
        )
        for row in rows
    ]


def _shown(message: MessageRow) -> str:
    return mask_numbers(str((message.payload or {}).get("title") or message.text))
