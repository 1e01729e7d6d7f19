"""The day a refund arrives, by route: quantiles of past refunds.

Refunds not yet confirmed count as "longer than this" (Kaplan & Meier 1958).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Self

import numpy as np
from scipy import stats
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

FEWEST = 30
LONGEST_DAYS = 60


@dataclass(frozen=True, slots=True)
class RefundRecord:
    """A past refund: arrived ``days`` after it was sent, or not yet by then."""

    route: str
    days: int
    arrived: bool


@dataclass(frozen=True, slots=True)
class Route:
    """What a route is known for before any history: usual and latest days.

    ``working`` counts working days only, as banks do.
    """

    usual: int
    latest: int
    working: bool = False


@dataclass(frozen=True, slots=True)
class ArrivalForecast:
    """Dates, or None each where nothing is known of the route.

    Four in five refunds arrive from ``earliest`` to ``latest``; four in five are
    there by ``announce``.
    """

    earliest: date | None
    latest: date | None
    announce: date | None
    reasons: tuple[str, ...]
    samples: int


def _every_day(_: date) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class _Days:
    low: int
    most: int
    high: int
    samples: int = 0
    reasons: tuple[str, ...] = field(default=())


class RefundArrival(BaseEstimator):  # type: ignore[misc]
    """Empirical quantiles of each route, the route's own terms until then."""

    def __init__(
        self,
        *,
        routes: Mapping[str, Route] | None = None,
        is_workday: Callable[[date], bool] = _every_day,
    ) -> None:
        self.routes = routes
        self.is_workday = is_workday

    def fit(self, records: Sequence[RefundRecord]) -> Self:
        """Learn each route with enough arrivals; others keep their terms."""
        self.days_: dict[str, _Days] = {}
        for route in sorted({r.route for r in records}):
            part = [r for r in records if r.route == route]
            found = _quantiles(part)
            if found is not None:
                self.days_[route] = found
        return self

    def predict(self, route: str, sent_on: date) -> ArrivalForecast:
        """Return the days of arrival of a refund sent on ``sent_on``."""
        check_is_fitted(self, "days_")
        terms = (self.routes or {}).get(route)
        days = self.days_.get(route)
        if days is None and terms is None:
            return ArrivalForecast(None, None, None, ("route_unknown",), 0)
        if days is None and terms is not None:
            days = _Days(0, terms.latest, terms.latest, 0, ("terms_of_route",))
        assert days is not None
        working = terms is not None and terms.working
        step = self.is_workday if working else _every_day
        low, most, high = (
            _later(sent_on, n, step) for n in (days.low, days.most, days.high)
        )
        codes = (*days.reasons, *(("working_days",) if working else ()))
        return ArrivalForecast(low, high, most, codes, days.samples)


def _quantiles(part: list[RefundRecord]) -> _Days | None:
    """Return quantiles in days; None with few arrivals or a tail not yet seen."""
    arrived = sum(r.arrived for r in part)
    if arrived < FEWEST:
        return None
    data = stats.CensoredData(
        uncensored=[r.days for r in part if r.arrived],
        right=[r.days for r in part if not r.arrived],
    )
    still = stats.ecdf(data).sf
    pad = 1 + 1 / len(part)  # the finite-sample rank of split conformal

    def quantile(share: float) -> int | None:
        reached = still.probabilities <= 1 - min(share * pad, 1.0) + 1e-12
        return int(still.quantiles[int(np.argmax(reached))]) if reached.any() else None

    low, most, high = quantile(0.1), quantile(0.8), quantile(0.9)
    if low is None or most is None or high is None:
        return None
    return _Days(low, most, high, arrived, ("past_refunds",))


def _later(start: date, days: int, counts: Callable[[date], bool]) -> date:
    """Return the day ``days`` counted days after ``start``."""
    day, left = start, min(days, LONGEST_DAYS)
    while left > 0:
        day += timedelta(days=1)
        left -= counts(day)
    return day
