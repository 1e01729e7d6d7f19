"""Which models to trust for a series, and how much.

Combinations won M4 (12 of its 17 best); a choice on few origins overfits. So the
weights are those of the errors, sharpened, among the models near the best, and
the point is their weighted median or mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.forecast.backtest import Backtest
from analytics.forecast.types import Floats

NEAR = 1.25  # a model this much worse than the best has no say
SHARP = 4.0
PRIOR_ORIGINS = 3.0  # so many origins' worth of "all alike"


@dataclass(frozen=True, slots=True)
class Blend:
    """The weight of each model; they sum to 1."""

    names: list[str]
    weights: Floats
    errors: Floats

    def point(self, guesses: Floats) -> Floats:
        """Return the weighted mean of ``guesses`` (models, …)."""
        return np.asarray(np.tensordot(self.weights, guesses, axes=1))

    @property
    def best(self) -> str:
        """Return the name of the model with the least error."""
        return self.names[int(np.argmin(self.errors))]


def blend(table: Backtest, recent: int = 20) -> Blend:
    """Return the weights after a backtest; equal where it holds no origin."""
    count = len(table.names)
    if not len(table.origins) or np.isnan(table.truth).all():
        return Blend(table.names, np.full(count, 1 / count), np.zeros(count))
    last = Backtest(
        table.names,
        table.origins[-recent:],
        table.guesses[:, -recent:],
        table.truth[-recent:],
    )
    errors = last.errors()
    have = len(last.origins)
    calm = (errors * have + errors.mean() * PRIOR_ORIGINS) / (have + PRIOR_ORIGINS)
    weights = np.where(errors <= NEAR * errors.min(), calm**-SHARP, 0.0)
    return Blend(table.names, weights / weights.sum(), errors)
