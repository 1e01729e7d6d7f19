"""Why a forecast is what it is: the volume that each part of the calendar adds.

The regression multiplies; people add. The logarithmic mean (LMDI, Ang 2004)
splits a product into parts that sum to it exactly.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.forecast.regression import Fitted
from analytics.forecast.types import Floats

PARTS = ("season", "year", "holiday", "festival", "promotion", "month")


def log_mean(first: Floats, second: Floats) -> Floats:
    """Return the logarithmic mean of two positive arrays."""
    gap = np.log(first) - np.log(second)
    near = np.abs(gap) < 1e-9
    return np.asarray(np.where(near, first, (first - second) / np.where(near, 1, gap)))


def decompose(fitted: Fitted, expected: Floats) -> pd.DataFrame:
    """Return one row a future day whose columns sum to ``expected`` (horizon,).

    ``trend`` is the day's level on an average weekday without events, ``recent``
    what the last days were off plus what the other models say differently.
    """
    n = len(fitted.residuals)
    season = fitted.part(("season",))
    centre = float(season[:n].mean())
    logs = {name: fitted.part((name,))[n:] for name in PARTS}
    logs["season"] = logs["season"] - centre
    base = np.exp(fitted.part(("level", "trend"))[n:] + centre)
    total = expected + 1.0  # the working scale is log(1 + count)
    logs["recent"] = np.log(total / base) - np.sum(list(logs.values()), axis=0)
    size = log_mean(total, base)
    columns = {"trend": base - 1.0} | {key: size * part for key, part in logs.items()}
    return pd.DataFrame(columns, index=fitted.design.days[n:])
