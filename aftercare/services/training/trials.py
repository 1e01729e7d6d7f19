"""Learning the wording of surveys from draws and answers, judged off-policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, select

from aftercare.services.training.trainable import TooFewError, Trained
from aftercare.services.trials.surveys import settle
from aftercare.services.trials.types import SURVEY_WORDS, Trial
from aftercare.store.learning import ChoiceRow
from aftercare.store.unit_of_work import read
from analytics.bandit import (
    Estimate,
    Thompson,
    doubly_robust,
    predicted,
    uniform,
)

FEWEST = 150
MOST = 20_000
BACK = timedelta(days=365)
TEST_SHARE = 0.3


@dataclass(frozen=True)
class Log:
    """Draws with their rewards, oldest first."""

    contexts: NDArray[np.float64]
    arms: NDArray[np.int64]
    propensity: NDArray[np.float64]
    rewards: NDArray[np.float64]

    def part(self, first: int, last: int) -> Log:
        """Return the draws [first, last)."""
        cut = slice(first, last)
        return Log(
            self.contexts[cut],
            self.arms[cut],
            self.propensity[cut],
            self.rewards[cut],
        )


def train(engine: Engine, now: datetime) -> Trained:
    """Fit on all draws; what is reported was learned on the earlier ones alone.

    `gain` is what the policy of the first 70 % of draws would have earned on the
    last 30 % above an even draw, doubly robust.

    Raises:
        TooFewError: fewer than FEWEST draws with an outcome.
    """
    settle(engine, now)
    log = log_of(engine, SURVEY_WORDS, now)
    if len(log.rewards) < FEWEST:
        raise TooFewError(len(log.rewards), FEWEST)
    cut = int(len(log.rewards) * (1 - TEST_SHARE))
    test = log.part(cut, len(log.rewards))
    value = _judge(test)
    earlier = _fit(SURVEY_WORDS, log.part(0, cut))
    learned = value(earlier.probabilities(test.contexts))
    even = value(uniform(len(test.rewards), len(SURVEY_WORDS.arms)))
    metrics = {
        "gain": learned.value - even.value,
        "value": learned.value,
        "value_low": learned.low,
        "value_high": learned.high,
        "even": even.value,
        "effective": learned.effective,
    }
    return Trained(_fit(SURVEY_WORDS, log), len(log.rewards), metrics)


def log_of(engine: Engine, trial: Trial, now: datetime) -> Log:
    """Return the draws that have an outcome and a context of today's features."""
    with read(engine) as session:
        rows = session.execute(
            select(
                ChoiceRow.context,
                ChoiceRow.arm,
                ChoiceRow.propensity,
                ChoiceRow.reward,
            )
            .where(
                ChoiceRow.trial == trial.name,
                ChoiceRow.reward.is_not(None),
                ChoiceRow.at > now - BACK,
                ChoiceRow.at <= now,
            )
            .order_by(ChoiceRow.at.desc(), ChoiceRow.id.desc())
            .limit(MOST)
        ).all()
    wanted = set(trial.features)
    usable = [
        row
        for row in reversed(rows)
        if wanted <= set(row.context) and row.arm in trial.arms
    ]
    contexts = [[row.context[name] for name in trial.features] for row in usable]
    return Log(
        np.array(contexts, float).reshape(len(usable), len(trial.features)),
        np.array([trial.arms.index(row.arm) for row in usable], int),
        np.array([row.propensity for row in usable], float),
        np.array([row.reward for row in usable], float),
    )


def _judge(test: Log) -> Callable[[NDArray[np.float64]], Estimate]:
    count = len(SURVEY_WORDS.arms)
    expected = predicted(test.contexts, test.arms, test.rewards, count)

    def value(target: NDArray[np.float64]) -> Estimate:
        return doubly_robust(test.rewards, test.arms, test.propensity, target, expected)

    return value


def _fit(trial: Trial, log: Log) -> Thompson:
    model = Thompson(len(trial.arms), len(trial.features), floor=trial.floor)
    return model.partial_fit(log.contexts, log.arms, log.rewards)
