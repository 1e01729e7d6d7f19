"""Days unlike their season: a jump on one day, or a slow rise.

The usual is the median of the same season place before (Rousseeuw & Croux 1993
for the robust spread); slow rises are summed up by CUSUM (Page 1954). Only
earlier days are used for each day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

MEMORY = 8  # seasons back
JUMP = 4.0  # robust deviations
SLACK, ALARM = 0.75, 6.0  # CUSUM: what is borne a day, and when it rings
CLIP = 3.0  # one day may not ring the slow alarm alone


@dataclass(frozen=True, slots=True)
class VolumeNote:
    """Day ``place`` had ``seen`` events where ``usual`` were expected."""

    place: int
    seen: float
    usual: float
    z: float
    kind: Literal["jump", "drop", "slow_rise"]


def unusual_volumes(counts: Sequence[float], season: int = 7) -> list[VolumeNote]:
    """Return unusual places of a series of counts (oldest first).

    The first four seasons teach and are never named. Square roots make the
    spread of counts even (Anscombe 1948).
    """
    values = np.asarray(counts, float)
    if (values < 0).any() or season < 1:
        raise ValueError("counts are >= 0 and a season is >= 1")
    root = 2 * np.sqrt(values + 0.375)
    notes, risen = [], 0.0
    gaps: list[float] = []
    for place in range(season, len(root)):
        back = np.arange(place - season, -1, -season)[:MEMORY]
        usual = float(np.median(root[back]))
        gap = root[place] - usual
        if place >= 4 * season:
            spread = _spread(gaps[-MEMORY * season :])
            z = gap / spread
            risen = max(risen + min(z, CLIP) - SLACK, 0.0)
            level = max((usual / 2) ** 2 - 0.375, 0.0)
            seen = float(values[place])
            if abs(z) >= JUMP:
                kind: Literal["jump", "drop"] = "jump" if z > 0 else "drop"
                notes.append(VolumeNote(place, seen, level, float(z), kind))
            elif risen >= ALARM:
                notes.append(VolumeNote(place, seen, level, float(z), "slow_rise"))
            if risen >= ALARM:
                risen = 0.0  # rung once; it must build up again
        gaps.append(float(gap))
    return notes


def _spread(gaps: list[float]) -> float:
    """Return 1.4826 MAD, never below a Poisson count's own spread around a median."""
    return max(1.4826 * float(np.median(np.abs(gaps))), 1.1)
