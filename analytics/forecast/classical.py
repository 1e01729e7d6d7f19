"""Models of statsforecast and a seasonal mean, on the series freed of events.

None of them knows the calendar, so what events add is estimated first
(`regression.event_effect`), taken off the past and put back on the future.
`statsforecast` takes seconds to import: only a fit does it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from analytics.forecast.regression import event_effect
from analytics.forecast.types import Floats, History, fill_seasonal


class Forecaster(Protocol):
    """Anything that carries a history on."""

    name: str

    def forecast(self, history: History) -> Floats:
        """Return the values of the days to come, (horizon,)."""


class SeasonalNaive:
    """The same day of the last period: the peer that everything must beat."""

    name = "seasonal_naive"

    def forecast(self, history: History) -> Floats:
        """Return the last period again and again."""
        last = fill_seasonal(history.values, history.period)[-history.period :]
        return np.asarray(np.resize(last, history.horizon), float)


class SeasonalMean:
    """The mean of the same day over the last periods, events taken out."""

    def __init__(self, periods: int = 6) -> None:
        self.periods = periods
        self.name = f"mean_of_{periods}"

    def forecast(self, history: History) -> Floats:
        """Return the mean season around events."""
        n, effect = len(history.values), event_effect(history)
        calm = fill_seasonal(history.values - effect[:n], history.period)
        rounds = min(self.periods, n // history.period)
        last = calm[n - rounds * history.period :].reshape(rounds, -1)
        return np.resize(last.mean(axis=0), history.horizon) + effect[n:]


class Classical:
    """One model of statsforecast around the events."""

    def __init__(self, name: str, make: Callable[[int], Any]) -> None:
        self.name = name
        self.make = make

    def forecast(self, history: History) -> Floats:
        """Return the model's mean, with the events of the days to come."""
        n, effect = len(history.values), event_effect(history)
        calm = fill_seasonal(history.values - effect[:n], history.period)
        ahead = self.make(history.period).forecast(calm, history.horizon)["mean"]
        return np.asarray(ahead, float) + effect[n:]


def _arima(period: int) -> Any:
    from statsforecast.models import AutoARIMA

    return AutoARIMA(
        season_length=period, approximation=True, max_p=3, max_q=3, max_P=1, max_Q=1
    )


def _ets(period: int) -> Any:
    from statsforecast.models import AutoETS

    return AutoETS(season_length=period)


def _theta(period: int) -> Any:
    from statsforecast.models import AutoTheta

    return AutoTheta(season_length=period)


def _mstl(period: int) -> Any:
    from statsforecast.models import MSTL

    return MSTL(season_length=period)


def classical_models() -> list[Forecaster]:
    """Return ARIMA, ETS, Theta and MSTL, each around the events."""
    makers = {"arima": _arima, "ets": _ets, "theta": _theta, "mstl": _mstl}
    return [Classical(name, make) for name, make in makers.items()]
