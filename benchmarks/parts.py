"""Spare parts: 2,674 series of car parts, laws of demand and what stock costs."""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
import statsforecast
from scipy.stats import nbinom, poisson
from statsforecast.models import (
    TSB,
    CrostonClassic,
    CrostonOptimized,
    CrostonSBA,
    SimpleExponentialSmoothing,
    SimpleExponentialSmoothingOptimized,
)

from analytics.forecast import GammaDemand
from analytics.forecast.types import Floats

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("AFTERCARE_BENCH_DATA", ROOT.parent / "shared" / "data"))
FILE = "series/carparts.csv"
# The quantiles of the M5 uncertainty competition.
SHARES = np.array([0.005, 0.025, 0.165, 0.25, 0.5, 0.75, 0.835, 0.975, 0.995])
HORIZON, LAST = 6, 45  # months 46-51 are the untouched block
ORIGINS = (27, 30, 33, 36, 39)
STOCK_FROM, LEAD, REVIEW = 39, 1, 1
PEERS = {
    "Croston": CrostonClassic(),
    "Croston, optimised": CrostonOptimized(),
    "SBA": CrostonSBA(),
    "TSB": TSB(0.1, 0.1),
    "SES": SimpleExponentialSmoothing(0.1),
    "SES, optimised": SimpleExponentialSmoothingOptimized(),
}
Quantiles = Callable[[Floats, Floats, float], Floats]  # past, shares, periods


def points(model: object, past: Floats) -> Floats:
    """Return a peer's mean per month for each part."""
    out = np.zeros(len(past))
    for row, demand in enumerate(past):
        known = demand[~np.isnan(demand)]
        if known.any():  # statsforecast fails on a series without demand
            out[row] = model.forecast(known, 1)["mean"][0]  # type: ignore[attr-defined]
    return np.maximum(np.nan_to_num(out), 1e-9)


def poisson_law(mean: Floats, past: Floats, shares: Floats, periods: float) -> Floats:
    return np.asarray(poisson.ppf(shares, periods * mean[:, None]))


def binomial_law(mean: Floats, past: Floats, shares: Floats, periods: float) -> Floats:
    """Return quantiles of a negative binomial with each part's own variance."""
    mu = periods * mean
    spread = np.maximum(periods * np.nanvar(past, axis=1), 1.05 * mu)
    size = (mu**2 / (spread - mu))[:, None]
    return np.asarray(nbinom.ppf(shares, size, size / (size + mu[:, None])))


def ours(past: Floats, shares: Floats, periods: float) -> Floats:
    return GammaDemand().fit(past).law(periods).quantiles(shares)


def loss(demand: Floats, origin: int, quantiles: Quantiles) -> float:
    """Return the scaled pinball loss over the months after an origin."""
    past, came = demand[:, :origin], demand[:, origin : origin + HORIZON]
    past, came = past[(use := usable(past, came))], came[use]
    scale = np.nanmean(np.abs(np.diff(past, axis=1)), axis=1)
    gap = came[:, :, None] - quantiles(past, SHARES, 1.0)[:, None, :]
    lost = np.maximum(SHARES * gap, (SHARES - 1) * gap)
    return float(np.nanmean(lost / scale[:, None, None]))


def usable(past: Floats, came: Floats) -> Floats:
    """Return the parts with a year behind them, a change in it, and a future."""
    steps = np.abs(np.diff(past, axis=1))
    long = (~np.isnan(past)).sum(axis=1) >= 12
    return long & (np.nan_to_num(steps).sum(axis=1) > 0) & ~np.isnan(came).any(axis=1)


def stock(demand: Floats, levels: list[Floats]) -> tuple[float, float]:
    """Play order-up-to month by month; return mean pieces in stock and fill rate.

    An order arrives ``LEAD`` months later; what is not there is owed.
    """
    net, coming = levels[0].copy(), [np.zeros(len(demand))] * LEAD
    held = filled = asked = 0.0
    for month, up_to in enumerate(levels):
        order = np.maximum(up_to - net - sum(coming), 0)
        coming = [*coming, order]
        net = net + coming.pop(0)
        want = demand[:, STOCK_FROM + month]
        filled += float(np.minimum(np.maximum(net, 0), want).sum())
        asked += float(want.sum())
        net = net - want
        held += float(np.maximum(net, 0).sum())
    return held / len(levels) / len(demand), filled / asked


def at_service(demand: Floats, quantiles: Quantiles, wanted: float) -> float:
    """Return the stock that a method needs for a fill rate; ``nan`` if it cannot."""
    shares = np.array(
        [0.3, 0.5, 0.7, 0.8, 0.88, 0.93, 0.96, 0.98, 0.99, 0.996, 0.999, 0.9999]
    )
    months = range(STOCK_FROM, demand.shape[1])
    levels = [quantiles(demand[:, :now], shares, LEAD + REVIEW) for now in months]
    curve = [stock(demand, [lev[:, k] for lev in levels]) for k in range(len(shares))]
    held, fill = np.array(curve).T
    return float(np.interp(wanted, np.maximum.accumulate(fill), held, right=np.nan))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    asked = parser.parse_args()
    demand = pd.read_csv(asked.data / FILE).set_index("part").to_numpy(float)
    print(f"{platform.platform()} {os.cpu_count()} cores, {platform.python_version()}")
    print(
        f"numpy {np.__version__}, scipy {scipy.__version__}, statsforecast "
        f"{statsforecast.__version__}; {len(demand)} parts, no randomness"
    )
    methods: dict[str, Quantiles] = {"ours, gamma-Poisson": ours}
    kept: dict[tuple[str, int, int], Floats] = {}

    def peer(name: str, law: Callable[..., Floats]) -> Quantiles:
        def quantiles(past: Floats, shares: Floats, periods: float) -> Floats:
            key = (name, len(past), past.shape[1])
            if key not in kept:
                kept[key] = points(PEERS[name], past)
            return law(kept[key], past, shares, periods)

        return quantiles

    for name in PEERS:
        methods[f"{name}, Poisson"] = peer(name, poisson_law)
        methods[f"{name}, neg. binomial"] = peer(name, binomial_law)
    full = demand[~np.isnan(demand).any(axis=1)]
    for name, quantiles in methods.items():
        began = time.perf_counter()
        past = [loss(demand, origin, quantiles) for origin in ORIGINS]
        last = loss(demand, LAST, quantiles)
        need = [at_service(full, quantiles, wanted) for wanted in (0.85, 0.9, 0.95)]
        print(
            f"{name:32s} pinball {np.mean(past):.4f} last block {last:.4f}  stock "
            f"for 85 % {need[0]:.2f}, 90 % {need[1]:.2f}, 95 % {need[2]:.2f}  "
            f"{time.perf_counter() - began:.1f} s",
            flush=True,
        )
    began = time.perf_counter()
    ours(demand, SHARES, 1.0)
    spent = time.perf_counter() - began
    print(f"all {len(demand)} parts, fit and quantiles: {spent:.2f} s")


if __name__ == "__main__":
    main()
