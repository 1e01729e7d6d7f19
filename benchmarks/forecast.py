"""Volumes: a bank's calls by day and by five minutes, against statsforecast."""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import statsforecast
from statsforecast.models import MSTL, AutoARIMA, AutoETS, AutoTheta, SeasonalNaive

from analytics.forecast import IntradayProfile
from analytics.forecast.backtest import Backtest, backtest
from analytics.forecast.combine import blend
from analytics.forecast.conformal import calibrate, quantile_of
from analytics.forecast.types import Floats, History, fill_seasonal
from analytics.forecast.volume import SHARES, default_models
from benchmarks.calls_data import PERIOD, daily, five_minutes

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("AFTERCARE_BENCH_DATA", ROOT.parent / "shared" / "data"))
HORIZON = 5
FIRST, TUNED, LAST = 45, 90, 140  # errors from 45; figures 90-134; block from 140
MAKERS: dict[str, Callable[[int], Any]] = {
    "seasonal naive": lambda period: SeasonalNaive(season_length=period),
    "AutoARIMA": lambda period: AutoARIMA(season_length=period),
    "AutoETS": lambda period: AutoETS(season_length=period),
    "AutoTheta": lambda period: AutoTheta(season_length=period),
    "MSTL": lambda period: MSTL(season_length=period),
}


class Peer:
    """A model of statsforecast on the counts, gaps filled; no calendar."""

    def __init__(self, name: str) -> None:
        self.name = name

    def forecast(self, history: History) -> Floats:
        calls = fill_seasonal(np.exp(history.values), history.period)
        said = MAKERS[self.name](history.period).forecast(calls, history.horizon)
        return np.log(np.maximum(np.asarray(said["mean"], float), 1.0))


class WithCalendar:
    """AutoARIMA given our calendar as regressors: what a careful user would do."""

    name = "AutoARIMA + calendar"

    def forecast(self, history: History) -> Floats:
        n = len(history.values)
        frame = history.regressors
        frame = frame.loc[:, frame.iloc[:n].std() > 0]
        filled = fill_seasonal(history.values, history.period)
        rows = frame.to_numpy(float)
        model = AutoARIMA(season_length=history.period)
        said = model.forecast(filled, history.horizon, X=rows[:n], X_future=rows[n:])
        return np.asarray(said["mean"], float)


def walk(table: Backtest, origins: Iterable[int]) -> list[dict[str, Any]]:
    """Blend and calibrate at each origin from earlier, finished forecasts only."""
    out = []
    for origin in origins:
        past = table.known_at(origin)
        now = int(np.flatnonzero(table.origins == origin)[0])
        weights = blend(past)
        bands = calibrate(past.truth - weights.point(past.guesses), 0.1)
        point = weights.point(table.guesses[:, now])
        half = {share: bands.half(share) for share in SHARES}
        out.append({"origin": origin, "point": point, "half": half, "row": now})
    return out


def show_daily(name: str, calls: Floats, table: Backtest, peers: Backtest, span: range):
    """Print errors over the seasonal step of the days before the span."""
    past = calls[: span.start]
    scale = float(np.nanmean(np.abs(past[PERIOD:] - past[:-PERIOD])))
    steps = walk(table, span)
    rows = [step["row"] for step in steps]
    truth = np.exp(table.truth[rows])
    known = ~np.isnan(truth)
    ours = np.exp(np.array([step["point"] for step in steps]))
    print(f"{name}: {len(rows)} origins, {int(known.sum())} days, scale {scale:.0f}")
    for k, peer in enumerate(peers.names):
        error = np.nanmean(np.abs(np.exp(peers.guesses[k, rows]) - truth)) / scale
        print(f"  {peer:24s} MASE {error:.4f}")
    for k, part in enumerate(table.names):
        error = np.nanmean(np.abs(np.exp(table.guesses[k, rows]) - truth)) / scale
        print(f"    of ours: {part:15s} MASE {error:.4f}")
    gap = np.abs(np.log(ours) - np.log(truth))
    inside = [
        float(np.mean((gap <= np.array([s["half"][share] for s in steps]))[known]))
        for share in SHARES
    ]
    print(
        f"  {'ours':24s} MASE {np.nanmean(np.abs(ours - truth)) / scale:.4f}  "
        f"in 80 % {inside[0]:.3f}  in 95 % {inside[1]:.3f}"
    )
    return steps


