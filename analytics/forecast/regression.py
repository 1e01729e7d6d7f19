"""A regression one can read: trend, weekday, time of year, events, and memory.

The form is that of a structural model on the log scale: each part multiplies the
volume. Parts are shrunk by a prior (ridge), days that fit nothing count less
(Huber), and what the last days were off fades with an AR(1) of the residuals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.forecast.types import Floats, History

# Prior standard deviations, in log units, by the family of a column.
PRIOR = {
    "level": 1e3,
    "trend": 0.06,
    "season": 1.0,
    "year": 0.5,
    "holiday": 0.5,
    "festival:any": 1.0,
    "festival": 0.4,
    "promotion": 1.0,
    "month": 0.3,
}
HUBER = 2.0
ROUNDS = 4
YEAR = 365.25
DAMP = 0.95  # what is left of the slope with each day ahead


@dataclass(frozen=True, slots=True)
class Design:
    """Columns (n + horizon, p) with the name and prior of each."""

    names: list[str]
    columns: Floats
    prior: Floats
    days: pd.DatetimeIndex


def _prior(name: str) -> float:
    if name.startswith("festival:any"):
        return PRIOR["festival:any"]
    return PRIOR[name.split(":")[0]]


def design(history: History, bend_days: int = 28) -> Design:
    """Return the columns of a history: a bend of the trend every ``bend_days``."""
    days = history.regressors.index
    n = len(history.values)
    ahead = np.cumsum(DAMP ** np.arange(1, len(days) - n + 1))
    step = np.append(np.arange(n), n - 1 + ahead) / 30.0
    columns: dict[str, Floats] = {"level": np.ones(len(days)), "trend:slope": step}
    for at in range(bend_days, n - bend_days // 2, bend_days):
        columns[f"trend:bend{at}"] = np.clip(step - at / 30.0, 0, None)
    weekday = np.asarray(days.dayofweek)
    for day in np.unique(weekday)[1:]:
        columns[f"season:{day}"] = (weekday == day).astype(float)
    if (days[n - 1] - days[0]).days >= 1.2 * YEAR:
        columns |= _year(days)
    for name in history.regressors:
        columns[str(name)] = history.regressors[name].to_numpy(float)
    names = list(columns)
    stacked = np.column_stack(list(columns.values()))
    return Design(names, stacked, np.array([*map(_prior, names)]), days)


def _year(days: pd.DatetimeIndex) -> dict[str, Floats]:
    angle = 2 * np.pi * np.asarray(days.dayofyear) / YEAR
    waves = {f"year:sin{k}": np.sin(k * angle) for k in (1, 2, 3)}
    return waves | {f"year:cos{k}": np.cos(k * angle) for k in (1, 2, 3)}


@dataclass(frozen=True, slots=True)
class Fitted:
    """Coefficients, the residuals of the past (``nan`` where none), their AR(1)."""

    design: Design
    weights: Floats
    residuals: Floats
    memory: float

    @property
    def ahead(self) -> Floats:
        """Return what the last residual still adds, (horizon,)."""
        n = len(self.residuals)
        recent = np.flatnonzero(~np.isnan(self.residuals))
        if not len(recent):
            return np.zeros(len(self.design.columns) - n)
        back = n - 1 - recent[-1]
        steps = np.arange(1, len(self.design.columns) - n + 1) + back
        return np.asarray(self.residuals[recent[-1]] * self.memory**steps)

    def part(self, families: tuple[str, ...]) -> Floats:
        """Return what the columns of these families add, (n + horizon,)."""
        chosen = [name.split(":")[0] in families for name in self.design.names]
        return np.asarray(self.design.columns[:, chosen] @ self.weights[chosen])


def fit(history: History) -> Fitted:
    """Fit the regression; needs two periods of known values (``ValueError``)."""
    known = np.flatnonzero(~np.isnan(history.values))
    if len(known) < 2 * history.period:
        raise ValueError("two periods of known values at least")
    made = design(history)
    rows, target = made.columns[known], history.values[known]
    trust = np.ones(len(known))
    spread = max(float(np.std(target)) / 2, 1e-6)
    weights = np.zeros(len(made.names))
    for _ in range(ROUNDS):
        left = (rows * trust[:, None]).T @ rows + np.diag((spread / made.prior) ** 2)
        weights = np.linalg.solve(left, (rows * trust[:, None]).T @ target)
        gap = target - rows @ weights
        spread = max(float(np.median(np.abs(gap))) / 0.6745, 1e-6)
        trust = np.minimum(1.0, HUBER * spread / np.maximum(np.abs(gap), 1e-12))
    residuals = np.full(len(history.values), np.nan)
    residuals[known] = target - rows @ weights
    return Fitted(made, weights, residuals, _memory(residuals))


def _memory(residuals: Floats) -> float:
    """Return the AR(1) coefficient in 0 … 0.98, over pairs that are both known."""
    first, second = residuals[:-1], residuals[1:]
    pair = ~np.isnan(first) & ~np.isnan(second)
    if pair.sum() < 10:
        return 0.0
    top = float(first[pair] @ second[pair])
    return float(np.clip(top / max(float(first[pair] @ first[pair]), 1e-12), 0, 0.98))


class EventRegression:
    """The regression as a forecaster."""

    name = "regression"

    def forecast(self, history: History) -> Floats:
        """Return the values of the days to come, (horizon,)."""
        fitted = fit(history)
        n = len(history.values)
        return np.asarray(
            (fitted.design.columns @ fitted.weights)[n:] + fitted.ahead, float
        )


EVENTS = ("holiday", "festival", "promotion", "month")


def event_effect(history: History) -> Floats:
    """Return what holidays, festivals and sales add on each day, (n + horizon,)."""
    if not len(history.regressors.columns):
        return np.zeros(len(history.regressors))
    return fit(history).part(EVENTS)
