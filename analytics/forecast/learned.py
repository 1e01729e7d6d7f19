"""Learned forecasters: gradient boosting, and a recurrent net as an extra.

Both learn what the readable regression leaves over: a tree cannot extrapolate a
trend, and a net of this size cannot learn a festival from one occurrence.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analytics.forecast.regression import fit
from analytics.forecast.types import Floats, History

LAGS = (1, 2, 3)


def _lags(values: Floats, period: int, at: NDArray[np.intp], lead: int) -> Floats:
    """Return what was known ``lead`` steps before each of ``at``, (len(at), k)."""
    back = (*LAGS, period, 2 * period)
    spots = at[:, None] - (lead - 1) - np.array(back)[None, :]
    known = np.where(spots >= 0, values[np.clip(spots, 0, None)], np.nan)
    week = np.array(
        [np.nanmean(values[max(0, i - lead - period + 1) : i - lead + 1]) for i in at]
    )
    return np.column_stack([known, week])


class Boosting:
    """LightGBM on lags and calendar, one direct model a forecast, of residuals."""

    name = "boosting"

    def __init__(self, *, rounds: int = 120, random_state: int = 0) -> None:
        self.rounds = rounds
        self.random_state = random_state

    def forecast(self, history: History) -> Floats:
        """Return the regression's forecast with the trees' correction."""
        import lightgbm

        fitted = fit(history)
        n, lead, period = len(history.values), history.horizon, history.period
        base = fitted.design.columns @ fitted.weights
        past = np.nan_to_num(fitted.residuals)
        calendar = np.column_stack(
            [history.regressors.index.dayofweek, history.regressors.index.day]
        ).astype(float)
        calendar = np.column_stack([calendar, history.regressors.to_numpy(float)])
        at = np.arange(2 * period + lead, n)
        at = at[~np.isnan(history.values[at])]
        if len(at) < 40:
            return np.asarray(base[n:] + fitted.ahead, float)
        data = lightgbm.Dataset(
            np.column_stack([calendar[at], _lags(past, period, at, lead)]),
            past[at],
            params={"verbose": -1},
        )
        trees = lightgbm.train(
            {
                "objective": "l1",
                "learning_rate": 0.05,
                "num_leaves": 8,
                "min_data_in_leaf": 15,
                "lambda_l2": 5.0,
                "feature_fraction": 0.8,
                "seed": self.random_state,
                "deterministic": True,
                "num_threads": 1,
                "verbose": -1,
            },
            data,
            self.rounds,
        )
        ahead = np.arange(n, n + lead)
        rows = np.column_stack([calendar[ahead], _lags(past, period, ahead, lead)])
        return np.asarray(base[n:] + trees.predict(rows), float)


class EchoState:
    """A recurrent net with a fixed random reservoir and a learned read-out.

    Jaeger 2001. It is the optional recurrent extra: numpy alone, no training by
    gradient. It stays out of the default set, where it did not earn a place.
    """

    name = "echo"

    def __init__(self, *, units: int = 80, leak: float = 0.3, random_state: int = 0):
        self.units = units
        self.leak = leak
        self.random_state = random_state

    def forecast(self, history: History) -> Floats:
        """Return the regression's forecast with the net's correction."""
        fitted = fit(history)
        n, base = len(history.values), fitted.design.columns @ fitted.weights
        past = np.nan_to_num(fitted.residuals)
        rng = np.random.default_rng(self.random_state)
        inner = rng.normal(size=(self.units, self.units))
        inner *= 0.9 / np.abs(np.linalg.eigvals(inner)).max()
        entry = rng.normal(size=self.units)
        scale = max(float(past.std()), 1e-9)
        state, states = np.zeros(self.units), []
        for value in past / scale:
            state = self._step(state, inner, entry, value)
            states.append(state)
        seen = np.array(states[:-1])
        left = seen.T @ seen + 5.0 * np.eye(self.units)
        read = np.linalg.solve(left, seen.T @ (past[1:] / scale))
        out = []
        for _ in range(history.horizon):
            value = float(np.clip(state @ read, -3, 3))
            out.append(value * scale)
            state = self._step(state, inner, entry, value)
        return np.asarray(base[n:] + np.array(out), float)

    def _step(self, state: Floats, inner: Floats, entry: Floats, value: float):  # type: ignore[no-untyped-def]
        fresh = np.tanh(inner @ state + 0.5 * entry * value)
        return (1 - self.leak) * state + self.leak * fresh
