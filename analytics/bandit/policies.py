"""Probabilities of arms: a floor for each, the plain policies, and the draw."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def uniform(rows: int, arms: int) -> Floats:
    """Return (rows, arms) of the same probability."""
    return np.full((rows, arms), 1.0 / arms)


def with_floor(probabilities: ArrayLike, floor: float) -> Floats:
    """Return probabilities (n, arms) of which none is below the floor.

    Raises:
        ValueError: the floors alone would be more than one.
    """
    given = np.asarray(probabilities, float)
    arms = given.shape[1]
    if not 0 <= floor * arms <= 1:
        raise ValueError(f"a floor of {floor} for {arms} arms")
    mixed: Floats = floor + (1 - floor * arms) * given
    return mixed


def pick(probabilities: ArrayLike, at: float) -> int:
    """Return the arm that a number in [0, 1) falls on; (arms,) probabilities."""
    edges = np.cumsum(np.asarray(probabilities, float))
    # Rounding may leave the last edge a hair below one.
    return min(int(np.searchsorted(edges, at, side="right")), len(edges) - 1)


def greedy(scores: ArrayLike) -> Floats:
    """Return probability one for the best of each row; equals share it."""
    given = np.asarray(scores, float)
    best = given == given.max(axis=1, keepdims=True)
    shares: Floats = best / best.sum(axis=1, keepdims=True)
    return shares


class EpsilonGreedy:
    """The arm with the best mean so far, whatever the context.

    Args:
        floor: the least probability of every arm; arms × floor is the usual epsilon.
    """

    def __init__(self, arms: int, *, floor: float = 0.05) -> None:
        """Start with one half for each arm, as after one success and one failure."""
        self.arms, self.floor = arms, floor
        self.sums = np.ones(arms)
        self.counts = np.full(arms, 2.0)

    def partial_fit(self, X: ArrayLike, arms: ArrayLike, rewards: ArrayLike) -> Self:
        """Count rewards (n,) in [0, 1] of arms (n,); the contexts are not looked at."""
        np.add.at(self.sums, np.asarray(arms, int), np.asarray(rewards, float))
        np.add.at(self.counts, np.asarray(arms, int), 1.0)
        return self

    def probabilities(self, X: ArrayLike) -> Floats:
        """Return (n, arms)."""
        rows = len(np.asarray(X))
        means = np.tile(self.sums / self.counts, (rows, 1))
        return with_floor(greedy(means), self.floor)
