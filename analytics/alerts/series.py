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
    gaps = np.full(n, np.nan)
    for place in range(season, n):
        back = np.arange(place - season, -1, -season)[:MEMORY]
        if season == 1:
            back = np.arange(max(place - MEMORY * 3, 0), place)
        base = float(np.median(scale[back]))
        near = gaps[max(place - NEAR, 0) : place]
        near = near[~np.isnan(near)]
        base_now = base + (PULL * float(np.median(near)) if len(near) else 0.0)
        known = gaps[max(place - MEMORY * max(season, 24), 0) : place]
        known = known[~np.isnan(known)]
        usual[place] = base_now
        if place >= 2 * max(season, NEAR) and len(known) >= NEAR:
            spread = 1.4826 * float(np.median(np.abs(known - np.median(known))))
            floor = 1.0 if counts else 1e-3 * (abs(base) + 1e-9)
            z[place] = (scale[place] - base_now) / max(spread, floor)
        gaps[place] = scale[place] - base
    return usual, z


def _jump(
    run: list[int], given: Floats, usual: Floats, z: Floats, counts: bool
) -> Jump:
    peak = max(run, key=lambda place: abs(z[place]))
    level = float(usual[peak])
    level = max((level / 2) ** 2 - 0.375, 0.0) if counts else level
    return Jump(run[0], run[-1], float(given[peak]), level, float(z[peak]))
