"""Emotion of one short Chinese message: character n-grams, a linear model.

The model ships as a recipe (our own labelled sentences in ``data/``) and is
fitted in memory. It advises the wording of a reply and never decides anything.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, Self

import numpy as np
import yaml
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted

_making = threading.Lock()
EMOTIONS = ("anger", "worry", "disappointment", "thanks", "urgency", "neutral")
NEGATIVE = frozenset({"anger", "worry", "disappointment"})
MAX_CHARS = 500  # a longer message says no more about the mood, and costs time

Polarity = Literal["negative", "neutral", "positive"]


@dataclass(frozen=True, slots=True)
class Sentiment:
    """One message's mood. ``strength`` and ``probability`` lie in 0…1.

    ``strength`` is the distance of P(positive) and P(negative);
    ``probability`` belongs to ``emotion``; ``words`` decided, strongest first.
    """

    polarity: Polarity
    strength: float
    emotion: str
    probability: float
    words: tuple[str, ...]


def normalise(text: str) -> str:
    """Return NFKC lower case without spaces, at most ``MAX_CHARS`` long."""
    folded = unicodedata.normalize("NFKC", text[:MAX_CHARS]).lower()
    return "".join(folded.split())


class SentimentModel(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """TF-IDF of characters 1-3 and a temperature-scaled logistic regression.

    Temperature scaling: Guo et al. 2017, fitted on out-of-fold scores.
    """

    def __init__(self, *, C: float = 10.0, random_state: int = 0) -> None:
        self.C = C
        self.random_state = random_state

    def fit(self, texts: Sequence[str], emotions: Sequence[str]) -> Self:
        """Fit on ``texts`` (n,) and their ``emotions`` (n,), >= 5 of each kind."""
        clean = [normalise(text) for text in texts]
        labels = np.asarray(emotions)
        vectorizer = TfidfVectorizer(
            analyzer="char", ngram_range=(1, 3), sublinear_tf=True
        )
        # The same optimum as lbfgs in a quarter of the time: fitted at each start.
        linear = LogisticRegression(
            C=self.C, class_weight="balanced", solver="newton-cg", max_iter=500
        )
        folds = StratifiedKFold(5, shuffle=True, random_state=self.random_state)
        scores = cross_val_predict(
            make_pipeline(vectorizer, linear),
            clean,
            labels,
            cv=folds,
            method="decision_function",
        )
        self.classes_ = np.unique(labels)
        truth = np.searchsorted(self.classes_, labels)
        self.temperature_ = _temperature(scores, truth)
        self.vectorizer_ = vectorizer.fit(clean)
        self.linear_ = linear.fit(vectorizer.transform(clean), labels)
        self.terms_ = vectorizer.get_feature_names_out()
        return self

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray[Any, Any]:
        """Return calibrated probabilities (n, classes), in ``classes_`` order."""
        check_is_fitted(self)
        matrix = self.vectorizer_.transform([normalise(text) for text in texts])
        return self._probabilities(matrix)

    def predict(self, text: str) -> Sentiment:
        """Return the mood of one message; what says nothing is neutral."""
        check_is_fitted(self)
        row = self.vectorizer_.transform([normalise(text)])
        if row.nnz == 0:
            return Sentiment("neutral", 0.0, "neutral", 1.0, ())
        shares = self._probabilities(row)[0]
        named = dict(zip(self.classes_.tolist(), shares.tolist(), strict=True))
        best = int(shares.argmax())
        emotion = str(self.classes_[best])
        negative = sum(named.get(name, 0.0) for name in NEGATIVE)
        positive = named.get("thanks", 0.0)
        polarity: Polarity = "neutral"
        if emotion in NEGATIVE:
            polarity = "negative"
        elif emotion == "thanks":
            polarity = "positive"
        return Sentiment(
            polarity,
            abs(positive - negative),
            emotion,
            named[emotion],
            self._words(row, best),
        )

    def _probabilities(self, matrix: Any) -> np.ndarray[Any, Any]:
        scores = self.linear_.decision_function(matrix) / self.temperature_
        return np.asarray(softmax(scores, axis=1))

    def _words(self, row: Any, best: int) -> tuple[str, ...]:
        """Up to three pieces of text, none inside another, that spoke for it."""
        weight = row.data * self.linear_.coef_[best, row.indices]
        found: list[str] = []
        for place in np.argsort(-weight):
            term = str(self.terms_[row.indices[place]])
            if weight[place] <= 0 or len(found) == 3:
                break
            if len(term) > 1 and not any(term in w or w in term for w in found):
                found.append(term)
        return tuple(found)


def _temperature(scores: np.ndarray[Any, Any], truth: np.ndarray[Any, Any]) -> float:
    rows = np.arange(len(truth))

    def loss(log_t: float) -> float:
        return -float(log_softmax(scores / np.exp(log_t), axis=1)[rows, truth].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def packaged_messages() -> tuple[list[str], list[str]]:
    """Return our own labelled sentences: texts and emotions, both (n,)."""
    source = files("analytics.sentiment").joinpath("data/messages.yml")
    table: dict[str, list[str]] = yaml.safe_load(source.read_text("utf-8"))
    pairs = [(text, name) for name in EMOTIONS for text in table[name]]
    return [text for text, _ in pairs], [name for _, name in pairs]


def load_default() -> SentimentModel:
    """Return the model fitted on the packaged sentences, made once a process.

    A second thread waits for the first: two that fit at once would both be late.
    """
    with _making:
        return _default()


@lru_cache(maxsize=1)
def _default() -> SentimentModel:
    return SentimentModel().fit(*packaged_messages())
