"""Choice by learning on simulated streams: `python -m benchmarks.bandit`.

Four arms, five numbers of context, rewards of about a third, as surveys get. Three
worlds: the best arm hangs on the context; one arm is best for all; no arm matters.
Each policy draws for 5,000 customers and learns every 100, over 20 seeds; the
earnings are told as a share of the way from an even draw to the oracle. Then logs
of an even draw and of a learning policy judge a fixed policy whose worth is known:
error and coverage of each estimator. Peer, if installed: mabwiser (LinUCB, LinTS).
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.special import expit

from analytics.bandit import (
    EpsilonGreedy,
    LinUcb,
    Thompson,
    direct,
    doubly_robust,
    ips,
    predicted,
    snips,
    uniform,
)

Floats = NDArray[np.float64]
ARMS, FEATURES, FLOOR = 4, 5, 0.05
ROWS, EVERY = 5_000, 100
WORLDS = ("context", "one arm", "no difference")


class World:
    """Contexts and the chance of a reward for each arm."""

    def __init__(self, kind: str, seed: int) -> None:
        """Draw the weights of a world."""
        self.rng = np.random.default_rng(seed)
        self.shared = self.rng.normal(0, 0.5, FEATURES)
        self.own = np.zeros((ARMS, FEATURES))
        self.level = np.zeros(ARMS)
        if kind == "context":
            self.own = self.rng.normal(0, 0.6, (ARMS, FEATURES))
        elif kind == "one arm":
            self.level = self.rng.permutation([0.5, 0.0, 0.0, 0.0])

    def contexts(self, rows: int) -> Floats:
        """Return contexts between -1 and 1."""
        return self.rng.uniform(-1, 1, (rows, FEATURES))

    def chances(self, X: Floats) -> Floats:
        """Return (n, arms)."""
        both = (X @ self.shared)[:, None] + X @ self.own.T + self.level
        found: Floats = expit(-0.8 + both)
        return found


class Even:
    """The even draw."""

    def partial_fit(self, *_: Any) -> None:
        """Learn nothing."""

    def probabilities(self, X: Floats) -> Floats:
        """Return the same for all."""
        return uniform(len(X), ARMS)


class Peer:
    """mabwiser, whose choice is drawn again with our floor: it tells no chances."""

    def __init__(self, kind: str, seed: int) -> None:
        """Make the library's bandit."""
        from mabwiser.mab import MAB, LearningPolicy

        policies = {
            "LinUCB": LearningPolicy.LinUCB(alpha=1.0),
            "LinTS": LearningPolicy.LinTS(alpha=0.5),
        }
        self.mab = MAB(list(range(ARMS)), policies[kind], seed=seed)
        self.known = False

    def partial_fit(self, X: Floats, arms: Any, rewards: Floats) -> None:
        """Learn."""
        teach = self.mab.partial_fit if self.known else self.mab.fit
        teach(decisions=arms, rewards=rewards, contexts=self._with_one(X))
        self.known = True

    def probabilities(self, X: Floats) -> Floats:
        """Return one draw of the library as a choice, with the floor."""
        if not self.known:
            return uniform(len(X), ARMS)
        best = np.atleast_1d(self.mab.predict(self._with_one(X)))
        return FLOOR + (1 - ARMS * FLOOR) * np.eye(ARMS)[best]

    @staticmethod
    def _with_one(X: Floats) -> Floats:
        """Add the intercept, which the library leaves to its callers."""
        return np.hstack([np.ones((len(X), 1)), X])


def policies(seed: int) -> dict[str, Callable[[], Any]]:
    """Return what is compared."""
    found: dict[str, Callable[[], Any]] = {
        "even draw": Even,
        "epsilon-greedy": lambda: EpsilonGreedy(ARMS, floor=FLOOR),
        "LinUCB": lambda: LinUcb(ARMS, FEATURES, floor=FLOOR),
        "Thompson": lambda: Thompson(ARMS, FEATURES, floor=FLOOR),
    }
    try:
        import mabwiser  # noqa: F401
    except ImportError:
        return found
    return found | {
        "peer mabwiser LinUCB": lambda: Peer("LinUCB", seed),
        "peer mabwiser LinTS": lambda: Peer("LinTS", seed),
    }


