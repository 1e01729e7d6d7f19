"""Taste, content, habit and the season in one linear score, cold start included.

score = taste(history) + prior. Taste is one matrix of items by items: EASE^R on
events that lose weight with time, plus alikeness by content and the chain of
purchases. The prior is what is taken lately and what is rising: on a global cut
in time it matters more than any model of taste alone (benchmarks/recommend.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from analytics.recommend.because import Because, because
from analytics.recommend.content import Content
from analytics.recommend.interactions import DAY_S, Floats, Interactions, Ints
from analytics.recommend.linear import Ease
from analytics.recommend.markov import NextPurchase


@dataclass(frozen=True, slots=True)
class Mix:
    """The settings of a hybrid; half lives in days, weights without unit.

    Attributes:
        learned_days: events count half after so long while taste is learned.
        recent_days, rising_days: half lives of what is taken lately, and of the
            short count whose ratio to the long one (``usual_days``) is a rise.
        content, chain: weights beside EASE^R's 1.
        recent, rising: weights of the prior's two parts.
        newcomer: weight of what others took first, lately, in place of that prior
            while a history is short; half of it is left after ``short`` events.
        first, first_days: so many events of each customer are their first, and
            the half life of what they count.
    """

    ridge: float = 30.0
    dropout: float = 0.3
    learned_days: float = 30.0
    recent_days: float = 10.0
    rising_days: float = 7.0
    usual_days: float = 120.0
    content: float = 0.0
    chain: float = 0.0
    recent: float = 2.0
    rising: float = 1.5
    newcomer: float = 0.0
    short: float = 5.0
    first: int = 50
    first_days: float = 14.0


class Hybrid(BaseEstimator):  # type: ignore[misc]
    """Scores histories (n, items); an empty one gets the prior alone."""

    def __init__(self, mix: Mix | None = None) -> None:
        self.mix = mix

    def fit(self, data: Interactions, goods: pd.DataFrame | None = None) -> Self:
        """Fit on interactions and, for content, goods indexed by item.

        Raises:
            ValueError: content is weighed but goods do not cover the items.
        """
        mix = self.mix or Mix()
        # The history weighs with the root, so that a pair counts its two ages.
        taste = Ease(
            ridge=mix.ridge, dropout=mix.dropout, half_life_days=2 * mix.learned_days
        )
        weights = _even(taste.fit(data).weights_)
        if mix.content:
            if goods is None or not set(data.items) <= set(goods.index.astype(str)):
                raise ValueError("content needs goods for every item")
            weights += mix.content * _even(_alike(goods, data.items))
        if mix.chain:
            weights += mix.chain * _even(_steps(data))
        self.weights_: Floats = weights
        self.prior_: Floats = prior(data, mix)
        self.newcomer_: Floats = newcomer(data, mix)
        self.items_ = data.items
        return self

    def taste(self, history: Any) -> Floats:
        """Return the part (n, items) that a history speaks for, scaled to one."""
        check_is_fitted(self, "weights_")
        raw = history @ self.weights_
        raw = np.asarray(raw.toarray() if sp.issparse(raw) else raw, np.float32)
        even = raw / np.maximum(raw.std(axis=1, keepdims=True), 1e-6)
        return np.asarray(even, np.float32)

    def score(self, history: Any) -> Floats:
        """Return scores (n, items) of histories (n, items), sparse."""
        mix = self.mix or Mix()
        if not mix.newcomer:
            return self.taste(history) + self.prior_
        known = np.asarray((history != 0).sum(axis=1), np.float32).reshape(-1, 1)
        new = np.exp2(-known / mix.short)
        given = new * self.newcomer_ + (1 - new) * self.prior_
        return np.asarray(self.taste(history) + given, np.float32)

    def because(self, history: Any, listed: Ints) -> list[Because]:
        """Return why each listed item stands in one history's list."""
        found = because(history, self.weights_, listed, "bought")
        taste = self.taste(history)[0]
        return [
            reason if taste[item] > 0 else Because("popular", None, 0.0)
            for item, reason in zip(listed, found, strict=True)
        ]


def prior(data: Interactions, mix: Mix) -> Floats:
    """Return (items,): what is taken lately and what is rising, for anybody."""
    if not len(data.at):
        return np.zeros(len(data.items), np.float32)
    lately = _standard(np.sqrt(_counts(data, mix.recent_days)))
    ratio = (_counts(data, mix.rising_days) + 1) / (_counts(data, mix.usual_days) + 5)
    both = mix.recent * lately + mix.rising * _standard(np.log(ratio))
    return np.asarray(both, np.float32)


def newcomer(data: Interactions, mix: Mix) -> Floats:
    """Return (items,): what customers take first, lately, for whom nobody knows yet."""
    if not mix.newcomer or not len(data.at):
        return np.zeros(len(data.items), np.float32)
    place = pd.Series(data.user).groupby(data.user).cumcount().to_numpy()
    first = place < mix.first
    age = (data.at[-1] - data.at[first]) / DAY_S
    weight = np.exp2(-age / mix.first_days)
    counts = np.bincount(data.item[first], weight, len(data.items))
    even = _standard(np.sqrt(counts).astype(np.float32))
    return np.asarray(mix.newcomer * even, np.float32)


def _counts(data: Interactions, half_life_days: float) -> Floats:
    age = (data.at[-1] - data.at) / DAY_S
    weight = np.exp2(-age / half_life_days)
    return np.bincount(data.item, weight, len(data.items)).astype(np.float32)


def _standard(values: Floats) -> Floats:
    return (values - values.mean()) / max(float(values.std()), 1e-9)


def _even(weights: Floats) -> Floats:
    """Scale a matrix so that parts of different kinds can be weighed."""
    return weights / max(float(weights.std()), 1e-12)


def _alike(goods: pd.DataFrame, items: tuple[str, ...]) -> Floats:
    named = goods.set_axis(goods.index.astype(str)).loc[list(items)]
    vectors = Content().fit(named).vectors_
    alike: Floats = (vectors @ vectors.T).toarray()
    np.fill_diagonal(alike, 0)
    return alike


def _steps(data: Interactions) -> Floats:
    chain = NextPurchase().fit(data)
    trust = 1 / (chain.from_ + chain.smoothing)
    steps: Floats = (chain.steps_.toarray() * trust[:, None]).astype(np.float32)
    np.fill_diagonal(steps, 0)
    return steps
