"""Days until a repair is done, by fault, part and backlog.

A repair on the bench has an unknown end, yet it says "not in 12 days". Each job
becomes one row a day, and a logistic regression gives the chance to be done on
that day (Singer & Willett 1993, discrete-time survival).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from analytics.waiting.laws import Floats

HORIZON_DAYS = 90
FEWEST_DONE = 40
LEGAL_DAYS = 30  # a repair beyond it entitles to an exchange (three guarantees)
NEAR = 1.0


@dataclass(frozen=True, slots=True)
class RepairJob:
    """A job to come; ``part_eta_days`` is when a missing part should arrive."""

    fault: str
    part_in_stock: bool = True
    part_eta_days: float = 0.0
    backlog: int = 0


@dataclass(frozen=True, slots=True)
class RepairRecord:
    """A past job: done after ``days``, or still open then."""

    job: RepairJob
    days: int
    done: bool


@dataclass(frozen=True, slots=True)
class DaysForecast:
    """Days, or None each where nothing is supported; codes say why.

    ``lo80`` … ``hi80`` holds four in five; four in five are done by ``announce``.
    """

    median: int | None
    lo80: int | None
    hi80: int | None
    announce: int | None
    reasons: tuple[str, ...]
    samples: int


class RepairTime(BaseEstimator):  # type: ignore[misc]
    """Discrete-time hazard of a repair's end, one row per job and day."""

    def __init__(self, *, C: float = 3.0) -> None:
        self.C = C

    def fit(self, records: Sequence[RepairRecord]) -> Self:
        """Fit on past and running jobs; few finished ones leave it unknowing."""
        self.faults_ = tuple(sorted({r.job.fault for r in records}))
        done = [r for r in records if r.done]
        self.samples_ = len(done)
        self.by_fault_ = {f: sum(r.job.fault == f for r in done) for f in self.faults_}
        self.horizon_ = min(max((r.days for r in records), default=0), HORIZON_DAYS)
        self.hazard_: LogisticRegression | None = None
        if self.samples_ < FEWEST_DONE:
            return self
        rows, ends = [], []
        for record in records:
            last = max(min(record.days, HORIZON_DAYS), 1)
            rows.append(self._rows(record.job, last))
            end = np.zeros(last, int)
            end[-1] = record.done and record.days <= HORIZON_DAYS
            ends.append(end)
        model = LogisticRegression(C=self.C, max_iter=1000)
        self.hazard_ = model.fit(np.vstack(rows), np.concatenate(ends))
        return self

    def _rows(self, job: RepairJob, days: int) -> Floats:
        day = np.arange(1, days + 1, dtype=float)
        eta = 0.0 if job.part_in_stock else job.part_eta_days
        since = np.maximum(day - eta, 0)  # work starts when the part is there
        columns = [
            np.log(day),
            day / 10,
            np.log1p(since),
            since > 0,
            since > 2,
            np.full(days, not job.part_in_stock),
            np.full(days, math.log1p(job.backlog)),
            math.log1p(job.backlog) * np.log(day),
            *(np.full(days, job.fault == name) for name in self.faults_),
        ]
        return np.column_stack(columns).astype(float)

    def not_done(self, job: RepairJob, days: int = HORIZON_DAYS) -> Floats:
        """Return P(still open after day 1 … days)."""
        check_is_fitted(self, "samples_")
        if self.hazard_ is None:
            raise ValueError("too few finished repairs to say")
        ends = self.hazard_.predict_proba(self._rows(job, days))[:, 1]
        return np.asarray(np.cumprod(1 - ends), float)

    def predict(self, job: RepairJob) -> DaysForecast:
        """Return days until done; None where the history is too short."""
        check_is_fitted(self, "samples_")
        seen = self.by_fault_.get(job.fault, 0)
        if self.hazard_ is None:
            return DaysForecast(None, None, None, None, ("little_history",), seen)
        still = self.not_done(job)
        if still[self.horizon_ - 1] > 0.1:
            return DaysForecast(None, None, None, None, ("too_long",), seen)
        low, half, most, high = (
            int(np.argmax(still <= 1 - share)) + 1 for share in (0.1, 0.5, 0.8, 0.9)
        )
        codes = [] if job.part_in_stock else ["part_missing"]
        if job.backlog and self._slower_by_backlog(job) >= NEAR:
            codes.append("backlog")
        if seen < FEWEST_DONE:
            codes.append("fault_seldom_seen")
        if most > LEGAL_DAYS:
            codes.append("beyond_legal_days")
        return DaysForecast(half, low, high, most, tuple(codes), seen)

    def _slower_by_backlog(self, job: RepairJob) -> float:
        """Return the mean days that the jobs before this one add."""
        free = RepairJob(job.fault, job.part_in_stock, job.part_eta_days, 0)
        return float(self.not_done(job).sum() - self.not_done(free).sum())
