"""Money that goes out: how many times, times how much each time.

A compound sum: the count's law comes from its forecast, the amounts from those
paid lately. Daily errors lean the same way (a bad batch lasts), so a part of the
error is shared by all days; else the total of two weeks would look too sure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from analytics.forecast.types import Floats

SHARED = 0.5  # share of the variance of a day's error common to all days
DRAWS = 4_000


@dataclass(frozen=True, slots=True)
class Money:
    """Expected sums by day and in total, with 80 % intervals, in the amounts' unit."""

    mean: Floats
    low80: Floats
    high80: Floats
    total: float
    total_low80: float
    total_high80: float


def expected_money(
    counts: pd.DataFrame, amounts: Floats, random_state: int = 0
) -> Money:
    """Return the sums of the days of a forecast.

    ``counts`` has ``median`` and ``high80`` (`VolumeForecaster.predict`),
    ``amounts`` (n,) are single sums of the past. Raises ``ValueError`` without any.
    """
    if not len(amounts):
        raise ValueError("a sum is needed")
    rng = np.random.default_rng(random_state)
    middle = np.log1p(counts["median"].to_numpy(float))
    spread = (np.log1p(counts["high80"].to_numpy(float)) - middle) / norm.ppf(0.9)
    common = rng.standard_normal((DRAWS, 1)) * np.sqrt(SHARED)
    own = rng.standard_normal((DRAWS, len(middle))) * np.sqrt(1 - SHARED)
    times = np.rint(np.maximum(np.expm1(middle + spread * (common + own)), 0))
    mean, scatter = float(np.mean(amounts)), float(np.var(amounts))
    # A sum of so many amounts, as a gamma law of the same mean and variance.
    scatter = max(scatter, 1e-6 * mean**2)
    shape = times * mean**2 / scatter
    sums = rng.gamma(np.maximum(shape, 1e-12), scatter / mean) * (times > 0)
    low, high = np.quantile(sums, [0.1, 0.9], axis=0)
    whole = sums.sum(axis=1)
    total_low, total_high = np.quantile(whole, [0.1, 0.9])
    return Money(
        sums.mean(axis=0),
        low,
        high,
        float(whole.mean()),
        float(total_low),
        float(total_high),
    )
