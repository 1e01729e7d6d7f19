"""Good or bad: a fast linear model for reviews and rated talks.

Features are the characters' n-grams, weighted by the root of their log-count
ratio times idf (after Wang & Manning 2012, NB-SVM), in a linear SVM whose scores
become probabilities by Platt's sigmoid, fitted out of fold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from scipy import sparse
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC
from sklearn.utils.validation import check_is_fitted

from analytics.sentiment.grams import END, START, matrix, places
from analytics.sentiment.model import normalise

Array = np.ndarray[Any, Any]


class PolarityModel(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """P(positive) of a text; ``longest`` n-gram, 2**``bits`` buckets, SVM's ``C``."""

    def __init__(
        self,
        *,
        C: float = 2.0,
        longest: int = 5,
        bits: int = 22,
        folds: int = 5,
        random_state: int = 0,
    ) -> None:
        self.C = C
        self.longest = longest
        self.bits = bits
        self.folds = folds
        self.random_state = random_state

    def fit(self, texts: Sequence[str], labels: Sequence[int]) -> Self:
        """Fit on ``texts`` (n,) and ``labels`` (n,), 1 for good and 0 for bad.

        Raises:
            ValueError: a label has fewer texts than there are folds.
        """
        truth = np.asarray(labels)
        counts = self._counts(texts)
        scores = np.zeros(len(truth))
        parts = StratifiedKFold(
            self.folds, shuffle=True, random_state=self.random_state
        )
        for seen, held in parts.split(scores, truth):
            weights, bias = self._weights(counts[seen], truth[seen])
            scores[held] = _score(counts[held], weights, bias)
        sigmoid = LogisticRegression(C=1e6).fit(scores[:, None], truth)
        raw = sigmoid.predict_proba(scores[:, None])[:, 1]
        steps = IsotonicRegression(y_min=0.005, y_max=0.995, out_of_bounds="clip")
        steps.fit(raw, truth)
        self.knots_ = np.asarray(steps.X_thresholds_, dtype=float)
        self.levels_ = np.asarray(steps.y_thresholds_, dtype=float)
        self.slope_ = float(sigmoid.coef_[0, 0])
        self.offset_ = float(sigmoid.intercept_[0])
        (self.weight_, self.idf_), self.bias_ = self._weights(counts, truth)
        self.classes_ = np.array([0, 1])
        return self

    def decision_function(self, texts: Sequence[str]) -> Array:
        """Return the SVM's scores (n,); above 0 is good."""
        check_is_fitted(self)
        weights = (self.weight_, self.idf_)
        return _score(self._counts(texts), weights, self.bias_)

    def predict_proba(self, texts: Sequence[str]) -> Array:
        """Return calibrated (n, 2): the shares of bad and of good."""
        raw = expit(self.slope_ * self.decision_function(texts) + self.offset_)
        # Half sigmoid, half steps: steps follow the data, the sigmoid keeps order.
        good = (raw + np.interp(raw, self.knots_, self.levels_)) / 2
        return np.column_stack([1 - good, good])

    def predict(self, texts: Sequence[str]) -> Array:
        """Return 1 for good and 0 for bad (n,)."""
        return (self.decision_function(texts) > 0).astype(int)

    def words(self, text: str, most: int = 3) -> tuple[str, ...]:
        """Return the pieces of ``text`` that decided, strongest first."""
        check_is_fitted(self)
        framed = START + normalise(text) + END
        _, buckets, lengths = places([normalise(text)], self.longest, self.bits)
        gain = self.weight_[buckets].astype(float)
        if not len(gain):
            return ()
        sign = 1.0 if gain.sum() + self.bias_ > 0 else -1.0
        starts = np.concatenate(
            [np.arange(int((lengths == n).sum())) for n in np.unique(lengths)]
        )
        found: list[str] = []
        for place in np.argsort(-sign * gain):
            piece = framed[starts[place] : starts[place] + lengths[place]]
            if sign * gain[place] <= 0 or len(found) == most:
                break
            whole = len(piece) > 1 and START not in piece and END not in piece
            if whole and not any(piece in w or w in piece for w in found):
                found.append(piece)
        return tuple(found)

    def _counts(self, texts: Sequence[str]) -> Any:
        return matrix([normalise(text) for text in texts], self.longest, self.bits)

    def _weights(self, counts: Any, truth: Array) -> tuple[tuple[Array, Array], float]:
        """Return the weight of each bucket, what it counts in a text's length, and
        the bias: the SVM's coefficients folded into the features' own weights."""
        seen = np.asarray(counts.sum(axis=0)).ravel()
        good = np.asarray(counts[truth == 1].sum(axis=0)).ravel() + 0.5
        bad = np.asarray(counts[truth == 0].sum(axis=0)).ravel() + 0.5
        ratio = np.log(good / good.sum()) - np.log(bad / bad.sum())
        idf = np.log((1 + counts.shape[0]) / (1 + seen)) + 1
        fewest = 2 if counts.shape[0] > 1000 else 1
        scale = np.where(
            seen >= fewest, np.sign(ratio) * np.sqrt(np.abs(ratio)) * idf, 0.0
        ).astype(np.float32)
        features = _unit(counts @ sparse.diags(scale), scale, counts)
        machine = LinearSVC(C=self.C, random_state=self.random_state)
        machine.fit(features, truth)
        coefficients = machine.coef_[0].astype(np.float32)
        bias = float(machine.intercept_[0])
        return (coefficients * scale, scale * scale), bias


def _unit(features: Any, scale: Array, counts: Any) -> Any:
    length = np.sqrt(np.maximum(counts @ (scale * scale), 1e-12))
    return (sparse.diags((1 / length).astype(np.float32)) @ features).tocsr()


def _score(counts: Any, weights: tuple[Array, Array], bias: float) -> Array:
    weight, squares = weights
    length = np.sqrt(np.maximum(counts @ squares, 1e-12))
    return np.asarray((counts @ weight) / length + bias)