def live(world: World, policy: Any, rows: int) -> dict[str, Any]:
    """Let a policy draw and learn; return the log and what it earned on average."""
    kept: dict[str, list[Any]] = {n: [] for n in ("X", "arms", "chance", "rewards")}
    earned, best = 0.0, 0.0
    for _ in range(rows // EVERY):
        X = world.contexts(EVERY)
        chances, shares = world.chances(X), policy.probabilities(X)
        at = world.rng.random((EVERY, 1))
        arms = np.minimum((shares.cumsum(axis=1) <= at).sum(axis=1), ARMS - 1)
        place = np.arange(EVERY)
        rewards = (world.rng.random(EVERY) < chances[place, arms]).astype(float)
        policy.partial_fit(X, arms, rewards)
        earned += (shares * chances).sum()
        best += chances.max(axis=1).sum()
        for name, value in zip(
            kept, (X, arms, shares[place, arms], rewards), strict=True
        ):
            kept[name].append(value)
    log = {name: np.concatenate(parts) for name, parts in kept.items()}
    return log | {"earned": earned / rows, "best": best / rows}


def streams(seeds: int) -> None:
    """Print the earnings of each policy in each world."""
    for kind in WORLDS:
        print(f"\n{kind}: mean reward; way from the even draw to the oracle")
        base: list[float] = []
        for name in policies(0):
            earned, best = [], []
            started = time.process_time()
            for seed in range(seeds):
                told = live(World(kind, seed), policies(seed)[name](), ROWS)
                earned.append(told["earned"])
                best.append(told["best"])
            spent = time.process_time() - started
            base = base or earned
            gap = np.array(best) - np.array(base)
            gained = np.array(earned) - np.array(base)
            way = f"{gained.sum() / gap.sum():6.3f}" if gap.sum() > 1e-9 else "     -"
            error = gained.std(ddof=1) / np.sqrt(seeds)
            print(
                f"  {name:22s} {np.mean(earned):.4f} {way}"
                f"  gain {gained.mean():+.4f} ± {error:.4f}"
                f"  ({1e3 * spent / seeds / ROWS:.3f} ms a row)"
            )
        print(f"  {'oracle':22s} {np.mean(best):.4f}  1.000")


def judged(seeds: int, rows: int) -> None:
    """Print the error of each estimator, by logs of two kinds."""
    for logger in ("even draw", "Thompson"):
        errors: dict[str, list[float]] = {}
        inside: dict[str, int] = {}
        for seed in range(seeds):
            world = World("context", seed)
            log = live(world, policies(seed)[logger](), rows)
            # The policy judged: learned elsewhere, so it is no child of this log.
            teacher = World("context", seed)
            teacher.rng = np.random.default_rng(10_000 + seed)
            other = live(teacher, Even(), 1_000)
            model = Thompson(ARMS, FEATURES, floor=FLOOR).partial_fit(
                other["X"], other["arms"], other["rewards"]
            )
            many = world.contexts(20_000)
            worth = (model.probabilities(many) * world.chances(many)).sum(axis=1).mean()
            target = model.probabilities(log["X"])
            drawn = target[np.arange(rows), log["arms"]]
            expected = predicted(log["X"], log["arms"], log["rewards"], ARMS)
            found = {
                "IPS": ips(log["rewards"], log["chance"], drawn),
                "SNIPS": snips(log["rewards"], log["chance"], drawn),
                "model alone": direct(target, expected),
                "doubly robust": doubly_robust(
                    log["rewards"], log["arms"], log["chance"], target, expected
                ),
            }
            for name, estimate in found.items():
                errors.setdefault(name, []).append(estimate.value - worth)
                hit = estimate.low <= worth <= estimate.high
                inside[name] = inside.get(name, 0) + hit
        print(
            f"\nlogs of {rows} rows by {logger}, {seeds} seeds: error of the estimate"
        )
        for name, off in errors.items():
            rmse = float(np.sqrt(np.mean(np.square(off))))
            print(
                f"  {name:14s} RMSE {rmse:.4f}  bias {np.mean(off):+.4f}"
                f"  95 % interval holds it {inside[name] / seeds:.2f}"
            )


def main() -> None:
    """Run both parts."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--seeds", type=int, default=20)
    wanted.add_argument("--logs", type=int, default=200)
    wanted.add_argument("--rows", type=int, default=1_000)
    chosen = wanted.parse_args()
    print(platform.platform(), "Python", platform.python_version())
    print(f"numpy {np.__version__}, scipy {scipy.__version__}")
    streams(chosen.seeds)
    judged(chosen.logs, chosen.rows)


if __name__ == "__main__":
    main()
