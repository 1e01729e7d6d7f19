"""What customers would have scored, from those who answered."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Engine, select

from aftercare.services.surveys.guess import talk_texts
from aftercare.services.training.trainable import TooFewError, Trained
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import read
from analytics.satisfaction import SatisfactionModel

FEWEST = 40
MOST = 5_000
BACK = timedelta(days=365)


def train(engine: Engine, now: datetime) -> Trained:
    """Fit on rated talks; the error is that of talks it had not seen.

    Raises:
        TooFewError: fewer than FEWEST answers.
    """
    with read(engine) as session:
        rows = session.scalars(
            select(SurveyRow)
            .where(
                SurveyRow.score.is_not(None),
                SurveyRow.answered_at >= now - BACK,
                SurveyRow.answered_at <= now,
            )
            .order_by(SurveyRow.answered_at.desc())
            .limit(MOST)
        ).all()
        talks = talk_texts(session, rows)
    if len(rows) < FEWEST:
        raise TooFewError(len(rows), FEWEST)
    scores = np.array([row.score for row in rows], float)
    model = SatisfactionModel().fit(talks, scores.tolist())
    metrics = {"rmse": float(model.error_), "rmse_mean": float(scores.std())}
    return Trained(model, len(rows), metrics)
