"""Which intent a text has: a fast opinion, and a deeper one where that is unsure.

The fast opinion weighs character and word n-grams (TF-IDF) with logistic
regression. Where it is not sure, the scores of a second regression, over a sentence
embedding, are mixed in, calibrated by a temperature (Guo et al. 2017). Without an
embedder only the first is used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from rasa_nlu.ngrams import LONGEST_CHARS, Row, terms, tf_idf, words

Floats = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Floats]
KINDS = ("char", "word")
# An order or tracking number is one sign: what is asked stands beside it.
NUMBER = re.compile(r"[A-Za-z]{0,4}[0-9]{8,}")


def masked(text: str) -> tuple[str, list[int]]:
    """Return a text with every long number as one "#", and each sign's old length."""
    short, lengths, last = "", [], 0
    for found in NUMBER.finditer(text):
        lengths += [1] * (found.start() - last) + [len(found.group())]
        short += text[last : found.start()] + "#"
        last = found.end()
    return short + text[last:], lengths + [1] * (len(text) - last)


def longest(
    texts: Sequence[str], labels: Sequence[str], most: int, least: int = 20
) -> list[int]:
    """Return the places of the longest texts, `least` of every label among them.

    Long messages are what the deeper opinion is asked about; chosen so, half of the
    examples teach it as much as all of them (docs/decisions/understanding.md).
    """
    order = sorted(range(len(texts)), key=lambda place: (-len(texts[place]), place))
    seen: dict[str, int] = {}
    sure, rest = [], []
    for place in order:
        seen[labels[place]] = seen.get(labels[place], 0) + 1
        (sure if seen[labels[place]] <= least else rest).append(place)
    return sorted(sure + rest[: max(most - len(sure), 0)])


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
        weights = np.vstack([each.coef_[0] for each in found])
        bias = np.array([each.intercept_[0] for each in found])
        if len(found) == 1:  # two labels: one regression tells both
            weights, bias = np.vstack([-weights, weights]), np.append(-bias, bias)
        return cls(weights.T.astype(np.float32, "C"), bias.astype(np.float32))


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
        temperature: divides the mixed scores; mixing makes them too timid, so < 1.
        c: inverse strength of the ridge penalty.
        share: weight of the embedding's scores in the deeper opinion, 0 to 1.
        embedded: so many examples, the longest, are embedded for training (the part
            that costs time).
    """

    def __init__(
        self,
        embed: Embed | None = None,
        gate: float = 0.85,
        temperature: float = 0.7,
        c: float = 10.0,
        share: float = 0.4,
        embedded: int = 4000,
    ) -> None:
        """Keep the settings."""
        self.embed = embed
        self.gate = gate
        self.temperature = temperature
        self.c = c
        self.share = share
        self.embedded = embedded
        self.classes: list[str] = []

    def fit(self, texts: Sequence[str], intents: Sequence[str]) -> IntentModel:
        """Learn from examples; `texts` are normalised already."""
        texts = [masked(text)[0] for text in texts]
        self.vectorisers = [_vectoriser(kind) for kind in KINDS]
        for vectoriser in self.vectorisers:
            vectoriser.fit(texts)
        self._keep_idf()
        features = self._ngrams(texts)
        self.classes = sorted(set(intents))
        self.fast = Linear.fit(features, intents, self.c)
        self.deep: Linear | None = None
        if self.embed is not None:
            chosen = longest(texts, intents, self.embedded)
            vectors = self.embed([texts[i] for i in chosen])
            self.centre: Floats = vectors.mean(axis=0)
            labels = [intents[i] for i in chosen]
            self.deep = Linear.fit(self._centred(vectors), labels, self.c)
        return self

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Return probabilities (n, classes), columns as in `classes`."""
        texts = [masked(text)[0] for text in texts]
        features = self._ngrams(texts)
        scores = features @ self.fast.weights + self.fast.bias
        found = self._soft(scores)
        if self.deep is None or self.embed is None:
            return found
        unsure = np.flatnonzero(found.max(axis=1) < self.gate)
        if unsure.size:
            vectors = self._centred(self.embed([texts[i] for i in unsure]))
            found[unsure] = self._soft(self._mixed(scores[unsure], vectors)[0])
        return found

    def opinion(self, text: str, may_embed: bool = True) -> Opinion:
        """Return what the model thinks of one text, and why."""
        text, lengths = masked(text)
        row = self._row(text)
        scores = self._fast_scores(row)
        chances = self._soft(scores)[0]
        meant, share = np.zeros(len(self.classes), dtype=np.float32), 1.0
        ask = may_embed and chances.max() < self.gate
        deep = bool(ask and self.deep is not None and self.embed is not None)
        if deep:
            assert self.embed is not None
            vectors = self._centred(self.embed([text]))
            mixed, parts = self._mixed(scores, vectors)
            chances, meant, share = self._soft(mixed)[0], parts[0], 1 - self.share
        order = np.argsort(-chances)
        best = int(order[0])
        return Opinion(
            [(self.classes[i], float(chances[i])) for i in order],
            deep,
            [
                share * pull / length
                for pull, length in zip(
                    self._pulls(text, row, best), lengths, strict=True
                )
                for _ in range(length)
            ],
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
        self._keep_idf()
        return self

    def _keep_idf(self) -> None:
        # sklearn makes the array anew each time it is asked.
        self._idf: dict[str, list[float]] = {
            kind: [float(each) for each in vectoriser.idf_]
            for kind, vectoriser in zip(KINDS, self.vectorisers, strict=True)
        }

    def _ngrams(self, texts: Sequence[str]) -> Any:
        parts = [vectoriser.transform(texts) for vectoriser in self.vectorisers]
        return sp.hstack(parts).tocsr().astype(np.float32)

    def _row(self, text: str) -> Row:
        """Return what `_ngrams` says of one text, as column to value."""
        found: Row = {}
        offset = 0
        for kind, vectoriser in zip(KINDS, self.vectorisers, strict=True):
            values = tf_idf(kind, text, vectoriser.vocabulary_, self._idf[kind])
            found.update((column + offset, value) for column, value in values.items())
            offset += len(vectoriser.vocabulary_)
        return found

    def _fast_scores(self, row: Row) -> Floats:
        values = np.fromiter(row.values(), np.float32, len(row))
        scores = values @ self.fast.weights[list(row)] + self.fast.bias
        return np.asarray(scores[np.newaxis], dtype=np.float32)

    def _centred(self, vectors: Floats) -> Floats:
        moved = vectors - self.centre
        norms = np.linalg.norm(moved, axis=1, keepdims=True)
        return (moved / np.maximum(norms, 1e-9)).astype(np.float32)

    def _soft(self, scores: Any) -> Floats:
        scaled = np.asarray(scores, dtype=np.float64)
        grown = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return (grown / grown.sum(axis=1, keepdims=True)).astype(np.float32)

    def _mixed(self, scores: Any, vectors: Floats) -> tuple[Floats, Floats]:
        """Return the mixed scores and the embedding's part of them."""
        assert self.deep is not None
        part = self.share * (vectors @ self.deep.weights + self.deep.bias)
        mixed = (1 - self.share) * np.asarray(scores) + part
        return mixed / self.temperature, part

    def _pulls(self, text: str, row: Row, best: int) -> list[float]:
        """Share every n-gram's part in the score among its characters."""
        pulls = np.zeros(len(text))
        offset = 0
        for kind, vectoriser in zip(KINDS, self.vectorisers, strict=True):
            spans: dict[int, list[tuple[int, int]]] = {}
            for start, end, term in terms(kind, text):
                column = vectoriser.vocabulary_.get(term)
                if column is not None:
                    spans.setdefault(column + offset, []).append((start, end))
            for column, places in spans.items():
                line = self.fast.weights[column]
                part = row[column] * (line[best] - line.mean()) / len(places)
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
        return TfidfVectorizer(
            analyzer="char", ngram_range=(1, LONGEST_CHARS), **shared
        )
    return TfidfVectorizer(
        tokenizer=words, token_pattern=None, ngram_range=(1, 2), **shared
    )
