"""What should have been heard and was not: counts that fall far below their usual.

The usual is the rate of the same hours of earlier days times what is exposed now;
the test is the lower tail of a negative binomial whose spread is that of the past
days. A day of rest that comes each week is no silence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import nbinom, poisson

SURE = 1e-4
SHARE = 0.3  # a fall to a half is a slow day
LEAST = 8.0  # expected; of fewer nothing can be missed
DAYS = 7  # earlier days that teach


@dataclass(frozen=True, slots=True)
class Silence:
    """The last `places`: what was seen, what is usual, and whether it is a silence.

    `judged` is false where too little is expected, or the past is too short.
    """

    places: int
    seen: float
    usual: float
    p: float
    judged: bool
    silent: bool


def silence(
    counts: ArrayLike, exposure: ArrayLike, places: int, season: int
) -> Silence:
    """Judge the last `places` of a series (n,) against the same places of seasons.

    Args:
        counts: what was heard at each place.
        exposure: what could have been heard of, such as parcels under way.
    """
    heard, could = np.asarray(counts, float), np.asarray(exposure, float)
    seen, exposed = float(heard[-places:].sum()), float(could[-places:].sum())
    seasons = (len(heard) - places) // season
    past = np.array(
        [
            (heard[end - places : end].sum(), could[end - places : end].sum())
            for end in (len(heard) - season * back for back in range(1, seasons + 1))
        ]
    ).reshape(seasons, 2)
    weekly = np.arange(1, seasons + 1) % 7 == 0
    known = past[:, 1] > 0
    if known.sum() < DAYS:
        return Silence(places, seen, 0.0, 1.0, False, False)
    # Silent days of the past would hide this one: the median rate is the usual.
    rates = past[known, 0] / past[known, 1]
    usual = float(np.median(rates)) * exposed
    if usual < LEAST:
        return Silence(places, seen, usual, 1.0, False, False)
    p = _lower_tail(seen, usual, past[known], rates)
    rate = seen / exposed
    # As low on the same day of an earlier week, or often: that is how it is here.
    as_low = rates <= max(rate, 1e-12) * 1.25
    rested = bool(as_low[weekly[known]].any()) or as_low.mean() > 0.25
    silent = p < SURE and seen <= SHARE * usual and not rested
    return Silence(places, seen, usual, p, True, silent)


def _lower_tail(
    seen: float, usual: float, past: np.ndarray, rates: np.ndarray
) -> float:
    expected = np.median(rates) * past[:, 1]
    gaps = (past[:, 0] - expected) ** 2 / np.maximum(expected, 1e-9)
    # Robust, so that an earlier strike does not make this one usual.
    spread = max(float(np.median(gaps)) / 0.455, 1.0)
    if spread <= 1.0 + 1e-9:
        return float(poisson.cdf(seen, usual))
    shape = usual / (spread - 1)
    return float(nbinom.cdf(seen, shape, shape / (shape + usual)))
