"""The next purchase after the last: a Markov chain that backs off.

Order one; a customer's own frequencies and then popularity fill what the chain
has not seen (Jelinek & Mercer 1980 interpolation). Repeats are real here: goods
that are used up are bought again.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from analytics.recommend.interactions import DAY_S, Floats, Interactions


class NextPurchase(BaseEstimator):  # type: ignore[misc]
    """Chance of each item to be the next, from a user's events in order.

    Parameters:
        within_days: a step counts while no more time lies between two events.
        smoothing: events an item must have before its own steps weigh half.
        own: weight of the customer's own frequencies.
    """

    def __init__(
        self, *, within_days: float = 120.0, smoothing: float = 10.0, own: float = 0.2
    ) -> None:
        self.within_days = within_days
        self.smoothing = smoothing
        self.own = own

    def fit(self, data: Interactions) -> Self:
        """Count the steps from each event to the user's next."""
        order = np.lexsort((data.at, data.user))
        user, item, at = data.user[order], data.item[order], data.at[order]
        step = (user[1:] == user[:-1]) & (np.diff(at) <= self.within_days * DAY_S)
        size = len(data.items)
        self.steps_ = sp.csr_matrix(
            (np.ones(int(step.sum()), np.float32), (item[:-1][step], item[1:][step])),
            (size, size),
        )
        self.from_: Floats = np.asarray(self.steps_.sum(axis=1), np.float32).ravel()
        counts = np.bincount(item, minlength=size).astype(np.float32) + 0.1
        self.overall_: Floats = counts / counts.sum()
        self.items_ = data.items
        return self

    def after(self, last: Any, history: Any) -> Floats:
        """Return chances (n, items) after items ``last`` (n,) and histories."""
        check_is_fitted(self, "steps_")
        last = np.asarray(last, np.int64)
        trust = (self.from_[last] / (self.from_[last] + self.smoothing))[:, None]
        steps = self.steps_[last].toarray() / np.maximum(self.from_[last], 1)[:, None]
        size = np.maximum(np.asarray(history.sum(axis=1)).ravel(), 1)[:, None]
        own = history.toarray() / size
        rest = self.own * own + (1 - self.own) * self.overall_
        return np.asarray(trust * steps + (1 - trust) * rest, np.float32)

    def score(self, history: Any) -> Floats:
        """Return the mean of `after` over each history's items (n, items)."""
        check_is_fitted(self, "steps_")
        share = self.steps_.multiply(
            1 / (np.maximum(self.from_, 1) + self.smoothing)[:, None]
        ).tocsr()
        size = np.maximum(np.asarray(history.sum(axis=1)).ravel(), 1)[:, None]
        steps = np.asarray((history @ share).toarray()) / size
        return np.asarray(steps + 0.5 * self.overall_, np.float32)
