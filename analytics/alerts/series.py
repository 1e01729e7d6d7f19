"""Jumps of a seasonal series, point by point, from earlier points alone.

The usual is the median of the same place of earlier seasons, moved by how the
last places went (a busy day is busy all day); the spread is robust (Rousseeuw &
Croux 1993). Places in a row are one jump. The bounds were chosen before
the first measurement (`benchmarks/alerts.md`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MEMORY = 8  # seasons back
NEAR = 6  # places that say how today goes
JUMP = 5.0  # robust deviations, up or down
PULL = 0.5  # how far today's gap is believed
QUIET = 2.5  # a jump ends below this


@dataclass(frozen=True, slots=True)
class Jump:
    """From place ``first`` to ``last``; ``z`` is that of the most unusual place."""

    first: int
    last: int
    seen: float
    usual: float
    z: float


def jumps(
    values: Sequence[float], season: int, *, counts: bool = True, bound: float = JUMP
) -> list[Jump]:
    """Return the jumps of a series (n,), oldest first; two seasons teach.

    ``counts`` are evened out by square roots (Anscombe 1948), else the values are
    taken as they are. A season of 1 compares with the last places alone.

    Raises:
        ValueError: a season below 1, or a negative count.
    """
    given = np.asarray(values, float)
    if season < 1 or (counts and (given < 0).any()):
        raise ValueError("a season is 1 or more, counts are not negative")
    scale = 2 * np.sqrt(given + 0.375) if counts else given
    usual, z = _scores(scale, season, counts)
    found: list[Jump] = []
    run: list[int] = []
    for place in range(len(z)):
        if abs(z[place]) >= bound or (run and abs(z[place]) >= QUIET):
            run.append(place)
            continue
        if run:
            found.append(_jump(run, given, usual, z, counts))
            run = []
    if run:
        found.append(_jump(run, given, usual, z, counts))
    return found


def _scores(scale: Floats, season: int, counts: bool) -> tuple[Floats, Floats]:
    """Return the usual (n,) and the robust z (n,), nan and 0 while it learns."""
    n = len(scale)
    usual, z = np.full(n, np.nan), np.zeros(n)
    places = np.arange(season, n)
    if not len(places):
        return usual, z
    steps = np.arange(1, (MEMORY * 3 if season == 1 else MEMORY) + 1) * season
    base = np.full(n, np.nan)
    base[places] = _median(_back(scale, places, steps))
    gaps = scale - base
    near = _median(_back(gaps, places, np.arange(1, NEAR + 1)))
    usual[places] = base[places] + PULL * np.nan_to_num(near)
    late = places[places >= 2 * max(season, NEAR)]
    known = _back(gaps, late, np.arange(1, MEMORY * max(season, 24) + 1))
    middle = _median(known)
    spread = 1.4826 * _median(np.abs(known - middle[:, None]))
    floor = 1.0 if counts else 1e-3 * (np.abs(base[late]) + 1e-9)
    told = (scale[late] - usual[late]) / np.maximum(spread, floor)
    enough = (~np.isnan(known)).sum(axis=1) >= NEAR
    z[late] = np.where(enough, told, 0.0)
    return usual, z


def _back(values: Floats, places: NDArray[np.intp], steps: NDArray[np.intp]) -> Floats:
    """Return what lies so many steps before each place, nan before the first."""
    at = places[:, None] - steps[None, :]
    return np.asarray(np.where(at >= 0, values[np.maximum(at, 0)], np.nan))


def _median(rows: Floats) -> Floats:
    """Return the median of each row of what is known in it, nan where nothing is."""
    found = np.full(len(rows), np.nan)
    some = ~np.isnan(rows).all(axis=1)
    if some.any():
        found[some] = np.nanmedian(rows[some], axis=1)
    return found


def _jump(
    run: list[int], given: Floats, usual: Floats, z: Floats, counts: bool
) -> Jump:
    peak = max(run, key=lambda place: abs(z[place]))
    level = float(usual[peak])
    level = max((level / 2) ** 2 - 0.375, 0.0) if counts else level
    return Jump(run[0], run[-1], float(given[peak]), level, float(z[peak]))
