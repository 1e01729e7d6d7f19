"""A linear model of items by items, in closed form.

Source: Steck 2019, "Embarrassingly shallow autoencoders for sparse data"
(EASE^R); Steck 2020, "Autoencoders that don't overfit towards the identity"
(the penalty that grows with an item's count, here ``dropout``).
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scipy.linalg import lapack
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from analytics.recommend.interactions import Floats, Interactions


class Ease(BaseEstimator):  # type: ignore[misc]
    """Scores = history @ B, B with a zero diagonal.

    Parameters:
        ridge: the same penalty for all items.
        dropout: in 0 … <1; the share of each history hidden while learning.
        half_life_days: events count half after so long, back from the newest.

    Memory is 4 bytes per pair of items, twice while fitting; time their cube.
    """

    def __init__(
        self,
        *,
        ridge: float = 200.0,
        dropout: float = 0.5,
        half_life_days: float | None = None,
    ) -> None:
        self.ridge = ridge
        self.dropout = dropout
        self.half_life_days = half_life_days

    def fit(self, data: Interactions) -> Self:
        """Fit on who took what.

        Raises:
            ValueError: no items, or a setting outside its range.
        """
        if not data.items or not 0 <= self.dropout < 1 or self.ridge <= 0:
            raise ValueError("items, ridge > 0 and 0 <= dropout < 1 are needed")
        days = self.half_life_days
        history = data.taken if days is None else data.aged(days)
        gram: Floats = np.asfortranarray((history.T @ history).toarray(), np.float32)
        place = np.arange(len(gram))
        hidden = self.dropout / (1 - self.dropout)
        gram[place, place] += self.ridge + hidden * gram[place, place]
        inverse = _inverse(gram)
        self.weights_: Floats = inverse / -inverse[place, place]
        self.weights_[place, place] = 0
        self.items_ = data.items
        return self

    def score(self, history: Any) -> Floats:
        """Return scores (n, items) of histories (n, items), sparse."""
        check_is_fitted(self, "weights_")
        return np.asarray(history @ self.weights_, np.float32)

    def parts(self, history: Any, item: int) -> list[tuple[int, float]]:
        """Return what each of one history's items adds to an item's score."""
        check_is_fitted(self, "weights_")
        return [
            (int(own), float(amount * self.weights_[own, item]))
            for own, amount in zip(history.indices, history.data, strict=True)
        ]


def _inverse(matrix: Floats) -> Floats:
    """Return the inverse of a symmetric positive matrix, which is overwritten."""
    factor, failed = lapack.spotrf(matrix, lower=1, overwrite_a=1)
    if not failed:
        found, failed = lapack.spotri(factor, lower=1, overwrite_c=1)
    if failed:
        raise ValueError("the items' matrix is not positive: a larger ridge is needed")
    lower = np.tril(found)
    full: Floats = np.asarray(lower + np.tril(found, -1).T, np.float32)
    return full
