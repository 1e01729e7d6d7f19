"""What a customer who gave no answer would have said, with the error of the guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

Floats = NDArray[np.float64]
SHAPE = (
    "turns",
    "customer_share",
    "customer_length",
    "service_length",
    "last_is_service",
    "last_customer_length",
    "questions",
    "exclamations",
    "same_reply",
)


@dataclass(frozen=True, slots=True)
class TalkText:
    """A talk as (is the customer, text) pairs, oldest first."""

    said: tuple[tuple[bool, str], ...]

    @property
    def customer(self) -> str:
        """All the customer said."""
        return "\n".join(text for own, text in self.said if own)

    @property
    def service(self) -> str:
        """All the service said."""
        return "\n".join(text for own, text in self.said if not own)

    @property
    def last(self) -> str:
        """The last the customer said after the first message."""
        own = [text for is_own, text in self.said if is_own]
        return own[-1] if len(own) > 1 else ""

    def shape(self) -> list[float]:
        """Return the figures named in SHAPE."""
        own = [text for is_own, text in self.said if is_own]
        others = [text for is_own, text in self.said if not is_own]
        count = max(len(self.said), 1)
        customer = self.customer
        return [
            float(count),
            len(own) / count,
            float(np.log1p(len(customer) / max(len(own), 1))),
            float(np.log1p(len(self.service) / max(len(others), 1))),
            float(bool(self.said) and not self.said[-1][0]),
            float(np.log1p(len(self.last))),
            customer.count("?") + customer.count("\uff1f"),
            customer.count("!") + customer.count("\uff01"),
            len(others) - len(set(others)),
        ]


class SatisfactionModel(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Ridge on characters of each side and of the last word, with trees on the shape.

    The two are blended by what each said of talks it had not seen; ``error_`` is
    the root mean square of that, the honest width of a guess.
    """

    def __init__(
        self, *, alpha: float = 3.0, folds: int = 4, random_state: int = 0
    ) -> None:
        self.alpha = alpha
        self.folds = folds
        self.random_state = random_state

    def fit(self, talks: Sequence[TalkText], scores: Sequence[float]) -> Self:
        """Fit on talks and their scores, both (n,), n >= 2 * folds."""
        y = np.asarray(scores, float)
        held = np.zeros((len(y), 2))
        cut = KFold(self.folds, shuffle=True, random_state=self.random_state)
        for seen, out in cut.split(y):
            self._fit_parts([talks[i] for i in seen], y[seen])
            held[out] = self._parts([talks[i] for i in out])
        tried = np.linspace(0, 1, 11)
        losses = [
            float(((w * held[:, 0] + (1 - w) * held[:, 1] - y) ** 2).mean())
            for w in tried
        ]
        self.weight_ = float(tried[int(np.argmin(losses))])
        self.error_ = float(np.sqrt(min(losses)))
        self._fit_parts(list(talks), y)
        return self

    def predict(self, talks: Sequence[TalkText]) -> Floats:
        """Return the expected scores (n,)."""
        check_is_fitted(self, "weight_")
        parts = self._parts(list(talks))
        return np.asarray(self.weight_ * parts[:, 0] + (1 - self.weight_) * parts[:, 1])

    def words(self, talk: TalkText, top: int = 5) -> tuple[tuple[str, float], ...]:
        """Return the pieces of text that moved the guess most, with their points."""
        check_is_fitted(self, "weight_")
        row = self._matrix([talk]).tocsr()
        names = [n for v in self.texts_ for n in v.get_feature_names_out()] + list(
            SHAPE
        )
        points = row.data * self.ridge_.coef_[row.indices] * self.weight_
        order = np.argsort(-np.abs(points))[:top]
        return tuple((str(names[row.indices[i]]), float(points[i])) for i in order)

    def _fit_parts(self, talks: list[TalkText], y: Floats) -> None:
        self.texts_ = [
            TfidfVectorizer(
                analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True
            )
            for _ in range(3)
        ]
        for vectorizer, column in zip(self.texts_, _columns(talks), strict=True):
            # A word put before each keeps a side that is silent everywhere legal.
            vectorizer.fit([f"#{text}" for text in column])
        self.scaler_ = StandardScaler().fit([talk.shape() for talk in talks])
        matrix = self._matrix(talks)
        self.ridge_ = Ridge(alpha=self.alpha).fit(matrix, y)
        shape = self.scaler_.transform([talk.shape() for talk in talks])
        trees = ExtraTreesRegressor(
            n_estimators=200,
            min_samples_leaf=5,
            random_state=self.random_state,
            n_jobs=1,
        )
        self.trees_ = trees.fit(shape, y)

    def _matrix(self, talks: list[TalkText]) -> Any:
        parts = [
            vectorizer.transform([f"#{text}" for text in column])
            for vectorizer, column in zip(self.texts_, _columns(talks), strict=True)
        ]
        shape = self.scaler_.transform([talk.shape() for talk in talks])
        return hstack([*parts, csr_matrix(0.3 * shape)]).tocsr()

    def _parts(self, talks: list[TalkText]) -> Floats:
        shape = self.scaler_.transform([talk.shape() for talk in talks])
        return np.column_stack(
            [self.ridge_.predict(self._matrix(talks)), self.trees_.predict(shape)]
        )


def _columns(talks: list[TalkText]) -> list[list[str]]:
    return [
        [talk.customer for talk in talks],
        [talk.service for talk in talks],
        [talk.last for talk in talks],
    ]
