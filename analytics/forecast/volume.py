"""Daily volumes with intervals: backtest, blend, calibrate, watch, explain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from analytics.forecast.backtest import (
    Backtest,
    backtest,
    forecast_or_naive,
    rolling_origins,
)
from analytics.forecast.calendar import EventCalendar
from analytics.forecast.classical import (
    Forecaster,
    SeasonalMean,
    SeasonalNaive,
    classical_models,
)
from analytics.forecast.combine import blend
from analytics.forecast.conformal import calibrate
from analytics.forecast.drift import DriftMonitor
from analytics.forecast.explain import decompose
from analytics.forecast.learned import Boosting
from analytics.forecast.regression import EventRegression, fit
from analytics.forecast.types import Floats, History

SHARES = (0.8, 0.95)


def default_models(*, fast: bool = False) -> list[Forecaster]:
    """Return the models that compete; ``fast`` leaves out those that take seconds."""
    slow = {"arima", "ets"}
    classic = [m for m in classical_models() if not fast or m.name not in slow]
    return [EventRegression(), SeasonalMean(), SeasonalNaive(), Boosting(), *classic]


class VolumeForecaster(BaseEstimator):  # type: ignore[misc]
    """Forecasts one daily series of counts.

    Args:
        calendar: the events that move it; default: Chinese holidays and festivals.
        period: days of a season.
        horizon: days ahead.
        models: the models that compete, `default_models()` by default.
        origins: how many past days it is tried from.
        step: days between those.
    """

    def __init__(
        self,
        calendar: EventCalendar | None = None,
        *,
        period: int = 7,
        horizon: int = 14,
        models: Sequence[Forecaster] | None = None,
        origins: int = 12,
        step: int = 5,
    ) -> None:
        self.calendar = calendar
        self.period = period
        self.horizon = horizon
        self.models = models
        self.origins = origins
        self.step = step

    def fit(self, counts: pd.Series) -> Self:
        """Fit on counts (n,) by day, oldest first, ``nan`` where not recorded.

        Raises ``ValueError`` for less than four periods, a negative count or days
        that are not in order.
        """
        values = counts.to_numpy(float)
        if len(values) < 4 * self.period or (values < 0).any():
            raise ValueError("four periods of counts from zero at least")
        if not counts.index.is_monotonic_increasing or not counts.index.is_unique:
            raise ValueError("days in order, each once")
        self.models_ = list(self.models or default_models())
        self.counts_ = counts
        self.history_ = self._history(counts)
        first = 3 * self.period
        starts = [
            origin
            for origin in rolling_origins(
                len(values), self.horizon, self.origins, self.step
            )
            if origin >= first
        ]
        self.table_: Backtest = backtest(
            self.models_, self.history_, starts, self.horizon
        )
        self.blend_ = blend(self.table_)
        errors = self.table_.truth - self.blend_.point(self.table_.guesses)
        spread = float(np.nanstd(self.history_.values)) or 0.1
        self.bands_ = calibrate(errors, spread)
        # The median of the logs, put back, is not the mean: what it lacks.
        self.lift_ = _lift(errors)
        usual = float(np.nanmean(np.abs(errors))) if errors.size else spread
        self.drift_ = DriftMonitor(max(usual, 1e-6))
        return self

    def _history(self, counts: pd.Series) -> History:
        days = pd.DatetimeIndex(counts.index)
        ahead = pd.date_range(days[-1] + pd.DateOffset(days=1), periods=self.horizon)
        calendar = self.calendar or EventCalendar()
        frame = calendar.regressors(days.append(ahead))
        return History(np.log1p(counts.to_numpy(float)), frame, self.period)

    def predict(self) -> pd.DataFrame:
        """Return the days ahead: median, mean, and 80 and 95 % intervals.

        Columns ``median``, ``mean``, ``low80``, ``high80``, ``low95``, ``high95``.
        """
        check_is_fitted(self, "bands_")
        said = np.array([forecast_or_naive(m, self.history_) for m in self.models_])
        centre = self.blend_.point(said)
        columns = {
            "median": np.expm1(centre),
            "mean": np.exp(centre) * self.lift_ - 1,
        }
        for share in SHARES:
            half = self.bands_.half(share)
            columns[f"low{share:.0%}"[:-1]] = np.expm1(centre - half)
            columns[f"high{share:.0%}"[:-1]] = np.expm1(centre + half)
        days = self.history_.regressors.index[len(self.history_.values) :]
        return pd.DataFrame(columns, index=days).clip(lower=0.0)

    def explain(self) -> pd.DataFrame:
        """Return how trend, week, year, holidays, festivals and sales make each day.

        The columns of a row sum to the median forecast of its day.
        """
        check_is_fitted(self, "bands_")
        median = self.predict()["median"].to_numpy(float)
        return decompose(fit(self.history_), median)

    def observe(self, past: pd.DataFrame, actual: pd.Series) -> bool:
        """Compare an earlier `predict` with what came; True if a refit is due.

        It also moves the level of the intervals (adaptive conformal).
        """
        check_is_fitted(self, "bands_")
        both = past.join(actual.rename("actual"), how="inner").dropna()
        for share in SHARES:
            low, high = both[f"low{share:.0%}"[:-1]], both[f"high{share:.0%}"[:-1]]
            for hit in (low <= both["actual"]) & (both["actual"] <= high):
                self.bands_.observe(share, float(hit))
        gap = np.log1p(both["actual"]) - np.log1p(both["median"])
        return self.drift_.observe(np.abs(gap.to_numpy(float)))


def _lift(errors: Floats) -> float:
    """Return Duan's smearing factor, kept near one on few errors."""
    known = errors[~np.isnan(errors)]
    if not len(known):
        return 1.0
    return float(np.clip(np.mean(np.exp(known)), 0.9, 1.3))
