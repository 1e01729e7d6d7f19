"""Is a series stationary, and how often should it be differenced?

ADF's null is a unit root, KPSS's is stationarity; either alone is blind, so both
are read (Kwiatkowski et al. 1992). The seasonal strength is that of Wang, Smith
& Hyndman 2006; a seasonal difference is advised from 0.64 as in `nsdiffs`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analytics.forecast.types import Floats

LEVEL = 0.05
SEASONAL_FROM = 0.64
MOST_DIFFERENCES = 2
Verdict = Literal["stationary", "unit_root", "trend_stationary", "unclear"]


@dataclass(frozen=True, slots=True)
class Stationarity:
    """What the two tests say together; p-values of KPSS lie in 0.01 … 0.10."""

    verdict: Verdict
    adf_p: float
    kpss_p: float


@dataclass(frozen=True, slots=True)
class Differencing:
    """How often to difference, and the tests of the series as it then is."""

    seasonal: int
    regular: int
    seasonal_strength: float
    before: Stationarity
    after: Stationarity


def check_stationarity(values: Floats) -> Stationarity:
    """Return the joint reading of ADF and KPSS about a constant level.

    Raises ``ValueError`` below 20 values or where a value is missing.
    """
    if len(values) < 20 or np.isnan(values).any():
        raise ValueError("the tests need 20 values without gaps")
    if np.ptp(values) == 0:
        return Stationarity("stationary", 0.0, 0.1)
    # Loaded on use: who only reads a plan never tests a series.
    from statsmodels.tools.sm_exceptions import InterpolationWarning
    from statsmodels.tsa.stattools import adfuller, kpss

    adf_p = float(adfuller(values, autolag="AIC", result_object=True).pvalue)
    with warnings.catch_warnings():
        # Outside its table KPSS's p-value is a bound: that is in the docstring.
        warnings.simplefilter("ignore", InterpolationWarning)
        kpss_p = float(
            kpss(values, regression="c", nlags="auto", result_object=True).pvalue
        )
    rejects_root, rejects_level = adf_p < LEVEL, kpss_p < LEVEL
    verdict: Verdict = {
        (True, False): "stationary",
        (False, True): "unit_root",
        (True, True): "trend_stationary",
        (False, False): "unclear",
    }[rejects_root, rejects_level]  # type: ignore[assignment]
    return Stationarity(verdict, adf_p, kpss_p)


def seasonal_strength(values: Floats, period: int) -> float:
    """Return 0 (no season) … 1 (nothing but season); 0 below two periods."""
    if period < 2 or len(values) < 2 * period + 1:
        return 0.0
    from statsmodels.tsa.seasonal import STL

    parts = STL(values, period=period, robust=True).fit()
    both = np.var(parts.seasonal + parts.resid)
    return float(max(0.0, 1 - np.var(parts.resid) / both)) if both > 0 else 0.0


def advise_differencing(values: Floats, period: int = 7) -> Differencing:
    """Return how often to difference a series (n,) without gaps."""
    before = check_stationarity(values)
    strength = seasonal_strength(values, period)
    seasonal = int(strength >= SEASONAL_FROM and len(values) >= 20 + period)
    rest = values[period:] - values[:-period] if seasonal else values
    after, regular = check_stationarity(rest), 0
    while after.verdict == "unit_root" and regular < MOST_DIFFERENCES - seasonal:
        rest, regular = np.diff(rest), regular + 1
        after = check_stationarity(rest)
    return Differencing(seasonal, regular, strength, before, after)
