"""Which talks a person should read: the risky, and some by lot to stay honest.

Risky talks find more faults than chance; the drawn ones keep the estimate of
the shop's true rate unbiased (Horvitz & Thompson 1952, normalised as in Hájek
1971), and show what the score does not see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted

Floats = NDArray[np.float64]
BY_LOT = 0.3
FEWEST_VERDICTS, FEWEST_FAULTS = 40, 10
# Log-odds by hand, until people's verdicts teach better ones.
WEIGHTS = {
    "severe": 2.0,
    "other_findings": 0.8,
    "angry": 0.7,
    "handed_over": 0.3,
    "refused": 0.6,
    "money": 0.4,
    "by_agent": 0.5,
    "low_score": 1.5,
}


@dataclass(frozen=True, slots=True)
class Picked:
    """A talk to read: its place, why, and the chance with which it was picked."""

    place: int
    why: Literal["risk", "lot"]
    chance: float


def prior_risk(signals: dict[str, float]) -> float:
    """Return a risk in 0…1 from signals named in ``WEIGHTS`` (others are ignored)."""
    odds = sum(WEIGHTS.get(name, 0.0) * value for name, value in signals.items())
    return float(1 / (1 + np.exp(3.0 - odds)))


def pick(
    risks: Sequence[float], budget: int, random_state: int = 0, by_lot: float = BY_LOT
) -> list[Picked]:
    """Return up to ``budget`` talks: the riskiest, and a share by simple lot.

    Ties are broken by lot, so that equal risks have equal chances.
    """
    values = np.asarray(risks, float)
    rng = np.random.default_rng(random_state)
    order = np.lexsort((rng.random(len(values)), -values))
    if budget >= len(values):
        return [Picked(int(place), "risk", 1.0) for place in order]
    drawn = max(round(budget * by_lot), 1) if budget else 0
    top, rest = order[: budget - drawn], order[budget - drawn :]
    lot = rng.choice(rest, size=drawn, replace=False) if drawn else rest[:0]
    chance = drawn / max(len(rest), 1)
    return [Picked(int(place), "risk", 1.0) for place in top] + [
        Picked(int(place), "lot", chance) for place in lot
    ]


def estimated_share(faulty: Sequence[bool], chances: Sequence[float]) -> float | None:
    """Return the share of faulty talks among all, from the read ones."""
    weight = 1 / np.asarray(chances, float)
    if not len(weight):
        return None
    return float((weight * np.asarray(faulty, float)).sum() / weight.sum())


class ReviewModel(BaseEstimator):  # type: ignore[misc]
    """What people found faulty, learned from the service's words."""

    def __init__(self, *, strength: float = 10.0) -> None:
        self.strength = strength

    def fit(self, texts: Sequence[str], faulty: Sequence[bool]) -> Self:
        """Fit on what the service said (n,) and people's verdicts (n,).

        Raises:
            ValueError: too few verdicts of either kind.
        """
        bad = int(np.sum(faulty))
        if len(texts) < FEWEST_VERDICTS or not FEWEST_FAULTS <= bad < len(texts):
            raise ValueError("too few verdicts to learn from")
        grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
        judge = LogisticRegression(
            C=self.strength, class_weight="balanced", max_iter=500
        )
        self.pipe_ = make_pipeline(grams, judge).fit(list(texts), list(faulty))
        return self

    def risk(self, texts: Sequence[str]) -> Floats:
        """Return risks (n,) in 0…1."""
        check_is_fitted(self, "pipe_")
        return np.asarray(self.pipe_.predict_proba(list(texts))[:, 1])
