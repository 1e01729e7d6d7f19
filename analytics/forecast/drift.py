"""Have the errors grown? Then the model is refitted, or chosen anew.

A one-sided CUSUM (Page 1954) of the scaled absolute errors: small growth that
stays is seen as well as one that is large at once; single outliers are not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.forecast.types import Floats

SLACK = 0.5  # growth, in usual errors, that is not worth an alarm
ALARM = 8.0
MOST = 4.0  # one error counts as so many usual ones at most


@dataclass(slots=True)
class DriftMonitor:
    """Watches the errors of one series; ``usual`` is the backtest's mean error."""

    usual: float
    sum: float = 0.0
    count: int = 0

    def __post_init__(self) -> None:
        """Refuse a usual error that is not positive (``ValueError``)."""
        if not self.usual > 0:
            raise ValueError("the usual error is positive")

    def observe(self, errors: Floats) -> bool:
        """Take in new absolute errors in order; True once they have drifted."""
        for error in np.asarray(errors, float)[~np.isnan(errors)]:
            step = min(float(error) / self.usual, MOST) - 1 - SLACK
            self.sum = max(0.0, self.sum + step)
            self.count += 1
        return self.drifted

    @property
    def drifted(self) -> bool:
        """Whether a refit is due."""
        return self.sum > ALARM
