"""Which of the coming days will be peaks, said early enough to hire for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy.stats import norm

PEAK = 1.5  # times the usual volume
SURE = 0.5
RECENT = 56


@dataclass(frozen=True, slots=True)
class PeakWarning:
    """One day that will likely be a peak, and which part of the calendar says so."""

    day: date
    days_ahead: int
    expected: float
    usual: float
    probability: float
    cause: str


def usual_volume(counts: pd.Series, recent: int = RECENT) -> float:
    """Return the median of the last days: what the team is sized for."""
    return float(np.nanmedian(counts.to_numpy(float)[-recent:]))


def peak_warnings(
    forecast: pd.DataFrame,
    parts: pd.DataFrame,
    usual: float,
    *,
    times: float = PEAK,
    sure: float = SURE,
) -> list[PeakWarning]:
    """Return the days whose volume likely exceeds ``times`` the usual.

    ``forecast`` and ``parts`` come from `VolumeForecaster.predict` and
    `.explain`; a day is named if its probability reaches ``sure``.
    """
    out = []
    median = np.log1p(forecast["median"].to_numpy(float))
    half = np.log1p(forecast["high80"].to_numpy(float)) - median
    spread = np.maximum(half / norm.ppf(0.9), 1e-6)
    over = norm.sf((np.log1p(times * usual) - median) / spread)
    causes = parts.drop(columns=["trend"]).idxmax(axis=1)
    for at, day in enumerate(forecast.index):
        if over[at] >= sure:
            out.append(
                PeakWarning(
                    day.date(),
                    at + 1,
                    float(forecast["median"].iloc[at]),
                    usual,
                    float(over[at]),
                    str(causes.iloc[at]),
                )
            )
    return out
