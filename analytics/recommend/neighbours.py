"""Collaborative filtering by neighbours: alike items, alike users.

Source: Sarwar et al. 2001 (items), Resnick et al. 1994 (users); the shrinkage
of few common events follows Bell & Koren 2007.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from analytics.recommend.interactions import Floats, Interactions


class ItemNeighbours(BaseEstimator):  # type: ignore[misc]
    """Scores = history @ cosine of items, the ``most`` nearest of each kept."""

    def __init__(self, *, most: int = 100, shrink: float = 10.0) -> None:
        self.most = most
        self.shrink = shrink

    def fit(self, data: Interactions) -> Self:
        """Fit on who took what."""
        self.items_ = data.items
        self.weights_ = nearest(data.taken.T.tocsr(), self.most, self.shrink)
        return self

    def score(self, history: Any) -> Floats:
        """Return scores (n, items) of histories (n, items), sparse."""
        check_is_fitted(self, "weights_")
        return np.asarray((history @ self.weights_).toarray(), np.float32)


class UserNeighbours(BaseEstimator):  # type: ignore[misc]
    """Scores = what the ``most`` users of the likest histories took."""

    def __init__(self, *, most: int = 80, shrink: float = 10.0) -> None:
        self.most = most
        self.shrink = shrink

    def fit(self, data: Interactions) -> Self:
        """Keep the users' histories."""
        self.items_ = data.items
        self.taken_ = data.taken
        self.size_ = _size(data.taken)
        return self

    def score(self, history: Any) -> Floats:
        """Return scores (n, items) of histories (n, items), sparse.

        A user's own history, met again among the known, counts as a neighbour;
        what it holds is hidden by the caller, so the order is not touched.
        """
        check_is_fitted(self, "taken_")
        common = (history @ self.taken_.T).tocsr()
        common.data /= (
            _size(history)[_rows(common)] * self.size_[common.indices] + self.shrink
        )
        kept = largest(common, self.most)
        return np.asarray((kept @ self.taken_).toarray(), np.float32)


def nearest(vectors: Any, most: int, shrink: float = 0.0) -> Any:
    """Return the sparse cosine of rows with themselves, zero on the diagonal."""
    size = _size(vectors)
    common = (vectors @ vectors.T).tocsr()
    common.setdiag(0)
    common.eliminate_zeros()
    common.data /= size[_rows(common)] * size[common.indices] + shrink
    return largest(common, most)


def largest(matrix: Any, most: int) -> Any:
    """Return the matrix with the ``most`` largest values of each row kept."""
    rows = _rows(matrix)
    order = np.lexsort((-matrix.data, rows))
    rank = np.arange(len(order)) - matrix.indptr[rows[order]]
    kept = np.sort(order[rank < most])
    shape = matrix.shape
    return sp.csr_matrix((matrix.data[kept], (rows[kept], matrix.indices[kept])), shape)


def _size(matrix: Any) -> Floats:
    squares = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
    return np.asarray(np.sqrt(np.maximum(squares, 1e-12)), np.float32)


def _rows(matrix: Any) -> Any:
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
