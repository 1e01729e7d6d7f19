"""Errors of forecasts that fit counts with zeros: MASE, WAPE, pinball, coverage."""

from __future__ import annotations

import numpy as np

from analytics.forecast.types import Floats


def naive_scale(past: Floats, period: int) -> float:
    """Return the mean absolute seasonal step of the past; at least 1e-9."""
    steps = np.abs(past[period:] - past[:-period])
    return max(float(np.nanmean(steps)) if np.isfinite(steps).any() else 0.0, 1e-9)


def mase(truth: Floats, guess: Floats, scale: float) -> float:
    """Return the mean absolute error over ``scale`` (Hyndman & Koehler 2006)."""
    return float(np.nanmean(np.abs(truth - guess)) / scale)


def wape(truth: Floats, guess: Floats) -> float:
    """Return total absolute error over total volume; nan where nothing came."""
    total = float(np.nansum(truth))
    return float(np.nansum(np.abs(truth - guess)) / total) if total > 0 else np.nan


def pinball(truth: Floats, guess: Floats, share: float) -> float:
    """Return the mean quantile loss at ``share``; twice it is comparable to MAE."""
    gap = truth - guess
    return float(np.nanmean(np.maximum(share * gap, (share - 1) * gap)))


def coverage(truth: Floats, low: Floats, high: Floats) -> float:
    """Return the share of known truths inside the interval, ends included."""
    known = ~np.isnan(truth)
    inside = (low <= truth) & (truth <= high)
    return float(inside[known].mean())
