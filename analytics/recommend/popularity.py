"""What everybody takes, lately more than long ago."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from analytics.recommend.interactions import DAY_S, Floats, Interactions


class Popularity(BaseEstimator):  # type: ignore[misc]
    """The same scores for all: counts that halve each ``half_life_days``."""

    def __init__(self, *, half_life_days: float | None = None) -> None:
        self.half_life_days = half_life_days

    def fit(self, data: Interactions) -> Self:
        """Count, from the newest event back."""
        weight = None
        if self.half_life_days is not None and len(data.at):
            age = (data.at[-1] - data.at) / DAY_S
            weight = np.exp2(-age / self.half_life_days)
        counts = np.bincount(data.item, weight, len(data.items))
        self.counts_: Floats = counts.astype(np.float32)
        self.items_ = data.items
        return self

    def score(self, history: Any) -> Floats:
        """Return scores (n, items) for histories (n, items)."""
        check_is_fitted(self, "counts_")
        return np.tile(self.counts_, (history.shape[0], 1))
