"""Alerts on labelled public counts: `python -m benchmarks.alerts_outbreaks FOLDER`.

A folder of CSV files with columns value and label: weekly counts of one disease each,
labelled by the health office where it knew of an outbreak (the SurvStat series of
R's surveillance package; how to get them is in alerts.md). The watchers' own rules
for counts run beside five of that field, each with its published settings: from
week 29 on those that need a short past, from the third year on all. Whole outbreaks
count, as in `benchmarks.alerts`.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm, poisson

from analytics.alerts import Rate, jumps, spread_of, surprising
from benchmarks.alerts import Score, Spans, score, sigmas, spans, total

Floats = NDArray[np.float64]
YEAR, PAST = 52, 28
WINDOWS = (1, 3)


def rates(values: Floats, other: Floats) -> Spans:
    """Return where the rule for counted things rises: as products, questions, agents.

    One place and three, against the rest of 28; `other` is what all others had.
    """
    over = np.zeros(len(values), bool)
    for place in range(PAST, len(values)):
        mine = values[place - PAST + 1 : place + 1][::-1]
        rest = other[place - PAST + 1 : place + 1][::-1]
        ones = np.ones(PAST)
        for window in WINDOWS:
            spread = spread_of(mine[window:].tolist(), ones[window:].tolist())
            found = [
                Rate(
                    name,
                    int(counts[:window].sum()),
                    window * weight,
                    int(counts[window:].sum()),
                    (PAST - window) * weight,
                    spread if name == "it" else 1.0,
                )
                for name, counts, weight in (("it", mine, 1), ("rest", rest, 13))
            ]
            over[place] |= any(s.subject == "it" for s in surprising(found))
    return spans(over)


def seasonal(values: Floats, other: Floats) -> Spans:
    """Return our jumps up, of the same week of earlier years."""
    found = jumps(values.tolist(), YEAR)
    return [(jump.first, jump.last) for jump in found if jump.z > 0]


def lately(values: Floats, other: Floats) -> Spans:
    """Return our jumps up against the last weeks alone."""
    found = jumps(values.tolist(), 1)
    return [(jump.first, jump.last) for jump in found if jump.z > 0]


def three_sigma(values: Floats, other: Floats) -> Spans:
    """Return where a week leaves three sigmas of the same week of earlier years."""
    return sigmas(values, YEAR, True)


def ears(lag: int) -> Callable[[Floats, Floats], Spans]:
    """Return EARS C1 (lag 0) or C2 (lag 2): seven weeks, three sigmas (Hutwagner)."""

    def method(values: Floats, other: Floats) -> Spans:
        over = np.zeros(len(values), bool)
        for place in range(PAST, len(values)):
            back = values[place - lag - 7 : place - lag]
            over[place] = values[place] > back.mean() + 3 * back.std(ddof=1)
        return spans(over)

    return method


def rki(values: Floats, other: Floats) -> Spans:
    """Return RKI 1: six weeks before, a Poisson or normal bound (Salmon 2016)."""
    over = np.zeros(len(values), bool)
    for place in range(PAST, len(values)):
        back = values[place - 6 : place]
        mean = float(back.mean())
        if mean > 20:
            bound = mean + 2 * back.std(ddof=1)
        else:
            bound = float(poisson.ppf(0.975, mean))
        over[place] = values[place] > bound
    return spans(over)


def farrington(values: Floats, other: Floats) -> Spans:
    """Return Farrington 1996: three weeks about this one in earlier years, 2/3 power.

    Without its trend, and only where five cases came in the last four weeks.
    """
    over = np.zeros(len(values), bool)
    z = float(norm.ppf(0.995))
    for place in range(YEAR + 3, len(values)):
        centres = np.arange(place - YEAR, 2, -YEAR)
        back = np.concatenate([values[c - 3 : c + 4] for c in centres])
        mean = float(back.mean())
        if mean <= 0 or values[place - 3 : place + 1].sum() < 5:
            continue
        phi = max(float(((back - mean) ** 2).sum() / mean / (len(back) - 1)), 1.0)
        tau = phi + len(back) ** -1 * phi
        bound = mean * (1 + 2 / 3 * z * np.sqrt(tau / mean)) ** 1.5
        over[place] = values[place] > bound
    return spans(over)


Method = Callable[[Floats, Floats], Spans]
SHORT: dict[str, Method] = {
    "ours, counts": rates,
    "ours, jumps, lately": lately,
    "EARS C1": ears(0),
    "EARS C2": ears(2),
    "RKI 1": rki,
}
LONG: dict[str, Method] = {
    "ours, jumps, season": seasonal,
    "3 sigma, same week": three_sigma,
    "Farrington": farrington,
}


def compare(folder: Path, methods: dict[str, Method], first: int) -> None:
    """Print precision, recall, delay and false alarms a year of each."""
    tables = {path.stem: pd.read_csv(path) for path in sorted(folder.glob("*.csv"))}
    data = {name: table["value"].to_numpy(float) for name, table in tables.items()}
    whole = np.sum(list(data.values()), axis=0)
    truth = {
        name: [s for s in spans(table["label"].to_numpy() > 0) if s[0] >= first]
        for name, table in tables.items()
    }
    labelled = sum(len(found) for found in truth.values())
    years = sum(len(mine) - first for mine in data.values()) / YEAR
    print(f"from week {first + 1} on: {len(data)} series, {years:.0f} years")
    print(f"{labelled} labelled outbreaks")
    for method, find in methods.items():
        scores = []
        for name, mine in data.items():
            # What is labelled before the first week judged is neither found nor false.
            found = [s for s in find(mine, whole - mine) if s[0] >= first]
            scores.append(score(found, truth[name], first))
        everything: Score = total(scores)
        false = (everything.alerts - everything.right) / years
        print(f"  {method:20} {everything.line()} false a year {false:.2f}")


def main() -> None:
    """Compare in both blocks."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("folder", type=Path)
    chosen = wanted.parse_args()
    print(f"Python {platform.python_version()}, delays in weeks")
    compare(chosen.folder, SHORT, PAST)
    compare(chosen.folder, SHORT | LONG, 2 * YEAR)


if __name__ == "__main__":
    main()
