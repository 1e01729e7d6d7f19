"""From daily totals to half-hours: the profile of a day, and its noise.

Shen & Huang 2008: volume by day and shape within the day are forecast apart. A
weekday's shape is its own recent days' mean, drawn towards that of all days as
far as its counts are few.
"""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from analytics.forecast.conformal import quantile_of
from analytics.forecast.types import Floats

DRAWN = 200.0  # contacts' worth of the common shape in each weekday's


class IntradayProfile(BaseEstimator):  # type: ignore[misc]
    """Shares of a day by slot, for each weekday.

    Args:
        half_life: days after which a day counts half.
        smooth: slots over which a share is averaged (odd; 1 = not).
    """

    def __init__(self, *, half_life: float = 28.0, smooth: int = 1) -> None:
        self.half_life = half_life
        self.smooth = smooth

    def fit(self, counts: Floats, days: pd.DatetimeIndex) -> Self:
        """Fit on counts (days, slots); rows of ``nan`` are left out.

        Raises ``ValueError`` where no day has a contact.
        """
        total = counts.sum(axis=1)
        known = total > 0
        if not known.any():
            raise ValueError("a day with contacts is needed")
        rows, when, total = counts[known], days[known], total[known]
        weight = 0.5 ** (np.asarray((days[-1] - when).days, float) / self.half_life)
        self.common_ = self._shape(rows, weight)
        self.shapes_ = {}
        for day in range(7):
            own = np.asarray(when.dayofweek == day)
            mass = float((weight[own] * total[own]).sum())
            pull = DRAWN / (DRAWN + mass)
            shape = self._shape(rows[own], weight[own]) if own.any() else self.common_
            self.shapes_[day] = (1 - pull) * shape + pull * self.common_
        guess = np.array([self.shapes_[d] for d in when.dayofweek]) * total[:, None]
        # How the noise of a slot grows with its volume: Pearson residuals.
        self.noise_ = np.abs(rows - guess) / np.sqrt(np.maximum(guess, 1.0))
        return self

    def _shape(self, rows: Floats, weight: Floats) -> Floats:
        shape = (rows * weight[:, None]).sum(axis=0)
        if self.smooth > 1:
            box = np.ones(self.smooth)
            ends = np.convolve(np.ones(len(shape)), box, "same")
            shape = np.convolve(shape, box, "same") / ends
        return np.asarray(shape / shape.sum())

    def spread(self, totals: Floats, days: pd.DatetimeIndex) -> Floats:
        """Return expected counts (days, slots) that sum to each day's total."""
        check_is_fitted(self, "shapes_")
        shapes = np.array([self.shapes_[day] for day in days.dayofweek])
        return np.asarray(shapes * np.asarray(totals, float)[:, None])

    def half(self, expected: Floats, day_sd: Floats, share: float) -> Floats:
        """Return half-widths of slot intervals, (days, slots).

        ``day_sd`` (days,) is the relative spread of the daily totals, at the same
        ``share``; the two errors are taken as independent.
        """
        check_is_fitted(self, "shapes_")
        inner = quantile_of(np.sort(self.noise_.ravel()), share)
        noise = inner * np.sqrt(np.maximum(expected, 1.0))
        return np.asarray(np.hypot(noise, expected * day_sd[:, None]))
