"""Intervals that hold as often as they say, whatever the model.

Split conformal on the errors of past origins (Vovk et al. 2005), scaled by how
errors grow with the horizon; the level adapts to the hits and misses as they
come in (Gibbs & Candès 2021), so coverage holds when the series changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analytics.forecast.types import Floats

LEAST_ERRORS = 12
RATE = 0.02  # step of the adaptive level


def growth(errors: Floats) -> Floats:
    """Return how the spread grows with the step, (horizon,), 1 on average.

    ``errors`` is (origins, horizon). A line through the mean absolute errors
    that may not fall: few origins say little of each step alone.
    """
    steps = np.arange(errors.shape[1], dtype=float)
    size = np.nanmean(np.abs(errors), axis=0)
    known = np.isfinite(size)
    if known.sum() < 2 or float(np.nanmean(size)) <= 0:
        return np.ones(len(steps))
    slope, base = np.polyfit(steps[known], size[known], 1)
    line = base + max(float(slope), 0.0) * steps
    line = line if slope > 0 else np.full(len(steps), float(np.nanmean(size)))
    line = np.clip(line, 0.25 * float(line.mean()), None)
    return np.asarray(line / line.mean())


def quantile_of(scores: Floats, share: float) -> float:
    """Return the conformal quantile, with its (n + 1) correction."""
    rank = int(np.ceil(share * (len(scores) + 1) - 1e-9))
    return float(np.sort(scores)[int(np.clip(rank, 1, len(scores))) - 1])


@dataclass(slots=True)
class Bands:
    """Half-widths of the intervals of one series.

    ``levels`` maps a nominal share to the one in use: the adaptive rule moves it.
    """

    scores: Floats
    steps: Floats
    levels: dict[float, float] = field(default_factory=dict)

    def half(self, share: float) -> Floats:
        """Return the half-width of the ``share`` interval by step, (horizon,)."""
        level = float(np.clip(self.levels.get(share, share), 0.5, 0.999))
        return quantile_of(self.scores, level) * self.steps

    def observe(self, share: float, inside: float) -> None:
        """Tell what share of the newest truths lay inside the interval."""
        level = self.levels.get(share, share)
        self.levels[share] = level + RATE * (share - inside)


def calibrate(errors: Floats, fallback: float) -> Bands:
    """Return bands from errors (origins, horizon), ``nan`` where not known.

    Below a dozen known errors the bands are those of a normal law with the
    spread ``fallback``.
    """
    known = errors[~np.isnan(errors)]
    if len(known) < LEAST_ERRORS:
        draws = np.abs(np.random.default_rng(0).normal(0, fallback, 999))
        return Bands(draws, np.ones(errors.shape[1]))
    steps = growth(errors)
    scaled = np.abs(errors / steps)
    return Bands(np.sort(scaled[~np.isnan(scaled)]), steps)
