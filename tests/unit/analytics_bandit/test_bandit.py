"""A policy finds what helps whom, keeps trying all, and is judged without bias."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from analytics.bandit import (
    EpsilonGreedy,
    LinUcb,
    Thompson,
    direct,
    doubly_robust,
    ips,
    pick,
    predicted,
    snips,
    uniform,
    with_floor,
)

Floats = NDArray[np.float64]
# The second feature turns the best arm around; the third arm is never the best.
OWN = np.array([[0.0, 0.0, 1.2], [0.0, 0.0, -1.2], [-0.8, 0.0, 0.0]])


def truth(X: Floats) -> Floats:
    """The chance of a reward for each arm."""
    with_one = np.hstack([np.ones((len(X), 1)), X])
    found: Floats = expit(-0.5 + 0.5 * X[:, :1] + with_one @ OWN.T)
    return found


def logged(
    rows: int, seed: int, shares: tuple[float, ...] = (0.5, 0.3, 0.2)
) -> tuple[Floats, NDArray[np.int64], Floats, Floats]:
    rng = np.random.default_rng(seed)
    X = rng.choice([-1.0, 1.0], (rows, 2))
    arms = rng.choice(3, rows, p=shares)
    rewards = (rng.random(rows) < truth(X)[np.arange(rows), arms]).astype(float)
    return X, arms, np.array(shares)[arms], rewards


@pytest.mark.parametrize("kind", ["thompson", "linear"])
def test_the_arm_that_helps_in_a_context_is_learned(kind: str) -> None:
    policy = Thompson(3, 2) if kind == "thompson" else LinUcb(3, 2)
    X, arms, _, rewards = logged(1_500, 0)
    policy.partial_fit(X, arms, rewards)
    shares = policy.probabilities([[1.0, 1.0], [1.0, -1.0]])
    assert shares[0, 0] > 0.85 and shares[1, 1] > 0.85
    assert shares.min() >= 0.05
    assert np.allclose(shares.sum(axis=1), 1)


def test_learning_bit_by_bit_comes_to_the_same() -> None:
    X, arms, _, rewards = logged(900, 1)
    whole = Thompson(3, 2).partial_fit(X, arms, rewards)
    parts = Thompson(3, 2)
    for start in range(0, 900, 300):
        cut = slice(start, start + 300)
        parts.partial_fit(X[cut], arms[cut], rewards[cut])
    grid = np.array([[1.0, 1.0], [-1.0, 1.0]])
    assert np.abs(whole.expected(grid) - parts.expected(grid)).max() < 0.02
    assert np.abs(whole.probabilities(grid) - parts.probabilities(grid)).max() < 0.05
    assert (whole.probabilities(grid) == whole.probabilities(grid)).all()


def test_what_speaks_for_an_arm_adds_up() -> None:
    X, arms, _, rewards = logged(400, 2)
    model = Thompson(3, 2).partial_fit(X, arms, rewards)
    x = np.array([1.0, -1.0])
    logits = np.log(1 / (1 / model.expected(x[None]) - 1))[0]
    for arm in range(3):
        told = model.reasons(x, arm).sum()
        assert told == pytest.approx(logits[arm] - logits.mean(), abs=1e-9)


def test_an_unlearned_policy_tries_all_and_a_floor_holds() -> None:
    assert np.abs(Thompson(4, 2).probabilities([[0.0, 0.0]]) - 0.25).max() < 0.1
    assert (uniform(2, 4) == 0.25).all()
    assert with_floor([[1.0, 0.0]], 0.1).tolist() == [[0.9, 0.1]]
    with pytest.raises(ValueError, match="floor"):
        with_floor([[1.0, 0.0, 0.0]], 0.4)
    means = EpsilonGreedy(2).partial_fit([[0]] * 4, [0, 0, 1, 1], [1, 1, 0, 0])
    assert means.probabilities([[0.0]])[0] == pytest.approx([0.95, 0.05])
    assert [pick([0.2, 0.3, 0.5], at) for at in (0.0, 0.199, 0.2, 0.7, 0.999)] == [
        0,
        0,
        1,
        2,
        2,
    ]


def test_another_policy_is_judged_from_the_rows_of_this_one() -> None:
    grid = np.array([[a, b] for a in (-1.0, 1.0) for b in (-1.0, 1.0)])
    best = truth(grid).max(axis=1).mean()
    found = {"ips": [], "snips": [], "dr": [], "direct": []}
    covered = 0
    for seed in range(40):
        X, arms, propensity, rewards = logged(1_000, seed)
        target = np.zeros((len(X), 3))
        target[np.arange(len(X)), truth(X).argmax(axis=1)] = 1.0
        drawn = target[np.arange(len(X)), arms]
        expected = predicted(X, arms, rewards, 3)
        found["ips"].append(ips(rewards, propensity, drawn).value)
        found["snips"].append(snips(rewards, propensity, drawn).value)
        found["direct"].append(direct(target, expected).value)
        robust = doubly_robust(rewards, arms, propensity, target, expected)
        found["dr"].append(robust.value)
        covered += robust.low <= best <= robust.high
    for name in ("ips", "snips", "dr"):
        assert np.mean(found[name]) == pytest.approx(best, abs=0.012), name
    spread = {name: np.std(values) for name, values in found.items()}
    assert spread["dr"] < spread["ips"] and spread["snips"] < spread["ips"]
    assert covered >= 35


def test_a_wrong_model_is_put_right_and_no_chance_is_refused() -> None:
    X, arms, propensity, rewards = logged(20_000, 3)
    target = uniform(len(X), 3)
    even = truth(X).mean()
    wrong = np.full((len(X), 3), 0.9)
    assert abs(direct(target, wrong).value - even) > 0.3
    robust = doubly_robust(rewards, arms, propensity, target, wrong)
    assert robust.low <= even <= robust.high
    assert robust.effective < len(X)
    with pytest.raises(ValueError, match="probability"):
        ips([1.0], [0.0], [1.0])
