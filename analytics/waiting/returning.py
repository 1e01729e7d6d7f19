"""When it is better to come back: past waits by hour, drawn to the mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from analytics.waiting.model import WaitRecord

PRIOR = 15.0  # waits that the overall mean counts for
MIN_SEEN = 20  # waits behind an hour before it is recommended
GAIN = 0.7  # the wait must fall to this share, and
GAIN_S = 60.0  # by a minute at least


@dataclass(frozen=True, slots=True)
class BestHour:
    """A full hour to come back at, its usual wait, and how many waits say so."""

    start: datetime
    expected_s: float
    samples: int


@dataclass(frozen=True, slots=True)
class HourTable:
    """Mean waits (seconds) and counts by kind of day (0 work, 1 weekend) and hour."""

    mean_s: tuple[tuple[float, ...], tuple[float, ...]]
    count: tuple[tuple[int, ...], tuple[int, ...]]


def hour_table(records: Sequence[WaitRecord]) -> HourTable:
    """Return mean waits by hour, those without any wait included.

    A hang-up counts with the seconds it lasted, the least it can have been.
    """
    total = np.zeros((2, 24))
    count = np.zeros((2, 24), int)
    for record in records:
        at = record.state.at
        total[int(at.weekday() >= 5), at.hour] += record.wait_s
        count[int(at.weekday() >= 5), at.hour] += 1
    overall = total.sum() / max(count.sum(), 1)
    mean = (total + PRIOR * overall) / (count + PRIOR)
    work, rest = mean.tolist()
    seen, seen_rest = count.tolist()
    return HourTable((tuple(work), tuple(rest)), (tuple(seen), tuple(seen_rest)))


def best_hour(
    table: HourTable, now: datetime, expected_s: float, within_h: int = 24
) -> BestHour | None:
    """Return the shortest hour of the next ``within_h``, if clearly better than now.

    None where no hour has enough past waits or the gain is small.
    """
    if now.tzinfo is None:
        raise ValueError("now must be an aware time")
    start = now.replace(minute=0, second=0, microsecond=0)
    best: BestHour | None = None
    for ahead in range(1, within_h + 1):
        hour = start + timedelta(hours=ahead)
        kind = int(hour.weekday() >= 5)
        wait, seen = table.mean_s[kind][hour.hour], table.count[kind][hour.hour]
        if seen >= MIN_SEEN and (best is None or wait < best.expected_s):
            best = BestHour(hour, wait, seen)
    if best is None or best.expected_s > min(GAIN * expected_s, expected_s - GAIN_S):
        return None
    return best
