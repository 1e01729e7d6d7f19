"""Quantiles that keep their word: conformal, and corrected as outcomes come in.

Split conformal after Romano, Patterson & Candès 2019; the running correction of
the level is adaptive conformal inference (Gibbs & Candès 2021), so that the
share that was promised also holds when the shop's days change.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from analytics.waiting.laws import Floats

WINDOW = 600  # outcomes remembered
STEP = 0.01  # how fast the level follows


class Keeper:
    """One quantile at ``share``: ``P(wait <= adjusted) = share`` in the long run."""

    def __init__(self, share: float, window: int = WINDOW, step: float = STEP) -> None:
        self.share = share
        self.step = step
        self._level = share
        self._scores: deque[tuple[float, float]] = deque(maxlen=window)
        self._margin = 0.0

    def calibrate(
        self, guess: Floats, scale: Floats, wait: Floats, weight: Floats
    ) -> None:
        """Take past outcomes (n,) in order of time, weighted for hang-ups."""
        rows = zip((wait - guess) / scale, weight, strict=True)
        self._scores.extend((float(s), float(w)) for s, w in rows)
        self._refresh()

    def adjust(self, guess: float, scale: float) -> float:
        """Return the quantile in seconds, never negative."""
        return max(guess + self._margin * scale, 0.0)

    def observe(
        self, guess: float, scale: float, wait: float, weight: float = 1.0
    ) -> None:
        """Learn how long one customer really waited."""
        covered = wait <= self.adjust(guess, scale)
        self._level += self.step * weight * (self.share - covered)
        self._level = min(max(self._level, 0.02), 0.98)
        self._scores.append(((wait - guess) / scale, weight))
        self._refresh()

    def _refresh(self) -> None:
        if len(self._scores) < 20:
            self._margin = 0.0  # too few to correct anything
            return
        table = np.array(self._scores)
        order = table[:, 0].argsort()
        total = np.cumsum(table[order, 1])
        place = int(np.searchsorted(total, self._level * total[-1]))
        self._margin = float(table[order[min(place, len(order) - 1)], 0])
