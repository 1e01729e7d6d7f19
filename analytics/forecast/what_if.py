"""What a festival or a recall would add to a forecast that does not know of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from analytics.forecast.calendar import event_shapes
from analytics.forecast.regression import Fitted
from analytics.forecast.types import Floats

# In log units for a sale as big as Double 11, until the shop's own were seen.
ASSUMED: Mapping[str, float] = {
    "build": 0.2,
    "peak": 0.6,
    "after3": 0.5,
    "after7": 0.4,
    "after14": 0.2,
}
LEAD, LAG = 18, 21
LEAST_LIFT = 0.03  # in the mean over the weeks of a sale; less is noise
FADES = 0.65  # what is left of a recall's contacts a day later
ANY = "festival:any:"


def learned_lift(fitted: Fitted) -> dict[str, float] | None:
    """Return what past festivals did, in log units; None if none moved anything."""
    n = len(fitted.residuals)
    found = {
        name.removeprefix(ANY): float(weight)
        for name, weight, column in zip(
            fitted.design.names,
            fitted.weights,
            fitted.design.columns[:n].T,
            strict=True,
        )
        if name.startswith(ANY) and np.any(column != 0)
    }
    away = np.arange(-LEAD, LAG + 1, dtype=float)
    shapes = event_shapes(away, LEAD, LAG)
    mean = sum(found.get(part, 0.0) * shape.mean() for part, shape in shapes.items())
    return found if mean >= LEAST_LIFT else None


def festival_lift(
    days: pd.DatetimeIndex, peak: date, strength: float, lift: Mapping[str, float]
) -> Floats:
    """Return the factor on each day's contacts, (days,).

    ``strength`` 1 is a sale as big as Double 11 with its peak on ``peak``.
    """
    away = np.asarray((days - pd.Timestamp(peak)).days, float)
    shapes = event_shapes(away, LEAD, LAG)
    logs = sum(lift.get(part, 0.0) * shape for part, shape in shapes.items())
    return np.asarray(np.exp(strength * np.asarray(logs)))


def recall_contacts(
    days: pd.DatetimeIndex, first: date, pieces: float, share: float
) -> Floats:
    """Return contacts added by each day, (days,), from pieces called back.

    A ``share`` of the owners writes; each day after the first brings less.
    """
    since = np.asarray((days - pd.Timestamp(first)).days, float)
    wave = np.where(since >= 0, (1 - FADES) * FADES ** np.maximum(since, 0), 0.0)
    return np.asarray(pieces * share * wave)
