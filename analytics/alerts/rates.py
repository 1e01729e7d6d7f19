"""Counts that rise against their own past, among many watched at once.

How often something should happen is not known but guessed from its past, so the
test is the predictive law of a Gamma-Poisson model (negative binomial), of shares
that of a Beta-binomial one, drawn to the rate of all while the own past is short.
Over all subjects the false discovery rate is held (Benjamini & Hochberg 1995).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import betabinom, false_discovery_control, nbinom

LEVEL = 0.02  # share of false alarms borne among those raised
PRIOR = 3.0  # events' worth of the others' rate: subjects differ by about half
LEAST = 3  # fewer cases are read one by one anyway
SHORT = 7  # days; fewer tell no spread
KEPT = 0.622  # mean of a chi-square of one degree below its ninth decile
TIMES = 1.5  # a rise that is sure but small needs nobody


@dataclass(frozen=True, slots=True)
class Rate:
    """A subject: ``seen`` of ``exposure`` now, and the same of its past.

    Exposure is what could have been hit: goods sold, parcels under way, hours.
    ``spread`` is the variance of its counts over their mean (`spread_of`), 1 by chance
    alone; so many counts say as much as one (quasi-likelihood: McCullagh 1983).
    A ``share`` cannot be more than its exposure: four of four say more than four.
    """

    subject: str
    seen: int
    exposure: float
    past_seen: int
    past_exposure: float
    spread: float = 1.0
    share: bool = False


@dataclass(frozen=True, slots=True)
class Surprise:
    """``usual`` is what the past lets expect now; ``q`` the false alarm share."""

    subject: str
    seen: int
    usual: float
    times: float
    p: float
    q: float


def spread_of(counts: Sequence[float], exposure: Sequence[float]) -> float:
    """Return the variance over the mean of counts (n,), at least 1.

    Robust, so that an earlier incident makes the next one no usual thing.
    """
    seen, could = np.asarray(counts, float), np.asarray(exposure, float)
    known = could > 0
    if known.sum() < SHORT or not seen[known].sum():
        return 1.0
    usual = could[known] * seen[known].sum() / could[known].sum()
    gaps = (seen[known] - usual) ** 2 / usual
    # The largest tenth is left out, and what that takes of a chi-square put back.
    kept = np.sort(gaps)[: math.ceil(0.9 * len(gaps))]
    return max(float(kept.mean()) / KEPT, 1.0)


def surprising(
    rates: Sequence[Rate],
    *,
    level: float = LEVEL,
    least: int = LEAST,
    times: float = TIMES,
) -> list[Surprise]:
    """Return the subjects whose count rose beyond chance, the surest first.

    Raises ``ValueError`` for a negative count or exposure.
    """
    known = [rate for rate in rates if rate.exposure > 0]
    if any(min(r.seen, r.past_seen, r.exposure, r.past_exposure) < 0 for r in rates):
        raise ValueError("counts and exposures are not negative")
    if not known:
        return []
    exposure = np.array([rate.exposure for rate in known])
    seen = np.array([rate.seen for rate in known], float)
    past = np.array([rate.past_seen for rate in known], float)
    past_exposure = np.array([rate.past_exposure for rate in known], float)
    # The rate of all others, now and before: one's own rise is no one's past.
    events = past.sum() + seen.sum() - seen + 0.5
    base = past_exposure.sum() + exposure.sum() - exposure
    everyone = events / np.maximum(base, 1e-9)
    shape = past + PRIOR
    weight = past_exposure + PRIOR / everyone
    spread = np.maximum([rate.spread for rate in known], 1.0)
    p = nbinom.sf(seen / spread - 1, shape / spread, weight / (weight + exposure))
    shares = np.array([rate.share for rate in known])
    others = np.maximum(weight - shape, PRIOR)
    p = np.where(shares, betabinom.sf(seen - 1, exposure, shape, others), p)
    # Without any past and without others nothing can be said.
    p = np.where(base > 0, p, 1.0)
    q = false_discovery_control(np.clip(p, 0, 1))
    usual = shape / weight * exposure
    found = [
        Surprise(
            rate.subject,
            rate.seen,
            float(usual[i]),
            float(rate.seen / max(usual[i], 1e-9)),
            float(p[i]),
            float(q[i]),
        )
        for i, rate in enumerate(known)
        if q[i] <= level and rate.seen >= least and rate.seen >= times * usual[i]
    ]
    return sorted(found, key=lambda item: item.p)
