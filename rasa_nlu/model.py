"""Which intent a text has: a fast opinion, and a deeper one where that is unsure.

The fast opinion weighs character and word n-grams (TF-IDF) with logistic
regression. Where it is not sure, a second regression weighs the same
n-grams together with a sentence embedding. Both say calibrated probabilities
(temperature scaling, Guo et al. 2017). Without an embedder only the first is used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jieba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

jieba.setLogLevel(60)
Floats = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Floats]
KINDS = ("char", "word")


def words(text: str) -> list[str]:
    """Return the words of a text as jieba cuts it."""
    return [str(word) for word in jieba.cut(text)]


@dataclass
class Linear:
    """One-against-rest regressions: `weights` (features, classes), `bias` (classes)."""

    weights: Floats
    bias: Floats

    @classmethod
    def fit(cls, features: Any, labels: Sequence[str], c: float) -> Linear:
        """Fit by coordinate descent (liblinear), seeded: same data, same weights."""
        one = LogisticRegression(C=c, solver="liblinear", tol=1e-2, random_state=42)
        found = OneVsRestClassifier(one).fit(features, labels).estimators_
        return cls(
            np.vstack([each.coef_[0] for each in found]).T.astype(np.float32, "C"),
            np.array([each.intercept_[0] for each in found], dtype=np.float32),
        )


@dataclass(frozen=True)
class Opinion:
    """What the model thinks of one text.

    Attributes:
        ranking: every intent with its probability, best first.
        deep: whether the embedding was asked.
        pulls: per character of the text, how much it pulled towards the best
            intent (log-odds against the average intent).
        meaning: how much the embedding pulled, 0 where it was not asked.
    """

    ranking: list[tuple[str, float]]
    deep: bool
    pulls: list[float]
    meaning: float


class IntentModel:
    """The two regressions and the n-grams they stand on.

    Args:
        embed: texts to unit vectors (n, d), or None for the fast opinion only.
        gate: probability from which the fast opinion is taken as it is.
        temperature: divides the scores of both, above 1 means less sure.
        c: inverse strength of the ridge penalty.
    """

    def __init__(
        self,
        embed: Embed | None = None,
        gate: float = 0.85,
        temperature: float = 1.0,
        c: float = 10.0,
    ) -> None:
        """Keep the settings."""
        self.embed = embed
        self.gate = gate
        self.temperature = temperature
        self.c = c
        self.classes: list[str] = []

    def fit(self, texts: Sequence[str], intents: Sequence[str]) -> IntentModel:
        """Learn from examples; `texts` are normalised already."""
        self.vectorisers = [_vectoriser(kind) for kind in KINDS]
        for vectoriser in self.vectorisers:
            vectoriser.fit(texts)
        features = self._ngrams(texts)
        self.classes = sorted(set(intents))
        self.fast = Linear.fit(features, intents, self.c)
        self.deep: Linear | None = None
        if self.embed is not None:
            vectors = self.embed(texts)
            self.centre: Floats = vectors.mean(axis=0)
            joint = sp.hstack([features, sp.csr_matrix(self._centred(vectors))])
            self.deep = Linear.fit(joint.tocsr(), intents, self.c)
        return self

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Return probabilities (n, classes), columns as in `classes`."""
        features = self._ngrams(texts)
        scores = features @ self.fast.weights + self.fast.bias
        found = self._soft(scores)
        if self.deep is None or self.embed is None:
            return found
        unsure = np.flatnonzero(found.max(axis=1) < self.gate)
        if unsure.size:
            vectors = self._centred(self.embed([texts[i] for i in unsure]))
            count = features.shape[1]
            scores = features[unsure] @ self.deep.weights[:count] + self.deep.bias
            found[unsure] = self._soft(scores + vectors @ self.deep.weights[count:])
        return found

    def opinion(self, text: str, may_embed: bool = True) -> Opinion:
        """Return what the model thinks of one text, and why."""
        features = self._ngrams([text])
        count = features.shape[1]
        used, meant = self.fast, np.zeros(len(self.classes), dtype=np.float32)
        chances = self._soft(features @ used.weights + used.bias)[0]
        deep = (
            may_embed
            and self.deep is not None
            and self.embed is not None
            and bool(chances.max() < self.gate)
        )
        if deep:
            assert self.deep is not None and self.embed is not None
            used = self.deep
            meant = (self._centred(self.embed([text])) @ used.weights[count:])[0]
            scores = features @ used.weights[:count] + used.bias + meant
            chances = self._soft(scores)[0]
        order = np.argsort(-chances)
        best = int(order[0])
        return Opinion(
            [(self.classes[i], float(chances[i])) for i in order],
            deep,
            self._pulls(text, features, used, best),
            float(meant[best] - meant.mean()),
        )

    def save(self, folder: Path) -> None:
        """Write arrays and plain JSON: nothing that runs code when read."""
        tables = {"classes": self.classes, "deep": self.deep is not None}
        arrays = {"fast_w": self.fast.weights, "fast_b": self.fast.bias}
        if self.deep is not None:
            arrays |= {"deep_w": self.deep.weights, "deep_b": self.deep.bias}
            arrays["centre"] = self.centre
        for kind, vectoriser in zip(KINDS, self.vectorisers, strict=True):
            vocabulary = {t: int(i) for t, i in vectoriser.vocabulary_.items()}
            tables[kind] = vocabulary
            arrays[f"{kind}_idf"] = vectoriser.idf_
        (folder / "tables.json").write_text(json.dumps(tables), encoding="utf-8")
        np.savez(folder / "arrays.npz", **arrays)

    def load(self, folder: Path) -> IntentModel:
        """Read what `save` wrote."""
        tables = json.loads((folder / "tables.json").read_text(encoding="utf-8"))
        with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
            self.classes = tables["classes"]
            self.fast = Linear(arrays["fast_w"], arrays["fast_b"])
            self.deep = None
            if tables["deep"]:
                self.deep = Linear(arrays["deep_w"], arrays["deep_b"])
                self.centre = arrays["centre"]
            self.vectorisers = []
            for kind in KINDS:
                vectoriser = _vectoriser(kind, tables[kind])
                vectoriser.idf_ = arrays[f"{kind}_idf"]
                self.vectorisers.append(vectoriser)
        return self

    def _ngrams(self, texts: Sequence[str]) -> Any:
        parts = [vectoriser.transform(texts) for vectoriser in self.vectorisers]
        return sp.hstack(parts).tocsr().astype(np.float32)

    def _centred(self, vectors: Floats) -> Floats:
        moved = vectors - self.centre
        norms = np.linalg.norm(moved, axis=1, keepdims=True)
        return (moved / np.maximum(norms, 1e-9)).astype(np.float32)

    def _soft(self, scores: Any) -> Floats:
        scaled = np.asarray(scores, dtype=np.float64) / self.temperature
        grown = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return (grown / grown.sum(axis=1, keepdims=True)).astype(np.float32)

    def _pulls(self, text: str, row: Any, used: Linear, best: int) -> list[float]:
        """Share every n-gram's part in the score among its characters."""
        pulls = np.zeros(len(text))
        offset = 0
        for kind, vectoriser in zip(KINDS, self.vectorisers, strict=True):
            spans: dict[int, list[tuple[int, int]]] = {}
            for start, end, term in _terms(kind, text):
                column = vectoriser.vocabulary_.get(term)
                if column is not None:
                    spans.setdefault(column + offset, []).append((start, end))
            for column, places in spans.items():
                line = used.weights[column]
                part = row[0, column] * (line[best] - line.mean()) / len(places)
                for start, end in places:
                    pulls[start:end] += part / (end - start)
            offset += len(vectoriser.vocabulary_)
        return [float(pull) for pull in pulls]


def _vectoriser(kind: str, vocabulary: dict[str, int] | None = None) -> Any:
    shared: dict[str, Any] = {
        "sublinear_tf": True,
        "dtype": np.float32,
        "vocabulary": vocabulary,
    }
    if kind == "char":
        return TfidfVectorizer(analyzer="char", ngram_range=(1, 4), **shared)
    return TfidfVectorizer(
        tokenizer=words, token_pattern=None, ngram_range=(1, 2), **shared
    )


def _terms(kind: str, text: str) -> list[tuple[int, int, str]]:
    """Return every n-gram of a text with its place."""
    low = text.lower()
    if len(low) != len(text):
        return []
    if kind == "char":
        return [
            (start, start + size, low[start : start + size])
            for size in range(1, 5)
            for start in range(len(low) - size + 1)
        ]
    found, place = [], 0
    cut = words(low)
    for index, word in enumerate(cut):
        found.append((place, place + len(word), word))
        if index + 1 < len(cut):
            after = cut[index + 1]
            end = place + len(word) + len(after)
            found.append((place, end, f"{word} {after}"))
        place += len(word)
    return found
