"""Calls of a bank by day and by five minutes, on a grid of weekdays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analytics.forecast.calendar import EventCalendar
from analytics.forecast.types import Floats, History

PERIOD = 5
CALENDAR = EventCalendar("US", shopping=False, month_ends=True)


def daily(folder: Path) -> History:
    """Return log calls by weekday; ``nan`` where the bank was closed."""
    rows = pd.read_csv(folder / "bank_calls_daily_derived.csv")
    days = pd.to_datetime(rows["DateTime"]).dt.tz_localize(None)
    calls = pd.Series(rows["calls"].to_numpy(float), days)
    grid = pd.bdate_range(days.iloc[0], days.iloc[-1])
    values = np.log(calls.reindex(grid).to_numpy(float))
    return History(values, CALENDAR.regressors(grid), PERIOD)


def five_minutes(folder: Path, days: pd.DatetimeIndex) -> Floats:
    """Return calls (days, 169); ``nan`` rows where the bank was closed."""
    rows = pd.read_csv(folder / "bank_calls_5min_fpp3.csv")
    when = pd.to_datetime(rows["DateTime"]).dt.tz_localize(None)
    table = rows.assign(day=when.dt.normalize(), slot=when.dt.time).pivot(
        index="day", columns="slot", values="Calls"
    )
    return np.asarray(table.reindex(days).to_numpy(float))
