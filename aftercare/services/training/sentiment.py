"""The mood of messages, from our own labelled sentences."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import StratifiedKFold
from sqlalchemy import Engine

from aftercare.services.training.trainable import Trained
from analytics.sentiment import SentimentModel
from analytics.sentiment.model import packaged_messages

FOLDS = 5


def train(engine: Engine, now: datetime) -> Trained:
    """Fit on all sentences; measure out of fold."""
    texts, emotions = packaged_messages()
    names, labels = np.array(texts), np.array(emotions)
    guessed = labels.copy()
    for seen, held in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(
        names, labels
    ):
        model = SentimentModel().fit(names[seen].tolist(), labels[seen].tolist())
        shares = model.predict_proba(names[held].tolist())
        guessed[held] = model.classes_[shares.argmax(axis=1)]
    metrics = {
        "macro_f1": float(f1_score(labels, guessed, average="macro")),
        "accuracy": float(accuracy_score(labels, guessed)),
    }
    return Trained(SentimentModel().fit(texts, emotions), len(texts), metrics)