def show_slots(name: str, calls: Floats, history: History, steps: list[Any]) -> None:
    """Print errors by five minutes: our days and profile against peers, a week on."""
    days = history.regressors.index
    weekly = [step for step in steps if (step["origin"] - steps[0]["origin"]) % 5 == 0]
    size = calls.shape[1]
    week = PERIOD * size
    start = weekly[0]["origin"]
    scale = float(np.nanmean(np.abs(calls[PERIOD:start] - calls[: start - PERIOD])))
    lost: dict[str, list[float]] = {}
    hits: dict[float, list[float]] = {share: [] for share in SHARES}
    for step in weekly:
        at = step["origin"]
        truth = calls[at : at + HORIZON]
        flat = fill_seasonal(calls[:at].ravel(), week)
        said = {
            "seasonal naive (week)": np.tile(flat[-week:], 1),
            "MSTL (day, week)": _of(MSTL([size, week]), flat, week),
            "AutoTheta (day)": _of(AutoTheta(season_length=size), flat, week),
            "AutoARIMA in MSTL": _of(
                MSTL([size, week], trend_forecaster=AutoARIMA()), flat, week
            ),
        }
        print(f"  week from day {at}", flush=True)
        for peer, guess in said.items():
            gap = np.abs(guess.reshape(truth.shape) - truth)
            lost.setdefault(peer, []).append(float(np.nanmean(gap)))
            print(f"    {peer:24s} {lost[peer][-1] / scale:.4f}", flush=True)
        profile = IntradayProfile(smooth=5).fit(calls[:at], days[:at])
        ours = profile.spread(np.exp(step["point"]), days[at : at + HORIZON])
        gap = np.abs(ours - truth)
        lost.setdefault("ours", []).append(float(np.nanmean(gap)))
        print(f"    {'ours':24s} {lost['ours'][-1] / scale:.4f}", flush=True)
        for share in SHARES:
            # Errors of the last weeks' own forecasts, scaled by their volume.
            half = _slot_half(steps, at, calls, days, share)
            if half is not None:
                hit = gap <= half * np.sqrt(np.maximum(ours, 1))
                hits[share].append(float(hit[~np.isnan(truth)].mean()))
    print(f"{name}: {len(weekly)} weeks of {week} slots, scale {scale:.2f}")
    for peer, errors in lost.items():
        print(f"  {peer:24s} MASE {np.mean(errors) / scale:.4f}")
    if hits[0.8]:
        got = [float(np.mean(hits[share])) for share in SHARES]
        print(
            f"  ours in 80 % {got[0]:.3f}, in 95 % {got[1]:.3f}, {len(hits[0.8])} weeks"
        )


def _of(model: Any, flat: Floats, horizon: int) -> Floats:
    return np.asarray(model.forecast(flat, horizon)["mean"], float)


def _slot_half(
    steps: list[Any], at: int, calls: Floats, days: Any, share: float
) -> float | None:
    """Return the quantile of Pearson errors of forecasts finished before ``at``."""
    old = [s for s in steps if s["origin"] + HORIZON <= at][-15:]
    if len(old) < 5:
        return None
    scores = []
    for step in old:
        first = step["origin"]
        profile = IntradayProfile(smooth=5).fit(calls[:first], days[:first])
        said = profile.spread(np.exp(step["point"]), days[first : first + HORIZON])
        gap = np.abs(calls[first : first + HORIZON] - said)
        scores.append((gap / np.sqrt(np.maximum(said, 1))).ravel())
    flat = np.concatenate(scores)
    return quantile_of(flat[~np.isnan(flat)], share)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument(
        "--slots", choices=("both", "tuned", "last"), default="both",
        help="which blocks of five minutes",
    )  # fmt: skip
    asked = parser.parse_args()
    folder = asked.data / "series"
    print(f"{platform.platform()} {os.cpu_count()} cores, {platform.python_version()}")
    print(f"numpy {np.__version__}, statsforecast {statsforecast.__version__}, seed 0")
    history = daily(folder)
    calls = np.exp(history.values)
    end = len(calls) - HORIZON + 1
    origins = range(FIRST, end)
    began = time.perf_counter()
    table = backtest(default_models(), history, origins, HORIZON)
    spent = time.perf_counter() - began
    print(f"ours: {spent / len(origins):.2f} s an origin, all models", flush=True)
    slots = five_minutes(folder, history.regressors.index)
    if asked.slots == "last":
        show_slots(
            "5 minutes, last block", slots, history, walk(table, range(LAST, end))
        )
        return
    peers = backtest(
        [*(Peer(name) for name in MAKERS), WithCalendar()], history, origins, HORIZON
    )
    tuned = show_daily("days, tuned on", calls, table, peers, range(TUNED, 135))
    last = show_daily("days, last block", calls, table, peers, range(LAST, end))
    show_slots("5 minutes, tuned on", slots, history, tuned)
    if asked.slots == "both":
        show_slots("5 minutes, last block", slots, history, last)


if __name__ == "__main__":
    main()
