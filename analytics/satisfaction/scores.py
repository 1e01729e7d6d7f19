"""CSAT and NPS with intervals: few answers say little, and that is shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

SATISFIED = 4  # of 1…5
PROMOTER, DETRACTOR = 9, 6  # of 0…10, Reichheld 2003


@dataclass(frozen=True, slots=True)
class Share:
    """A figure with its interval and the number of answers it stands on."""

    value: float | None
    low: float | None
    high: float | None
    count: int


def wilson(hits: int, count: int, level: float = 0.95) -> Share:
    """Return a share with Wilson's score interval (Wilson 1927).

    Raises:
        ValueError: not 0 <= hits <= count.
    """
    if not 0 <= hits <= count:
        raise ValueError("hits lie between none and all")
    if count == 0:
        return Share(None, None, None, 0)
    z = float(norm.ppf(0.5 + level / 2))
    p = hits / count
    middle = (p + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(p * (1 - p) / count + z * z / (4 * count**2))
    half /= 1 + z * z / count
    return Share(p, max(middle - half, 0.0), min(middle + half, 1.0), count)


def csat(scores: Sequence[int]) -> Share:
    """Return the share of scores 1…5 that are 4 or 5."""
    return wilson(sum(score >= SATISFIED for score in scores), len(scores))


def nps(scores: Sequence[int], random_state: int = 0) -> Share:
    """Return promoters minus detractors of scores 0…10, in -1…1, bootstrapped."""
    values = np.asarray(scores, float)
    parts = (values >= PROMOTER).astype(float) - (values <= DETRACTOR)
    return bootstrap(parts, np.mean, random_state)


def bootstrap(
    values: NDArray[np.float64],
    figure: Callable[[Any], Any],
    random_state: int = 0,
    rounds: int = 2000,
    level: float = 0.95,
) -> Share:
    """Return a figure of ``values`` (n,) with its percentile interval (Efron 1979)."""
    if len(values) == 0:
        return Share(None, None, None, 0)
    rng = np.random.default_rng(random_state)
    picks = rng.integers(0, len(values), (rounds, len(values)))
    drawn = np.array([figure(values[pick]) for pick in picks])
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Share(float(figure(values)), float(low), float(high), len(values))
