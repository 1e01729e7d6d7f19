"""LinUCB with disjoint arms: optimism in the face of what is not known.

Li, Chu, Langford, Schapire 2010, "A contextual-bandit approach to personalized news
article recommendation", algorithm 1; with a floor for each arm on top.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from analytics.bandit.policies import Floats, greedy, with_floor


class LinUcb:
    """A ridge regression for each arm; the highest upper bound is taken.

    Args:
        alpha: widths of a standard error that the bound lies above the mean.
        ridge: prior precision of every coefficient.
    """

    def __init__(
        self,
        arms: int,
        features: int,
        *,
        alpha: float = 1.0,
        ridge: float = 1.0,
        floor: float = 0.05,
    ) -> None:
        """Know nothing yet; the intercept is added to the features."""
        self.arms, self.alpha, self.floor = arms, alpha, floor
        size = features + 1
        self.inverse = np.tile(np.eye(size) / ridge, (arms, 1, 1))
        self.totals = np.zeros((arms, size))

    def partial_fit(self, X: ArrayLike, arms: ArrayLike, rewards: ArrayLike) -> Self:
        """Learn from contexts (n, d), arms (n,) and rewards (n,) in [0, 1]."""
        for row, arm, reward in zip(
            _with_one(X), np.asarray(arms, int), np.asarray(rewards, float), strict=True
        ):
            # Sherman and Morrison: the inverse after one more row.
            part = self.inverse[arm] @ row
            self.inverse[arm] -= np.outer(part, part) / (1 + row @ part)
            self.totals[arm] += reward * row
        return self

    def bounds(self, X: ArrayLike) -> Floats:
        """Return the upper bound of each arm's reward, (n, arms)."""
        rows = _with_one(X)
        weights = np.einsum("aij,aj->ai", self.inverse, self.totals)
        spread = np.einsum("ni,aij,nj->na", rows, self.inverse, rows)
        found: Floats = rows @ weights.T + self.alpha * np.sqrt(spread)
        return found

    def probabilities(self, X: ArrayLike) -> Floats:
        """Return (n, arms)."""
        return with_floor(greedy(self.bounds(X)), self.floor)


def _with_one(X: ArrayLike) -> Floats:
    rows = np.asarray(X, float)
    return np.hstack([np.ones((len(rows), 1)), rows])
