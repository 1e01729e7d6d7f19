"""Two weeks of contacts and refunds, beside what a naive plan would say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aftercare.services.planning.history import SLOTS, Counted
from analytics.forecast import (
    IntradayProfile,
    Money,
    PeakWarning,
    VolumeForecaster,
    expected_money,
    learned_lift,
    peak_warnings,
    usual_volume,
)
from analytics.forecast.classical import Forecaster
from analytics.forecast.regression import fit

Floats = NDArray[np.float64]
HORIZON = 14
WEEK = 7
FEWEST_DAYS = 4 * WEEK
# Fewer refunds than this say nothing of their sums.
FEWEST_REFUNDS = 10
AMOUNTS = 500


@dataclass(frozen=True, slots=True)
class Volumes:
    """Contacts of the days ahead: `days` by day, the rest by half-hour (days, 48)."""

    days: pd.DataFrame
    why: pd.DataFrame
    slots: Floats
    low80: Floats
    high80: Floats
    naive: Floats
    warnings: list[PeakWarning]
    models: dict[str, float]
    lift: dict[str, float] | None


def forecast(
    counted: Counted, models: Sequence[Forecaster] | None = None
) -> Volumes | None:
    """Return the forecast after the last whole day; None for too few days."""
    if len(counted.days) < FEWEST_DAYS:
        return None
    daily = counted.daily
    model = VolumeForecaster(models=models, horizon=HORIZON).fit(daily)
    ahead, why = model.predict(), model.explain()
    when = pd.DatetimeIndex(ahead.index)
    profile = IntradayProfile(smooth=3).fit(counted.slots, counted.days)
    slots = profile.spread(ahead["mean"].to_numpy(float), when)
    spread = (ahead["high80"] - ahead["low80"]) / 2 / ahead["mean"].clip(lower=1.0)
    half = profile.half(slots, spread.to_numpy(float), 0.8)
    return Volumes(
        ahead,
        why,
        slots,
        np.maximum(slots - half, 0.0),
        slots + half,
        naive_slots(counted),
        peak_warnings(ahead, why, usual_volume(daily)),
        dict(zip(model.blend_.names, map(float, model.blend_.weights), strict=True)),
        learned_lift(fit(model.history_)),
    )


def naive_slots(counted: Counted) -> Floats:
    """Return what a plan without a model says: the same half-hour of last week."""
    last = counted.slots[-WEEK:]
    return np.asarray(np.resize(last, (HORIZON, SLOTS)), float)


@dataclass(frozen=True, slots=True)
class MoneyPlan:
    """Refunds ahead in fen, the naive plan's, and what the sums were made of."""

    money: Money
    naive: Floats
    made_of: dict[str, Any]


def refund_forecast(
    table: pd.DataFrame,
    days: pd.DatetimeIndex,
    models: Sequence[Forecaster] | None = None,
) -> MoneyPlan | None:
    """Return the refunds ahead from rows (day, fen) of past ``days``."""
    if len(table) < FEWEST_REFUNDS or len(days) < FEWEST_DAYS:
        return None
    at = pd.DatetimeIndex(pd.to_datetime(table["day"]))
    times = pd.Series(1.0, at).groupby(level=0).sum().reindex(days, fill_value=0.0)
    sums = (
        pd.Series(table["fen"].to_numpy(float), at)
        .groupby(level=0)
        .sum()
        .reindex(days, fill_value=0.0)
    )
    counts = VolumeForecaster(models=models, horizon=HORIZON).fit(times).predict()
    amounts = table["fen"].to_numpy(float)[-AMOUNTS:]
    naive = np.resize(sums.to_numpy(float)[-WEEK:], HORIZON)
    made_of = {
        "refunds": int(len(amounts)),
        "mean_fen": float(amounts.mean()),
        "per_day": float(times.to_numpy(float)[-28:].mean()),
    }
    return MoneyPlan(expected_money(counts, amounts), naive, made_of)
