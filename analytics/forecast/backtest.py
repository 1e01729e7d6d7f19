"""Rolling origins: what each model would have said, and what then came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.forecast.classical import Forecaster, SeasonalNaive
from analytics.forecast.types import Floats, History


@dataclass(frozen=True, slots=True)
class Backtest:
    """Forecasts made at past origins, on the working scale.

    ``guesses`` is (models, origins, horizon), ``truth`` (origins, horizon) with
    ``nan`` where the day was closed or is not known yet.
    """

    names: list[str]
    origins: NDArray[np.intp]
    guesses: Floats
    truth: Floats

    def known_at(self, origin: int) -> Backtest:
        """Return the part whose whole horizon lay in the past at ``origin``."""
        old = self.origins + self.truth.shape[1] <= origin
        return Backtest(
            self.names, self.origins[old], self.guesses[:, old], self.truth[old]
        )

    def errors(self) -> Floats:
        """Return the mean absolute error of each model, (models,)."""
        return np.asarray(np.nanmean(np.abs(self.guesses - self.truth), axis=(1, 2)))


def rolling_origins(length: int, horizon: int, count: int, step: int) -> list[int]:
    """Return up to ``count`` origins, oldest first, the last with all its truth."""
    last = length - horizon
    return sorted(last - step * back for back in range(count))


def backtest(
    models: Sequence[Forecaster],
    history: History,
    origins: Sequence[int],
    horizon: int,
) -> Backtest:
    """Let each model forecast from each origin, seeing nothing after it.

    A model that fails at an origin says what the seasonal naive one says there:
    its error counts, and one bad fit does not stop the others.
    """
    values = history.values
    guesses = np.empty((len(models), len(origins), horizon))
    truth = np.full((len(origins), horizon), np.nan)
    for column, origin in enumerate(origins):
        seen = history.cut(origin, horizon)
        for row, model in enumerate(models):
            guesses[row, column] = forecast_or_naive(model, seen)
        known = values[origin : origin + horizon]
        truth[column, : len(known)] = known
    return Backtest([m.name for m in models], np.array(origins), guesses, truth)


def forecast_or_naive(model: Forecaster, history: History) -> Floats:
    """Return the model's forecast, the seasonal naive one where it has none."""
    try:
        said = model.forecast(history)
    except (ValueError, ArithmeticError, np.linalg.LinAlgError, IndexError):
        return SeasonalNaive().forecast(history)
    bad = ~np.isfinite(said)
    return np.where(bad, SeasonalNaive().forecast(history), said) if bad.any() else said
