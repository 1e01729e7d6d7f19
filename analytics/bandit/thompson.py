"""Thompson sampling over one Bayesian logistic regression that all arms share.

Chapelle & Li 2011, "An empirical evaluation of Thompson sampling", algorithm 3, with
a full covariance (Laplace) in place of its diagonal. The arms share the effect of
the context and differ by deviations with a tight prior: a shop has hundreds of
rows, not millions, and most contexts move all arms alike.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from analytics.bandit.policies import Floats, with_floor

STEPS = 30
ENOUGH = 1e-8
BLOCK = 512


class Thompson:
    """Each arm as often as it is the best under what is known of the weights.

    Args:
        floor: the least probability of every arm.
        shared: prior standard deviation of the weights that all arms share.
        apart: the same of each arm's own deviation from them.
        width: the posterior's deviations as a share of their own: below 1 there is
            less trying and more taking (the "posterior reshaping" of the paper).
        draws: samples of the weights behind a probability.
    """

    def __init__(
        self,
        arms: int,
        features: int,
        *,
        floor: float = 0.05,
        shared: float = 2.0,
        apart: float = 0.7,
        width: float = 0.5,
        draws: int = 400,
        random_state: int = 0,
    ) -> None:
        """Know the priors alone."""
        self.arms, self.features, self.floor = arms, features, floor
        self.width, self.draws, self.random_state = width, draws, random_state
        size = features + 1
        deviations = np.repeat(apart, size * arms)
        spread = np.concatenate([np.repeat(shared, size), deviations])
        self.mean = np.zeros(size * (arms + 1))
        self.precision = np.diag(spread**-2.0)
        self.rows = 0

    def partial_fit(self, X: ArrayLike, arms: ArrayLike, rewards: ArrayLike) -> Self:
        """Learn from contexts (n, d), arms (n,) and rewards (n,) in [0, 1].

        What was known is the prior of what comes (Newton's steps to the mode).
        """
        design = self._design(np.asarray(X, float), np.asarray(arms, int))
        wanted = np.asarray(rewards, float)
        if not len(wanted):
            return self
        start, before = self.mean.copy(), self.precision
        weights, precision = start.copy(), before
        for _ in range(STEPS):
            p = expit(design @ weights)
            slope = design.T @ (wanted - p) - before @ (weights - start)
            precision = before + (design * (p * (1 - p))[:, None]).T @ design
            step = np.linalg.solve(precision, slope)
            weights = weights + step
            if np.abs(step).max() < ENOUGH:
                break
        self.mean, self.precision = weights, precision
        self.rows += len(wanted)
        return self

    def expected(self, X: ArrayLike) -> Floats:
        """Return the reward expected of each arm at the mode, (n, arms)."""
        found: Floats = expit(self._logits(np.asarray(X, float), self.mean[None])[0])
        return found

    def probabilities(self, X: ArrayLike) -> Floats:
        """Return (n, arms): the same for the same context, draws being seeded."""
        rows = np.asarray(X, float)
        rng = np.random.default_rng(self.random_state)
        root = np.linalg.cholesky(self.precision)
        noise = rng.standard_normal((len(self.mean), self.draws))
        # The inverse of the transposed root gives draws of this precision's normal.
        sampled = self.mean + self.width * np.linalg.solve(root.T, noise).T
        shares = np.empty((len(rows), self.arms))
        for start in range(0, len(rows), BLOCK):
            part = self._logits(rows[start : start + BLOCK], sampled)
            best = part.argmax(axis=2)
            for arm in range(self.arms):
                shares[start : start + BLOCK, arm] = (best == arm).mean(axis=0)
        return with_floor(shares, self.floor)

    def reasons(self, x: ArrayLike, arm: int) -> Floats:
        """Return what each feature adds to the arm's log-odds against the mean arm.

        (1 + d,), the intercept first; they add up to the arm's logit less the
        mean of all arms' logits.
        """
        row = np.concatenate([[1.0], np.asarray(x, float)])
        own = self.mean[len(row) :].reshape(self.arms, len(row))
        found: Floats = (own[arm] - own.mean(axis=0)) * row
        return found

    def _logits(self, rows: Floats, sampled: Floats) -> Floats:
        """Return (draws, n, arms) for weights (draws, size)."""
        size = self.features + 1
        with_one = np.hstack([np.ones((len(rows), 1)), rows])
        common = sampled[:, :size] @ with_one.T
        own = sampled[:, size:].reshape(len(sampled), self.arms, size)
        apart = np.einsum("sak,nk->sna", own, with_one)
        found: Floats = common[:, :, None] + apart
        return found

    def _design(self, rows: Floats, arms: np.ndarray) -> Floats:
        size = self.features + 1
        with_one = np.hstack([np.ones((len(rows), 1)), rows])
        found = np.zeros((len(rows), size * (self.arms + 1)))
        found[:, :size] = with_one
        for arm in range(self.arms):
            mine = arms == arm
            start = size * (arm + 1)
            found[mine, start : start + size] = with_one[mine]
        return found
