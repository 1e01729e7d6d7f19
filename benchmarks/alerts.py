"""Alerts on series: `python -m benchmarks.alerts [--labelled FILE]`.

Incidents are put into a bank's real calls by half-hour (`shared/data/series`), at
random places and of random size; and, where a file with columns timestamp, value
and label is given, on that. Peers run in the same breath: three sigmas of the same
half-hour's past, an exponentially weighted mean with its spread, and the robust
z of the last two days. Whole incidents count: found if any alert overlaps it,
an alert is false if it overlaps none.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.alerts import jumps
from benchmarks.calls_data import five_minutes

Floats = NDArray[np.float64]
Spans = list[tuple[int, int]]
DATA = Path(os.environ.get("AFTERCARE_BENCH_DATA", "../shared/data"))
SLOTS = 28  # half-hours of the bank's day
WARM = 10 * SLOTS
SEEDS, INCIDENTS = 20, 12
SLACK = 1  # places after its end an alert still belongs to an incident


@dataclass(frozen=True)
class Score:
    """Counts over all runs; delays in places."""

    found: int
    planted: int
    right: int
    alerts: int
    delays: list[int]

    def line(self) -> str:
        """Return the figures as a row."""
        delay = np.mean(self.delays) if self.delays else float("nan")
        return (
            f"precision {self.right / max(self.alerts, 1):.3f} "
            f"recall {self.found / max(self.planted, 1):.3f} "
            f"delay {delay:.2f} alerts {self.alerts}"
        )


def ours(values: Floats, season: int, counts: bool) -> Spans:
    """Return the spans of our jumps."""
    found = jumps(values.tolist(), season, counts=counts)
    return [(jump.first, jump.last) for jump in found]


def sigmas(values: Floats, season: int, counts: bool) -> Spans:
    """Return where a value leaves three sigmas of the same place's past."""
    over = np.zeros(len(values), bool)
    for place in range(2 * season, len(values)):
        back = values[np.arange(place - season, -1, -season)[:8]]
        over[place] = abs(values[place] - back.mean()) > 3 * (back.std(ddof=1) + 1e-9)
    return spans(over)


def ewma(values: Floats, season: int, counts: bool, weight: float = 0.1) -> Spans:
    """Return where the gap to last season's value leaves three weighted sigmas."""
    over = np.zeros(len(values), bool)
    mean, var = 0.0, 1.0
    for place in range(season, len(values)):
        gap = values[place] - values[place - season]
        if place >= 2 * season:
            over[place] = abs(gap - mean) > 3 * np.sqrt(var)
        var = (1 - weight) * (var + weight * (gap - mean) ** 2)
        mean += weight * (gap - mean)
    return spans(over)


def recent(values: Floats, season: int, counts: bool) -> Spans:
    """Return where the robust z against the last two days is above 3.5."""
    over = np.zeros(len(values), bool)
    for place in range(2 * season, len(values)):
        back = values[place - 2 * season : place]
        mad = 1.4826 * np.median(np.abs(back - np.median(back))) + 1e-9
        over[place] = abs(values[place] - np.median(back)) / mad > 3.5
    return spans(over)


PEERS: dict[str, Callable[[Floats, int, bool], Spans]] = {
    "ours": ours,
    "3 sigma, same half-hour": sigmas,
    "EWMA of seasonal gaps": ewma,
    "robust z, last two days": recent,
}


def spans(over: NDArray[np.bool_]) -> Spans:
    """Return runs of True as (first, last)."""
    edges = np.flatnonzero(np.diff(np.r_[False, over, False].astype(int)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def score(found: Spans, planted: Spans, first: int) -> Score:
    """Compare spans of alerts after place `first` with those planted."""
    alerts = [span for span in found if span[1] >= first]
    hits = [
        min(
            (max(a, begin) for a, b in alerts if _meet((a, b), (begin, end))),
            default=-1,
        )
        for begin, end in planted
    ]
    right = sum(any(_meet(alert, span) for span in planted) for alert in alerts)
    delays = [
        hit - begin for hit, (begin, _) in zip(hits, planted, strict=True) if hit >= 0
    ]
    return Score(len(delays), len(planted), right, len(alerts), delays)


def _meet(alert: tuple[int, int], span: tuple[int, int]) -> bool:
    return alert[0] <= span[1] + SLACK and alert[1] >= span[0]


def total(scores: list[Score]) -> Score:
    """Return the sum over runs."""
    return Score(
        sum(s.found for s in scores),
        sum(s.planted for s in scores),
        sum(s.right for s in scores),
        sum(s.alerts for s in scores),
        [d for s in scores for d in s.delays],
    )


def bank() -> Floats:
    """Return calls by half-hour, 07:00 to 21:00 of each working day."""
    days = pd.bdate_range("2003-03-03", "2003-10-24")
    slots = five_minutes(DATA / "series", days)[:, : SLOTS * 6]
    whole = slots[~np.isnan(slots).any(axis=1)]
    return np.asarray(whole.reshape(len(whole), SLOTS, 6).sum(axis=2).ravel())


def planted(base: Floats, seed: int) -> tuple[Floats, Spans]:
    """Return the series with incidents of 30 minutes to 4 hours put in."""
    rng = np.random.default_rng(seed)
    values, found = base.copy(), []
    places = rng.choice(
        np.arange(WARM, len(base) - 12, 16), size=INCIDENTS, replace=False
    )
    for place in sorted(places):
        length = int(rng.integers(1, 9))
        factor = rng.uniform(1.5, 3.0) if rng.random() < 0.75 else rng.uniform(0.1, 0.5)
        span = slice(place, place + length)
        values[span] = rng.poisson(np.maximum(base[span] * factor, 0.0))
        found.append((int(place), int(place) + length - 1))
    return values, found


def labelled(path: Path) -> tuple[Floats, Spans]:
    """Return a labelled series and its labelled spans."""
    table = pd.read_csv(path)
    return table["value"].to_numpy(float), spans(table["label"].to_numpy() > 0)


def main() -> None:
    """Print the figures."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--labelled", type=Path)
    wanted.add_argument("--season", type=int, default=24)
    chosen = wanted.parse_args()
    print(
        f"{platform.machine()}, Python {platform.python_version()}, seeds 0-{SEEDS - 1}"
    )
    base = bank()
    print(f"bank calls: {len(base)} half-hours, {SEEDS} x {INCIDENTS} incidents")
    runs = [planted(base, seed) for seed in range(SEEDS)]
    for name, peer in PEERS.items():
        scores = [score(peer(v, SLOTS, True), spans_, WARM) for v, spans_ in runs]
        print(f"  {name}: {total(scores).line()}")
        clean = [span for span in peer(base, SLOTS, True) if span[1] >= WARM]
        print(f"    alerts without any incident: {len(clean)}")
    if chosen.labelled:
        values, truth = labelled(chosen.labelled)
        print(f"{chosen.labelled.name}: {len(values)} places, {len(truth)} labelled")
        for name, peer in PEERS.items():
            found = peer(values, chosen.season, False)
            print(f"  {name}: {score(found, truth, 2 * chosen.season).line()}")


if __name__ == "__main__":
    main()
