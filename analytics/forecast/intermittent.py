"""Demand that mostly is none: spare parts, many short series at once.

Croston 1972, Syntetos & Boylan 2005 (SBA), Teunter, Syntetos & Babai 2011 (TSB)
and simple smoothing give a mean; all run over a whole shelf at once. An order
needs the law: `GammaDemand` is the discounted gamma-Poisson of Harvey & Fernandes
1989, each part drawn towards the shelf while its own months are few. What has
died is forgotten at the discount, so dead stock is not ordered again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.stats import nbinom
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from analytics.forecast.types import Floats

LEAST = 1e-6
SHELF_MONTHS = 3  # months with demand that the shelf's dispersion counts for


def _steps(demand: Floats) -> list[Floats]:
    return list(np.nan_to_num(np.asarray(demand, float)).T)


def ses(demand: Floats, alpha: float = 0.1) -> Floats:
    """Return the smoothed mean per period of demand (parts, periods), (parts,)."""
    level = np.nan_to_num(demand[:, :6]).mean(axis=1)
    for now in _steps(demand):
        level = level + alpha * (now - level)
    return np.asarray(level)


def croston(demand: Floats, alpha: float = 0.1, *, sba: bool = False) -> Floats:
    """Return size over interval, smoothed at demands only; ``sba`` unbiases it."""
    size = np.full(len(demand), np.nan)
    gap, since = size.copy(), np.ones(len(demand))
    for now in _steps(demand):
        hit = now > 0
        first = hit & np.isnan(size)
        later = hit & ~first
        size[first], gap[first] = now[first], since[first]
        size[later] += alpha * (now[later] - size[later])
        gap[later] += alpha * (since[later] - gap[later])
        since = np.where(hit, 1.0, since + 1)
    return np.asarray(np.nan_to_num(size / gap) * (1 - alpha / 2 if sba else 1.0))


def tsb(demand: Floats, alpha_size: float = 0.1, alpha_chance: float = 0.1) -> Floats:
    """Return size times chance of demand; the chance falls while none comes."""
    filled = np.nan_to_num(demand)
    hits = (filled > 0).sum(axis=1)
    size = np.where(hits > 0, filled.sum(axis=1) / np.maximum(hits, 1), 0.0)
    chance = (filled[:, :12] > 0).mean(axis=1)
    for now in _steps(demand):
        hit = now > 0
        chance = chance + alpha_chance * (hit - chance)
        size = np.where(hit, size + alpha_size * (now - size), size)
    return np.asarray(size * chance)


@dataclass(frozen=True, slots=True)
class DemandLaw:
    """Negative binomial demand of each part: ``mean`` and ``size``, both (parts,)."""

    mean: Floats
    size: Floats

    @property
    def _p(self) -> Floats:
        return np.asarray(self.size / (self.size + self.mean))

    def quantiles(self, shares: Floats) -> Floats:
        """Return quantiles, (parts, shares): whole pieces."""
        return np.asarray(nbinom.ppf(shares, self.size[:, None], self._p[:, None]))

    def quantile(self, share: Floats) -> Floats:
        """Return each part's own quantile, (parts,): whole pieces."""
        return np.asarray(nbinom.ppf(share, self.size, self._p))

    def served(self, stock: Floats) -> Floats:
        """Return the chance that ``stock`` (parts,) suffices."""
        return np.asarray(nbinom.cdf(stock, self.size, self._p))

    def shortage(self, stock: Floats) -> Floats:
        """Return the expected demand beyond ``stock`` (parts,) whole pieces."""
        beyond = nbinom.sf(stock, self.size, self._p)
        # E[D; D > s] = mean * P(D' > s - 1), D' with one more size.
        far = self.mean * nbinom.sf(stock - 1, self.size + 1, self._p)
        return np.asarray(np.maximum(far - stock * beyond, 0.0))


class GammaDemand(BaseEstimator):  # type: ignore[misc]
    """Law of demand per part over the coming periods.

    Args:
        discount: what a period's evidence keeps after another period.
        prior_periods: how many periods the shelf's mean counts.
        dispersion: variance over mean within a period; ``None``: fitted.
        shelf_periods: last periods that make the shelf's mean.
    """

    def __init__(
        self,
        *,
        discount: float = 0.82,
        prior_periods: float = 2.0,
        dispersion: float | None = None,
        shelf_periods: int = 6,
    ) -> None:
        self.discount = discount
        self.prior_periods = prior_periods
        self.dispersion = dispersion
        self.shelf_periods = shelf_periods

    def fit(self, demand: Floats) -> Self:
        """Fit on demand (parts, periods), oldest first, ``nan`` = not yet sold.

        Raises ``ValueError`` for negative demand or no period.
        """
        if demand.shape[1] < 1 or np.nanmin(demand) < 0:
            raise ValueError("demand from zero, one period at least")
        given = self.dispersion
        phi = np.full(len(demand), given) if given else _dispersion(demand)
        known = ~np.isnan(demand[:, -self.shelf_periods :])
        total = float(np.nansum(demand[:, -self.shelf_periods :]))
        shelf = max(total / max(int(known.sum()), 1), 0.01)
        pull = self.prior_periods
        shape, rate = np.full(len(demand), pull * shelf), np.full(len(demand), pull)
        for now in np.asarray(demand, float).T:
            seen = ~np.isnan(now)
            keep = np.where(seen, self.discount, 1.0)
            shape = keep * shape + (1 - keep) * pull * shelf
            rate = keep * rate + (1 - keep) * pull
            shape = shape + np.where(seen, np.nan_to_num(now) / phi, 0.0)
            rate = rate + np.where(seen, 1 / phi, 0.0)
        self.shape_, self.rate_, self.dispersion_ = shape, rate, phi
        return self

    def law(self, periods: float = 1.0) -> DemandLaw:
        """Return the law of the demand summed over ``periods`` to come.

        The rate is unknown but the same in all of them (that part grows with the
        square); the noise within each is its own.
        """
        check_is_fitted(self, "shape_")
        rate = np.maximum(self.shape_ / self.rate_, LEAST)
        mean = periods * rate
        extra = mean**2 / np.maximum(self.shape_, LEAST)
        extra = extra + (self.dispersion_ - 1) * mean
        return DemandLaw(mean, mean**2 / np.maximum(extra, LEAST))


def _dispersion(demand: Floats) -> Floats:
    """Return each part's variance over mean within a year, 1.02 … 8.

    It is drawn towards the shelf's as far as the months with demand are few.
    """
    last = demand[:, -12:]
    months = (~np.isnan(last)).sum(axis=1)
    total = np.nansum(last, axis=1)
    mean = total / np.maximum(months, 1)
    square = np.nansum((last - mean[:, None]) ** 2, axis=1)
    spread = square / np.maximum(months, 1)
    shelf = spread.sum() / max(float(mean.sum()), LEAST)
    hits = np.nansum(last > 0, axis=1)
    own = np.where(mean > 0, spread / np.maximum(mean, LEAST), shelf)
    drawn = (SHELF_MONTHS * shelf + hits * own) / (SHELF_MONTHS + hits)
    return np.asarray(np.clip(drawn, 1.02, 8.0))
