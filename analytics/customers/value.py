"""RFM segments and what a customer will buy, by rates that a person can follow."""

from __future__ import annotations

import numpy as np
import pandas as pd

SEGMENTS = ("champion", "loyal", "new", "cooling", "at_risk", "lost", "other")
COLUMNS = frozenset({"customer", "at", "paid_fen"})


def segments(orders: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """Return one row per customer: scores, and the segment they make.

    ``orders`` has columns customer, at (aware), paid_fen (net of refunds). Scores
    are quintiles by rank, so ties do not fail; 5 is best.

    Raises:
        ValueError: a column is missing.
    """
    if missing := COLUMNS - set(orders.columns):
        raise ValueError(f"missing columns: {sorted(missing)}")
    by = orders.groupby("customer")
    table = pd.DataFrame(
        {
            "recency_days": (now - by["at"].max()).dt.total_seconds() / 86400,
            "frequency": by.size(),
            "money_fen": by["paid_fen"].sum(),
        }
    )
    table["r"] = _quintile(-table["recency_days"])
    table["f"] = _quintile(table["frequency"].astype(float))
    table["m"] = _quintile(table["money_fen"].astype(float))
    table["segment"] = [
        _segment(int(r), int(f), int(m))
        for r, f, m in zip(table["r"], table["f"], table["m"], strict=True)
    ]
    return table


def value(
    orders: pd.DataFrame, now: pd.Timestamp, horizon_days: float = 90.0
) -> pd.DataFrame:
    """Return expected_orders, expected_fen, alive and churn_risk per customer.

    A Gamma-Poisson rate drawn to the shop's mean (Fader & Hardie 2005 without
    their dropout law), times the chance to be still there: how likely so long a
    silence is at that rate, against a prior of one half.
    """
    by = orders.groupby("customer")
    first, last = by["at"].min(), by["at"].max()
    age = ((now - first).dt.total_seconds() / 86400).clip(lower=1.0)
    silent = (now - last).dt.total_seconds() / 86400
    repeats = (by.size() - 1).astype(float)
    mean = float(repeats.sum() / age.sum())
    prior = float(age.median())
    rate = (repeats + mean * prior) / (age + prior)
    quiet = np.exp(-rate * silent)
    alive = quiet / (quiet + 0.5 * (1 - quiet) + 1e-12)
    basket = by["paid_fen"].sum() / by.size()
    usual = float(orders["paid_fen"].mean())
    spend = (basket * by.size() + 2 * usual) / (by.size() + 2)
    expected = rate * alive * horizon_days
    return pd.DataFrame(
        {
            "expected_orders": expected,
            "expected_fen": expected * spend,
            "rate_per_day": rate,
            "silent_days": silent,
            "alive": alive,
            "churn_risk": 1 - alive,
        }
    )


def _quintile(values: pd.Series[float]) -> pd.Series[int]:
    return (np.ceil(values.rank(pct=True, method="average") * 5)).astype(int)


def _segment(r: int, f: int, m: int) -> str:
    if r >= 4 and f >= 4 and m >= 4:
        return "champion"
    if f >= 4:
        return "loyal" if r >= 3 else "at_risk"
    if r >= 4 and f <= 2:
        return "new"
    if r == 1:
        return "lost"
    return "cooling" if r == 2 else "other"
