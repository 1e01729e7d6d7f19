"""Good or bad in a message, from the words of talks that customers rated."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from sklearn.metrics import f1_score
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.services.training.trainable import TooFewError, Trained
from aftercare.store.messages import MessageRow
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import read
from analytics.sentiment.model import packaged_messages
from analytics.sentiment.polarity import PolarityModel

MODEL = "polarity"
LEARN_FROM = timedelta(days=365)
FEWEST = 60  # rated messages of each side, before they say more than the packaged
HELD_OUT = 0.2
SHORTEST = 4  # characters; shorter ones say nothing of a mood
LONGEST = 4  # n-gram
BITS = 18  # 2 MB of weights, small enough to keep in a row
GOOD, BAD = 4, 2  # of five
OUR_GOOD = frozenset({"thanks"})
OUR_BAD = frozenset({"anger", "disappointment"})


def train(engine: Engine, now: datetime) -> Trained:
    """Fit on rated talks and our own sentences; measure on the newest fifth rated.

    Raises:
        TooFewError: fewer than FEWEST rated messages of a side.
    """
    with read(engine) as session:
        texts, labels = rated(session, now)
    fewest = min(labels.count(0), labels.count(1))
    if fewest < FEWEST:
        raise TooFewError(fewest, FEWEST)
    own_texts, own_labels = packaged()
    cut = int(len(texts) * (1 - HELD_OUT))
    held, truth = texts[cut:], np.array(labels[cut:])

    def measure(model: PolarityModel) -> float:
        return float(f1_score(truth, model.predict(held), average="macro"))

    earlier = _made().fit(own_texts + texts[:cut], own_labels + labels[:cut])
    model = _made().fit(own_texts + texts, own_labels + labels)
    return Trained(model, len(texts), {"macro_f1": measure(earlier)}, measure)


def rated(session: Session, now: datetime) -> tuple[list[str], list[int]]:
    """Return typed messages of rated talks, oldest first, 1 for a good rating."""
    rows = session.execute(
        select(MessageRow.text, SurveyRow.score)
        .join(SurveyRow, SurveyRow.conversation_id == MessageRow.conversation_id)
        .where(
            MessageRow.sender == "customer",
            MessageRow.at > now - LEARN_FROM,
            MessageRow.at <= now,
            MessageRow.text.not_like("/%"),
            SurveyRow.score.is_not(None),
        )
        .order_by(MessageRow.at, MessageRow.id)
    ).all()
    sure = [
        (text, int(score >= GOOD))
        for text, score in rows
        if score is not None and len(text) >= SHORTEST and not BAD < score < GOOD
    ]
    return [text for text, _ in sure], [label for _, label in sure]


def packaged() -> tuple[list[str], list[int]]:
    """Return our own sentences that are clearly good or bad."""
    pairs = [
        (text, int(emotion in OUR_GOOD))
        for text, emotion in zip(*packaged_messages(), strict=True)
        if emotion in OUR_GOOD | OUR_BAD
    ]
    return [text for text, _ in pairs], [label for _, label in pairs]


def _made() -> PolarityModel:
    return PolarityModel(longest=LONGEST, bits=BITS)
