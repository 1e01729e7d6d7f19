"""The shapes that all of the forecasts share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class History:
    """One series up to now, and what is known of the days to come.

    ``values`` (n,) are on the working scale (log of 1 + count for volumes);
    ``nan`` marks a day that was closed or not recorded. ``regressors`` has
    n + horizon rows: the calendar of the past and of the future.
    """

    values: Floats
    regressors: pd.DataFrame
    period: int

    @property
    def horizon(self) -> int:
        """Return how many steps lie ahead."""
        return len(self.regressors) - len(self.values)

    def cut(self, origin: int, horizon: int) -> History:
        """Return the history as it stood before step ``origin``."""
        return History(
            self.values[:origin],
            self.regressors.iloc[: origin + horizon],
            self.period,
        )


def fill_seasonal(values: Floats, period: int) -> Floats:
    """Return the values with each gap filled from the same season's neighbours."""
    filled = values.copy()
    for at in np.flatnonzero(np.isnan(values)):
        near = values[at % period :: period]
        away = np.abs(np.arange(len(near)) - at // period)
        known = np.flatnonzero(~np.isnan(near))
        if len(known):
            filled[at] = float(np.mean(near[known[np.argsort(away[known])[:2]]]))
    middle = float(np.nanmedian(values)) if not np.isnan(values).all() else 0.0
    filled[np.isnan(filled)] = middle
    return filled
