"""Customers in segments (k-means), each served what its like take.

Source: MacQueen 1967; histories are put into few dimensions first (truncated
SVD), because distances in thousands of sparse columns say little.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize
from sklearn.utils.validation import check_is_fitted

from analytics.recommend.interactions import Floats, Interactions


class Segments(BaseEstimator):  # type: ignore[misc]
    """K-means segments of histories; scores are a segment's shares of items."""

    def __init__(
        self, *, segments: int = 12, dimensions: int = 24, random_state: int = 0
    ) -> None:
        self.segments = segments
        self.dimensions = dimensions
        self.random_state = random_state

    def fit(self, data: Interactions) -> Self:
        """Fit on who took what; fewer users than segments make fewer segments."""
        known = data.taken[np.diff(data.taken.indptr) > 0]
        if known.shape[0] < 2 or known.shape[1] < 2:
            raise ValueError("segments need two users and two items")
        wide = min(self.dimensions, min(known.shape) - 1)
        self.flat_ = TruncatedSVD(wide, random_state=self.random_state)
        places = normalize(self.flat_.fit_transform(normalize(known)))
        count = min(self.segments, known.shape[0])
        self.means_ = KMeans(count, n_init=4, random_state=self.random_state)
        labels = self.means_.fit_predict(places)
        overall = np.asarray(known.mean(axis=0)).ravel()
        shares = [
            (np.asarray(known[labels == k].sum(axis=0)).ravel() + 5 * overall)
            / (int((labels == k).sum()) + 5)
            for k in range(count)
        ]
        self.shares_: Floats = np.asarray(shares, np.float32)
        self.items_ = data.items
        return self

    def segment(self, history: Any) -> Any:
        """Return the segment (n,) of histories (n, items)."""
        check_is_fitted(self, "shares_")
        return self.means_.predict(normalize(self.flat_.transform(normalize(history))))

    def score(self, history: Any) -> Floats:
        """Return scores (n, items): the shares of each one's segment."""
        return np.asarray(self.shares_[self.segment(history)])
