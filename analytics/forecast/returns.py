"""Return rates by product, few sales included: empirical Bayes, beta-binomial.

A product with 1 return of 2 sales is not the worst of the shop. The rates of all
products make the prior (Robbins 1956; fitted by marginal likelihood), each one's
own counts move it, and the interval says how far that is sure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln
from scipy.stats import beta

from analytics.forecast.types import Floats


@dataclass(frozen=True, slots=True)
class ReturnRates:
    """Shrunk rates with 80 and 95 % intervals, and the prior they came from.

    ``above`` is the chance that a product's rate exceeds the shop's mean.
    """

    rate: Floats
    low80: Floats
    high80: Floats
    low95: Floats
    high95: Floats
    above: Floats
    prior_returns: float
    prior_sales: float


def return_rates(returned: NDArray[np.int_], sold: NDArray[np.int_]) -> ReturnRates:
    """Return the rate of each product from returns and sales, both (products,).

    Raises ``ValueError`` where more came back than was sold, or nothing was sold.
    """
    back, out = np.asarray(returned, float), np.asarray(sold, float)
    if (back < 0).any() or (back > out).any() or out.sum() == 0:
        raise ValueError("returns lie between none and what was sold")
    a, b = _prior(back, out)
    posterior = beta(a + back, b + out - back)
    low80, high80 = posterior.interval(0.8)
    low95, high95 = posterior.interval(0.95)
    mean = a / (a + b)
    return ReturnRates(
        np.asarray(posterior.mean()),
        low80,
        high80,
        low95,
        high95,
        np.asarray(posterior.sf(mean)),
        a,
        a + b,
    )


def _prior(back: Floats, out: Floats) -> tuple[float, float]:
    """Return the beta prior of the highest marginal likelihood."""
    mean = (back.sum() + 0.5) / (out.sum() + 1.0)

    def loss(asked: Floats) -> float:
        rate, size = 1 / (1 + np.exp(-asked[0])), np.exp(asked[1])
        a, b = rate * size, (1 - rate) * size
        return float(-(betaln(a + back, b + out - back) - betaln(a, b)).sum())

    start = np.array([np.log(mean / (1 - mean)), np.log(20.0)])
    bounds = [(start[0] - 2, start[0] + 2), (np.log(2.0), np.log(5_000.0))]
    found = minimize(loss, start, method="L-BFGS-B", bounds=bounds)
    rate, size = 1 / (1 + np.exp(-found.x[0])), float(np.exp(found.x[1]))
    return float(rate * size), float((1 - rate) * size)
