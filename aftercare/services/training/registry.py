"""The models there are, one line each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module

from sqlalchemy import Engine

from aftercare.services.training.trainable import Trainable, Trained

HERE = "aftercare.services.training"


def _of(module: str) -> Callable[[Engine, datetime], Trained]:
    """Return a module's `train`, imported when it runs: each model has its own
    libraries, and a process that trains one need not load those of all."""

    def train(engine: Engine, now: datetime) -> Trained:
        made: Trained = import_module(f"{HERE}.{module}").train(engine, now)
        return made

    return train


LONG = timedelta(minutes=20)
TRAINABLE: tuple[Trainable, ...] = (
    Trainable("sentiment", _of("sentiment"), "macro_f1", higher=True, floor=0.6),
    Trainable("polarity", _of("polarity"), "macro_f1", higher=True, floor=0.7),
    Trainable("waiting", _of("waits"), "rmse_s", higher=False),
    Trainable("satisfaction", _of("satisfaction"), "rmse", higher=False, slack=0.1),
    # A new policy is used if, judged on draws it did not see, it beats an even draw.
    Trainable("survey_words", _of("trials"), "gain", higher=True, floor=0.0, slack=0.5),
    Trainable("words", _of("words"), "recall10", higher=True, slack=0.3),
    Trainable("risk", _of("risk"), "stability", higher=True, floor=0.5, limit=LONG),
)


def find(name: str) -> Trainable | None:
    """Return the trainable model of this name."""
    return next((item for item in TRAINABLE if item.name == name), None)
