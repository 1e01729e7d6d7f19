"""Laws of service and patience, fitted with those whose end was not seen.

A customer who was answered shows only that the patience was longer than the
wait; one who hung up shows it exactly. Leaving either out biases the law
(Brown et al. 2005, "Statistical analysis of a telephone call center").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
FAMILIES = ("expon", "gamma", "weibull_min", "lognorm", "fisk")
PRIOR_EVENTS = 10.0  # ends that the default law counts for
MIN_EVENTS = 60  # below it only a rate is fitted, not a shape
SUBSAMPLE = 4000  # more rows cost time and change the third digit
_HAZARD = np.concatenate([[0.0], np.geomspace(1e-4, 30.0, 400)])


@dataclass(frozen=True, slots=True)
class Law:
    """A law of a positive time, as a table of its cumulative hazard.

    The table makes draws one interpolation: ``T = H^-1(E)``, and after ``a``
    seconds ``T - a = H^-1(H(a) + E) - a`` with ``E`` unit exponential.
    """

    family: str
    mean_s: float
    events: int
    hazard: Floats
    time_s: Floats

    @property
    def rate(self) -> float:
        """Ends per second if the law were exponential."""
        return 1.0 / self.mean_s

    def draw(self, unit: Floats) -> Floats:
        """Return times for ``unit`` exponential draws, same shape."""
        return np.interp(unit, self.hazard, self.time_s)

    def residual(self, elapsed_s: Floats, unit: Floats) -> Floats:
        """Return what remains after ``elapsed_s`` (broadcast with ``unit``)."""
        used = np.interp(elapsed_s, self.time_s, self.hazard)
        return np.maximum(self.draw(used + unit) - elapsed_s, 0.0)

    def survival(self, time_s: Floats) -> Floats:
        """Return P(T > time_s)."""
        return np.exp(-np.interp(time_s, self.time_s, self.hazard))


def exponential(mean_s: float, events: int = 0) -> Law:
    """Return the exponential law of ``mean_s`` seconds."""
    if not mean_s > 0:
        raise ValueError("a mean time is positive")
    return Law("expon", mean_s, events, _HAZARD, _HAZARD * mean_s)


def fit_law(
    seconds: Sequence[float] | Floats,
    ended: Sequence[bool] | NDArray[np.bool_],
    default_mean_s: float,
    random_state: int = 0,
) -> Law:
    """Fit the family of least AIC to right-censored times (n,).

    With fewer than ``MIN_EVENTS`` ends the law is exponential, its rate drawn
    towards ``default_mean_s`` (gamma prior of ``PRIOR_EVENTS`` ends).
    """
    times = np.asarray(seconds, float)
    ends = np.asarray(ended, bool)
    if times.shape != ends.shape:
        raise ValueError("seconds and ended differ in length")
    keep = times > 0
    times, ends = times[keep], ends[keep]
    events = int(ends.sum())
    exposure = float(times.sum()) + PRIOR_EVENTS * default_mean_s
    shrunk = exponential(exposure / (events + PRIOR_EVENTS), events)
    if events < MIN_EVENTS:
        return shrunk
    if len(times) > SUBSAMPLE:
        rng = np.random.default_rng(random_state)
        pick = rng.choice(len(times), SUBSAMPLE, replace=False)
        times, ends = times[pick], ends[pick]
    data = stats.CensoredData(uncensored=times[ends], right=times[~ends])
    tried = [found for name in FAMILIES if (found := _family(name, data)) is not None]
    if not tried:
        return shrunk
    _, family, frozen = min(tried, key=lambda entry: entry[0])
    return _tabulate(family, frozen, events, cap_s=50 * float(times.max()))


def _family(name: str, data: Any) -> tuple[float, str, Any] | None:
    law = getattr(stats, name)
    try:
        parameters = law.fit(data, floc=0)
    except (stats.FitError, RuntimeError, ValueError):
        return None  # this family does not fit these times; the others are tried
    frozen = law(*parameters)
    loglik = float(
        frozen.logpdf(data._uncensored).sum() + frozen.logsf(data._right).sum()
    )
    if not np.isfinite(loglik):
        return None
    return 2 * (len(parameters) - 1) - 2 * loglik, name, frozen


def _tabulate(family: str, frozen: Any, events: int, cap_s: float) -> Law:
    time_s = np.minimum(frozen.isf(np.exp(-_HAZARD)), cap_s)
    time_s[0] = 0.0
    time_s = np.maximum.accumulate(np.nan_to_num(time_s, nan=cap_s, posinf=cap_s))
    inner = np.linspace(0.0005, 0.9995, 2000)
    # The mean of the law cut off at the cap: a fitted tail of infinite mean
    # (log-logistic) says nothing about talks longer than any seen.
    mean = float(np.interp(-np.log1p(-inner), _HAZARD, time_s).mean())
    return Law(family, mean, events, _HAZARD, time_s)
