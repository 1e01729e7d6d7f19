"""Two-week plans of a synthetic shop with festivals: ours, naive, and an oracle.

The shop's law is known here and to the oracle alone: level, weekday, time of
year, festivals with a build-up, a peak and two waves of returns, holidays, noise
that lasts some days, and half-hours of a day. Its shapes are not those of
`analytics.forecast`. Each week a plan is made from the days before it.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from aftercare.services.planning.history import SLOTS, Counted
from aftercare.services.planning.volumes import HORIZON, forecast, naive_slots
from analytics.forecast import ServiceTarget, Work, peak_warnings, staff_plan
from analytics.forecast.calendar import festivals, spring_festivals
from analytics.forecast.classical import Forecaster, SeasonalMean, SeasonalNaive
from analytics.forecast.regression import EventRegression
from analytics.forecast.volume import default_models

START = date(2023, 3, 1)
DAYS = 3 * 365
FIRST = 2 * 365  # the first plan; each festival was seen once or twice before it
MEMORY, NOISE = 0.6, 0.08
PEAK = 1.5
LEVELS = (0.5, 0.3, 0.2)  # probabilities from which a peak is named
EARLY = 7  # days ahead that a warning is worth something
WORK, TARGET = Work(480.0, 600.0, 3), ServiceTarget()
SHARE = 0.35  # of contacts that reach a person


@dataclass(frozen=True)
class World:
    """Expected contacts without noise by day, the noise, and what came."""

    days: pd.DatetimeIndex
    calm: np.ndarray
    noise: np.ndarray
    profile: np.ndarray
    slots: np.ndarray


def world(seed: int) -> World:
    rng = np.random.default_rng(seed)
    days = pd.date_range(START, periods=DAYS)
    at = np.arange(DAYS, dtype=float)
    level = np.log(400) + 0.25 * at / 365
    week = rng.normal(0, 0.12, 7)[days.dayofweek]
    year = 0.12 * np.sin(2 * np.pi * (at - 40) / 365.25)
    logs = level + week + year + _events(days, rng)
    noise = np.zeros(DAYS)
    for n in range(1, DAYS):
        noise[n] = MEMORY * noise[n - 1] + rng.normal(0, NOISE)
    hours = np.arange(SLOTS) / 2
    shape = 0.03 + np.exp(-(((hours - 11) / 2.6) ** 2))
    shape = shape + 1.2 * np.exp(-(((hours - 20.5) / 2.2) ** 2))
    late = 0.03 + np.exp(-(((hours - 15) / 4.5) ** 2))
    weekend = np.asarray(days.dayofweek >= 5)
    profile = np.where(weekend[:, None], late, shape)
    profile = profile / profile.sum(axis=1, keepdims=True)
    rate = np.exp(logs + noise)[:, None] * profile
    return World(days, np.exp(logs), noise, profile, rng.poisson(rate).astype(float))


def _events(days: pd.DatetimeIndex, rng: np.random.Generator) -> np.ndarray:
    out = np.zeros(len(days))
    for event in festivals(days[0].date(), days[-1].date()):
        away = np.asarray((days - pd.Timestamp(event.peak)).days, float)
        size = event.weight * rng.normal(1.0, 0.12)
        build = 0.35 / (1 + np.exp(-(away + 6) / 2)) * (away < 0)
        peak = 0.9 * np.exp(-((away / 1.4) ** 2)) * (away >= 0)
        waves = 0.6 * np.exp(-(((away - 6) / 3) ** 2))
        waves = waves + 0.3 * np.exp(-(((away - 13) / 4) ** 2))
        out += size * (build + peak + waves * (away >= 0))
    for spring in spring_festivals(days[0].year, days[-1].year):
        away = np.asarray((days - pd.Timestamp(spring)).days, float)
        out -= 0.7 * ((away >= -2) & (away <= 6)) - 0.2 * ((away > 6) & (away <= 10))
    return out


def oracle(made: World, origin: int) -> np.ndarray:
    """Return what who knows the law expects of the days after ``origin``."""
    fades = MEMORY ** np.arange(1, HORIZON + 1)
    spread = NOISE**2 * (1 - fades**2) / (1 - MEMORY**2)
    middle = np.log(made.calm[origin : origin + HORIZON])
    return np.exp(middle + fades * made.noise[origin - 1] + spread / 2)


def competing(which: str) -> list[Forecaster]:
    if which == "light":
        return [EventRegression(), SeasonalMean(), SeasonalNaive()]
    return default_models(fast=which == "fast")


def run(seed: int, step: int, which: str) -> None:
    made = world(seed)
    daily = made.slots.sum(axis=1)
    rows: list[dict[str, float]] = []
    spent = 0.0
    for origin in range(FIRST, DAYS - HORIZON, step):
        began = time.perf_counter()
        seen = Counted(made.days[:origin], made.slots[:origin])
        plan = forecast(seen, competing(which))
        spent += time.perf_counter() - began
        assert plan is not None
        came = made.slots[origin : origin + HORIZON]
        usual = float(np.median(daily[origin - 56 : origin]))
        best = oracle(made, origin)
        naive = naive_slots(seen)
        four = seen.slots[-28:].reshape(4, 7, SLOTS).mean(axis=0)
        mean4 = np.resize(four, (HORIZON, SLOTS))
        need, ours_need, naive_need, best_need = (
            staff_plan(x * SHARE, WORK, TARGET)
            for x in (
                came,
                plan.slots,
                naive,
                best[:, None] * made.profile[origin : origin + HORIZON],
            )
        )
        warned = {
            sure: {
                warning.day
                for warning in peak_warnings(plan.days, plan.why, usual, sure=sure)
            }
            for sure in LEVELS
        }
        truly = made.calm[origin : origin + HORIZON] > PEAK * usual
        for n in range(HORIZON):
            day = (made.days[origin] + timedelta(days=n)).date()
            total = float(came[n].sum())
            figures = plan.days.iloc[n]
            rows.append(
                {
                    "ahead": n + 1,
                    "came": total,
                    "ours": abs(float(figures["mean"]) - total),
                    "naive": abs(float(naive[n].sum()) - total),
                    "mean of 4 weeks": abs(float(mean4[n].sum()) - total),
                    "oracle": abs(best[n] - total),
                    "in80": figures["low80"] <= total <= figures["high80"],
                    "in95": figures["low95"] <= total <= figures["high95"],
                    "slot80": float(
                        ((plan.low80[n] <= came[n]) & (came[n] <= plan.high80[n]))[
                            16:46
                        ].mean()
                    ),
                    "need": float(need[n].mean()),
                    "ours off": float(np.abs(ours_need[n] - need[n]).mean()),
                    "naive off": float(np.abs(naive_need[n] - need[n]).mean()),
                    "oracle off": float(np.abs(best_need[n] - need[n]).mean()),
                    **{f"warned {sure}": day in warned[sure] for sure in LEVELS},
                    "peak": bool(truly[n]),
                    "near": bool(made.calm[origin + n] > 0.9 * PEAK * usual),
                }
            )
    show(seed, pd.DataFrame(rows), spent)


def show(seed: int, table: pd.DataFrame, spent: float) -> None:
    plans = len(table) // HORIZON
    print(f"seed {seed}: {plans} plans of 14 days, {spent / plans:.1f} s a plan")
    groups = (("all", 1, 14), ("tomorrow", 1, 1), ("2-7", 2, 7), ("8-14", 8, 14))
    for name, low, high in groups:
        part = table[table["ahead"].between(low, high)]
        wape = {
            who: part[who].sum() / part["came"].sum()
            for who in ("ours", "naive", "mean of 4 weeks", "oracle")
        }
        print(
            f"  {name:9s} error of contacts: "
            + "  ".join(f"{who} {value:.4f}" for who, value in wape.items())
            + f"  ours/naive {wape['ours'] / wape['naive']:.3f}"
            + f"  ours/oracle {wape['ours'] / wape['oracle']:.3f}"
        )
    print(
        f"  in 80 % {table['in80'].mean():.3f}, in 95 % {table['in95'].mean():.3f}; "
        f"half-hours 8-23 h in 80 % {table['slot80'].mean():.3f}"
    )
    print(
        f"  people a half-hour: needed {table['need'].mean():.2f}, off by "
        f"{table['ours off'].mean():.3f} (naive {table['naive off'].mean():.3f}, "
        f"oracle {table['oracle off'].mean():.3f})"
    )
    early = table[table["ahead"] > EARLY]
    peaks = int(early["peak"].sum())
    for sure in LEVELS:
        named = early[f"warned {sure}"]
        hits, near = (int((named & early[k]).sum()) for k in ("peak", "near"))
        warned = int(named.sum())
        print(
            f"  peaks (over {PEAK} times the usual) 8-14 days ahead: {peaks}, named "
            f"from {sure}: {warned}, right {hits}: recall {hits / max(peaks, 1):.3f}, "
            f"precision {hits / max(warned, 1):.3f} (over 1.35 times "
            f"{near / max(warned, 1):.3f})",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--step", type=int, default=7, help="days between plans")
    parser.add_argument(
        "--models",
        choices=("all", "fast", "light"),
        default="all",
        help="fast: without ARIMA and ETS; light: regression and two means",
    )
    asked = parser.parse_args()
    print(f"{platform.platform()} {os.cpu_count()} cores, {platform.python_version()}")
    print(f"numpy {np.__version__}, pandas {pd.__version__}; models: {asked.models}")
    for seed in range(asked.seeds):
        run(seed, asked.step, asked.models)


if __name__ == "__main__":
    main()
