"""What a policy would have earned, from rows that another one drew.

Rows hold the arm drawn, its probability then (the propensity) and the reward;
`target` is what the judged policy gives the drawn arm (n,), or every arm (n, arms).
Inverse propensities are unbiased and noisy, a reward model is calm and biased, and
doubly robust is right if either is (Dudík, Langford, Li 2011; Swaminathan &
Joachims 2015 for the self-normalised form).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analytics.bandit.policies import Floats
from analytics.bandit.thompson import Thompson

Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean reward with its standard error and 95 % interval.

    `effective` is how many rows' worth the weights leave (Kish): far below the
    number of rows, the two policies have little in common.
    """

    value: float
    error: float
    low: float
    high: float
    effective: float


def ips(rewards: ArrayLike, propensity: ArrayLike, target: ArrayLike) -> Estimate:
    """Return the estimate by inverse propensities; all (n,)."""
    weights = _weights(propensity, target)
    return _mean(weights * np.asarray(rewards, float), weights)


def snips(rewards: ArrayLike, propensity: ArrayLike, target: ArrayLike) -> Estimate:
    """Return the self-normalised estimate: a mean that stays within the rewards."""
    weights = _weights(propensity, target)
    earned = np.asarray(rewards, float)
    total = weights.sum()
    if not total:
        return Estimate(float("nan"), float("inf"), 0.0, 1.0, 0.0)
    value = float(weights @ earned / total)
    # Delta method of a ratio of two means.
    error = float(np.sqrt(((weights * (earned - value)) ** 2).sum()) / total)
    return _estimate(value, error, weights)


def direct(target: ArrayLike, expected: ArrayLike) -> Estimate:
    """Return what a reward model (n, arms) says alone; its bias is not in the error."""
    chosen = (np.asarray(target, float) * np.asarray(expected, float)).sum(axis=1)
    return _mean(chosen, np.ones(len(chosen)))


def doubly_robust(
    rewards: ArrayLike,
    arms: ArrayLike,
    propensity: ArrayLike,
    target: ArrayLike,
    expected: ArrayLike,
) -> Estimate:
    """Return the model's estimate, put right by what it missed on the drawn arms.

    Args:
        target: probabilities of the judged policy, (n, arms).
        expected: a model's rewards, (n, arms), fitted on other rows (`predicted`).
    """
    drawn = np.asarray(arms, int)
    rows = np.arange(len(drawn))
    wanted, guessed = np.asarray(target, float), np.asarray(expected, float)
    weights = _weights(propensity, wanted[rows, drawn])
    missed = np.asarray(rewards, float) - guessed[rows, drawn]
    return _mean((wanted * guessed).sum(axis=1) + weights * missed, weights)


def predicted(
    X: ArrayLike, arms: ArrayLike, rewards: ArrayLike, count: int, folds: int = 5
) -> Floats:
    """Return rewards (n, count) of a model that did not see the row it predicts."""
    rows, drawn = np.asarray(X, float), np.asarray(arms, int)
    earned = np.asarray(rewards, float)
    found = np.empty((len(rows), count))
    fold = np.arange(len(rows)) % folds
    for n in range(folds):
        seen = fold != n
        model = Thompson(count, rows.shape[1])
        model.partial_fit(rows[seen], drawn[seen], earned[seen])
        if (~seen).any():
            found[~seen] = model.expected(rows[~seen])
    return found


def _weights(propensity: ArrayLike, target: ArrayLike) -> Floats:
    logged = np.asarray(propensity, float)
    if (logged <= 0).any():
        raise ValueError("a drawn arm had no probability")
    weights: Floats = np.asarray(target, float) / logged
    return weights


def _mean(values: Floats, weights: Floats) -> Estimate:
    count = len(values)
    spread = float(values.std(ddof=1)) if count > 1 else float("inf")
    return _estimate(float(values.mean()), spread / np.sqrt(count), weights)


def _estimate(value: float, error: float, weights: Floats) -> Estimate:
    squares = float((weights**2).sum())
    effective = float(weights.sum() ** 2 / squares) if squares else 0.0
    return Estimate(
        value, float(error), value - Z95 * error, value + Z95 * error, effective
    )
