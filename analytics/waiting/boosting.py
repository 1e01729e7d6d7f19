"""Gradient boosting on the state of the queue: the mean wait and its spread."""

from __future__ import annotations

from typing import Any, Self

import lightgbm as lgb
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from analytics.waiting.erlang import GammaWait
from analytics.waiting.features import FEATURES, RISING
from analytics.waiting.laws import Floats

LEAST_SPREAD_S = 5.0
SPREAD_ROUNDS = 0.5  # the spread is smoother than the mean
NORMAL = 1.2533  # standard deviation over mean absolute deviation, normal law


class BoostedWait(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """LightGBM with waits that never shrink as the line ahead grows.

    The spread is a second model of absolute errors; mean and spread make a gamma
    law, whose quantiles conformal margins then correct.
    """

    def __init__(
        self,
        *,
        rounds: int = 160,
        leaves: int = 12,
        rate: float = 0.05,
        random_state: int = 0,
    ) -> None:
        self.rounds = rounds
        self.leaves = leaves
        self.rate = rate
        self.random_state = random_state

    def fit(self, rows: Floats, wait_s: Floats, weight: Floats) -> Self:
        """Fit on rows (n, features), waits (n,) in seconds and weights (n,)."""
        rounds = int(self.rounds * SPREAD_ROUNDS)
        self.mean_ = self._train(rows, wait_s, weight, self.rounds)
        gap = np.abs(wait_s - self.predict(rows))
        self.spread_ = self._train(rows, gap * NORMAL, weight, rounds)
        return self

    def _train(self, rows: Floats, goal: Floats, weight: Floats, rounds: int) -> Any:
        settings = {
            "objective": "regression",
            "num_leaves": self.leaves,
            "learning_rate": self.rate,
            "min_data_in_leaf": 30,
            "feature_fraction": 0.6,
            "bagging_fraction": 0.7,
            "bagging_freq": 1,
            "lambda_l2": 5.0,
            "monotone_constraints": [int(name in RISING) for name in FEATURES],
            "num_threads": 1,
            "seed": self.random_state,
            "deterministic": True,
            "verbosity": -1,
        }
        data = lgb.Dataset(rows, goal, weight=weight, feature_name=list(FEATURES))
        return lgb.train(settings, data, num_boost_round=rounds)

    def predict(self, rows: Floats) -> Floats:
        """Return expected waits (n,) in seconds."""
        check_is_fitted(self, "mean_")
        raw = np.asarray(self.mean_.predict(rows, num_threads=1), float)
        return np.maximum(raw, 0.0)

    def law(self, row: Floats) -> GammaWait:
        """Return the wait of one row (features,)."""
        mean = max(float(self.predict(row[None, :])[0]), 1.0)
        spread = float(self.spread_.predict(row[None, :], num_threads=1)[0])
        return GammaWait(mean, max(spread, LEAST_SPREAD_S))

    def contributions(self, row: Floats) -> dict[str, float]:
        """Return seconds by feature; with ``base`` they add up to the raw mean."""
        check_is_fitted(self, "mean_")
        parts = self.mean_.predict(row[None, :], pred_contrib=True)[0]
        return dict(zip((*FEATURES, "base"), map(float, parts), strict=True))
