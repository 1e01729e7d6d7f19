"""How long until a human answers: expected seconds and an honest interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from analytics.waiting.boosting import BoostedWait
from analytics.waiting.features import features, formula
from analytics.waiting.intervals import Keeper
from analytics.waiting.laws import Floats, Law, exponential, fit_law
from analytics.waiting.reasons import reason_codes
from analytics.waiting.simulate import Laws, simulate_waits
from analytics.waiting.state import Basis, QueueState, WaitForecast, unknown

SERVICE_S = 300.0  # where nothing is known yet: five minutes a talk,
PATIENCE_S = 600.0  # ten minutes until one gives up
HORIZON_S = 7200.0  # beyond two hours nothing is promised
ROUND_S = 30.0
CHECKED = 600  # simulated states when candidates are compared
FEWEST = 60  # past waits before a formula is trusted

SHARES = (0.1, 0.8, 0.9)  # low end, what is announced, high end

Method = Literal["formula", "boosting", "simulator"]


@dataclass(frozen=True, slots=True)
class WaitRecord:
    """One past wait: the state on arrival, and how it ended after ``wait_s``."""

    state: QueueState
    wait_s: float
    answered: bool


@dataclass(frozen=True, slots=True)
class Talk:
    """One talk with an agent; ``ended`` is False where it still runs."""

    seconds: float
    ended: bool = True
    skill: str = ""


@dataclass(frozen=True, slots=True)
class _Guess:
    mean: float
    quantiles: tuple[float, float, float]

    @property
    def scale(self) -> float:
        return max(self.quantiles[2] - self.quantiles[0], 5.0)


class WaitModel(BaseEstimator):  # type: ignore[misc]
    """Forecasts waits by the method that erred least on the newest past waits.

    ``formula`` is QL_M on fitted laws; ``simulator`` plays the known talks
    forward; ``boosting`` learns from states. With ``target="potential"`` past
    waits are weighted by the inverse of the chance to be still there, so the
    forecast is for one who stays; ``"answered"`` describes those answered only.
    """

    def __init__(
        self,
        *,
        service_s: float = SERVICE_S,
        patience_s: float = PATIENCE_S,
        method: Method | None = None,
        target: Literal["potential", "answered"] = "potential",
        min_rows: int = 400,
        replications: int = 200,
        random_state: int = 0,
    ) -> None:
        self.service_s = service_s
        self.patience_s = patience_s
        self.method = method
        self.target = target
        self.min_rows = min_rows
        self.replications = replications
        self.random_state = random_state

    def fit(self, records: Sequence[WaitRecord], talks: Sequence[Talk] = ()) -> Self:
        """Learn from past waits (oldest first) and talks; both may be empty."""
        waited = [r for r in records if r.wait_s > 0]
        self.laws_ = self._fit_laws(waited, talks)
        self.skills_ = tuple(sorted({r.state.skill for r in waited}))
        self.longest_ = max((r.state.position for r in waited), default=0)
        answered = [r for r in waited if r.answered]
        self.samples_ = len(answered)
        self.rng_ = np.random.default_rng(self.random_state)
        self.boosted_: BoostedWait | None = None
        self.errors_: dict[str, float] = {}
        self.method_: Method = "formula"
        self.keepers_ = tuple(Keeper(share) for share in SHARES)
        recent = [r.wait_s for r in answered[-200:]]
        self.usual_s_ = float(np.median(recent)) if recent else None
        if len(answered) >= FEWEST:
            self._choose_and_calibrate(answered)
        return self

    def _fit_laws(self, waited: list[WaitRecord], talks: Sequence[Talk]) -> Laws:
        def service(part: list[Talk]) -> Law:
            return fit_law(
                [t.seconds for t in part],
                [t.ended for t in part],
                self.service_s,
                self.random_state,
            )

        laws = {"": service(list(talks)) if talks else exponential(self.service_s)}
        for skill in {t.skill for t in talks if t.skill}:
            laws[skill] = service([t for t in talks if t.skill == skill])
        patience = fit_law(
            [r.wait_s for r in waited],
            [not r.answered for r in waited],
            self.patience_s,
            self.random_state,
        )
        return Laws(laws, patience)

    def _weight(self, wait_s: Floats) -> Floats:
        if self.target == "answered":
            return np.ones_like(wait_s)
        return 1.0 / np.maximum(self.laws_.patience.survival(wait_s), 0.1)

    def _choose_and_calibrate(self, answered: list[WaitRecord]) -> None:
        cut = int(0.8 * len(answered)) if len(answered) >= self.min_rows else 0
        newest = answered[cut:]
        methods: list[Method] = ["formula"]
        if cut:
            self._boost(answered[:cut])
            methods.append("boosting")
        if all(r.state.slots for r in newest):
            methods.append("simulator")
        wait = np.array([r.wait_s for r in newest])
        weight = self._weight(wait)
        tried = {self.method} if self.method in methods else set(methods)
        checked = np.unique(np.linspace(0, len(newest) - 1, CHECKED).astype(int))
        for method in tried:
            mean = [self._guess(newest[i].state, method).mean for i in checked]
            gap = np.minimum(mean, HORIZON_S) - wait[checked]
            self.errors_[method] = math.sqrt(
                np.average(gap**2, weights=weight[checked])
            )
        self.method_ = min(sorted(tried), key=lambda name: self.errors_[name])
        guesses = [self._guess(r.state, self.method_) for r in newest]
        scale = np.array([g.scale for g in guesses])
        for place, keeper in enumerate(self.keepers_):
            guess = np.array([g.quantiles[place] for g in guesses])
            keeper.calibrate(guess, scale, wait, weight)

    def _boost(self, rows: list[WaitRecord]) -> None:
        table = np.stack([features(r.state, self.laws_, self.skills_) for r in rows])
        wait = np.array([r.wait_s for r in rows])
        boosted = BoostedWait(random_state=self.random_state)
        self.boosted_ = boosted.fit(table, wait, self._weight(wait))

    def _guess(self, state: QueueState, method: Method) -> _Guess:
        if method == "simulator":
            waits = simulate_waits(state, self.laws_, self.replications, self.rng_)
            low, most, high = np.quantile(waits, SHARES, method="higher").tolist()
            return _Guess(float(waits.mean()), (low, most, high))
        wait = formula(state, self.laws_)
        if method == "boosting" and self.boosted_ is not None:
            wait = self.boosted_.law(features(state, self.laws_, self.skills_))
        low, most, high = (wait.quantile(share) for share in SHARES)
        return _Guess(wait.mean_s, (low, most, high))

    def _method_for(self, state: QueueState) -> Method:
        """Return the method for ``state``: trees know nothing beyond the past."""
        if self.method_ == "boosting" and state.position > self.longest_:
            return "formula"
        if self.method_ == "simulator" and not state.slots:
            return "boosting" if self.boosted_ is not None else "formula"
        return self.method_

    def predict(self, state: QueueState) -> WaitForecast:
        """Return the forecast for one customer; ``unknown`` rather than a guess."""
        check_is_fitted(self, "laws_")
        if state.position == 1 and state.agents_free > 0 and not state.plan:
            return WaitForecast(0, 0, 0, 0, "immediate", ("agent_free",), self.samples_)
        joining = any(change.slots > 0 for change in state.plan)
        if state.capacity == 0 and not (joining and state.slots):
            return unknown("nobody_online", samples=self.samples_)
        basis: Basis = "defaults"
        if self.samples_ >= FEWEST:
            method = self._method_for(state)
            guess = self._guess(state, method)
            low, most, high = self._adjust(guess, method)
            basis = method
        else:
            guess = self._guess(state, "formula")
            low, most, high = _widen(guess.quantiles, self.samples_)
        if not high <= HORIZON_S:
            return unknown("too_long", samples=self.samples_)
        mean = min(max(guess.mean, low), high)
        codes = reason_codes(state, mean, self.usual_s_, basis)
        say = math.ceil(max(most, mean) / ROUND_S) * ROUND_S
        return WaitForecast(mean, low, high, say, basis, codes, self.samples_)

    def _adjust(self, guess: _Guess, method: Method) -> tuple[float, float, float]:
        if method != self.method_:  # the margins belong to another method
            return _widen(guess.quantiles, FEWEST)
        pairs = zip(self.keepers_, guess.quantiles, strict=True)
        low, most, high = (k.adjust(q, guess.scale) for k, q in pairs)
        return min(low, most), most, max(most, high)

    def observe(self, record: WaitRecord) -> None:
        """Let the outcome of one forecast correct the next intervals.

        Who hung up is passed over: the others stand for them by weight.
        """
        check_is_fitted(self, "laws_")
        if not record.answered or record.wait_s <= 0 or self.samples_ < FEWEST:
            return
        method = self._method_for(record.state)
        if method != self.method_:
            return
        guess = self._guess(record.state, method)
        weight = float(self._weight(np.array([record.wait_s]))[0])
        for keeper, quantile in zip(self.keepers_, guess.quantiles, strict=True):
            keeper.observe(quantile, guess.scale, record.wait_s, weight)

    def explain(self, state: QueueState) -> dict[str, float]:
        """Return seconds by feature (boosting) or by step of the line (formula)."""
        check_is_fitted(self, "laws_")
        if self.boosted_ is not None and self._method_for(state) == "boosting":
            return self.boosted_.contributions(
                features(state, self.laws_, self.skills_)
            )
        own = formula(state, self.laws_)
        first = 1 / (max(state.capacity, 1) * self.laws_.of(state.skill).rate)
        return {"next_free_agent": first, "queue_ahead": own.mean_s - first}


def _widen(
    quantiles: tuple[float, float, float], samples: int
) -> tuple[float, float, float]:
    """Return the interval of rates that may be wrong by a factor of two or more."""
    factor = 1.0 + 1.5 * max(1 - samples / (2 * FEWEST), 0.2)
    low, most, high = quantiles
    return low / factor, most * math.sqrt(factor), high * factor


def cold_start() -> WaitModel:
    """Return the model of a shop without history: defaults and wide intervals."""
    return WaitModel().fit([])
