"""A tournament of classifiers: on our examples, and on the public classes alone.

`.venv-rasa/bin/python -m benchmarks.nlu_tournament [own|folds]`. "own": trained on
data/nlu, tested on the mapped public utterances. "folds": 5-fold cross-validation on
the public set's own 123 classes, so that the engine is judged apart from our
examples. Every candidate runs in a process of its own; memory is that process's peak.
"""

from __future__ import annotations

import argparse
import multiprocessing
import pickle
import resource
import time
from collections.abc import Callable
from typing import Any

import jieba
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import ComplementNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from benchmarks import nlu_data as data
from benchmarks.nlu_measures import macro_f1
from benchmarks.nlu_public import CACHE
from rasa_nlu.embedding import Embedder
from rasa_nlu.model import IntentModel
from rasa_nlu.ngrams import words
from rasa_nlu.normalise import normalise

SEED = 42
FOLDS = 5


def chars(model: Any) -> Any:
    """Return TF-IDF of characters 1-3 before a classifier."""
    return make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True), model
    )


def by_words(model: Any) -> Any:
    """Return TF-IDF of jieba words before a classifier."""
    return make_pipeline(
        TfidfVectorizer(tokenizer=words, token_pattern=None, sublinear_tf=True), model
    )


class Ours:
    """The product's model behind scikit-learn's fit and predict.

    Without a cache file nothing is remembered, so that times are honest.
    """

    def __init__(self, embeddings: bool, deep: bool = False, cached: bool = False):
        """Choose the stages: `deep` asks the embedding always, of all examples."""
        self._embedder = Embedder(CACHE if cached else None) if embeddings else None
        limits = {"gate": 2.0, "embedded": 10**6} if deep else {}
        self._model = IntentModel(None, **limits)

    def fit(self, texts: list[str], labels: list[str]) -> Ours:
        """Fit as the product does."""
        embedder = self._embedder
        self._model.embed = embedder.training if embedder else None
        self._model.fit(texts, labels)
        self._model.embed = embedder
        return self

    def predict(self, texts: list[str]) -> list[str]:
        """Return the best label of each text."""
        best = self._model.predict_proba(texts).argmax(axis=1)
        return [self._model.classes[i] for i in best]

    def size(self) -> int:
        """Return the bytes of what is kept."""
        self._model.embed = None
        return len(pickle.dumps(self._model))


def candidates() -> dict[str, Callable[[], Any]]:
    """Return how to make each candidate."""
    logistic = LogisticRegression(C=10, solver="liblinear", random_state=SEED)
    forest = RandomForestClassifier(200, random_state=SEED)
    return {
        "words + naive Bayes": lambda: by_words(MultinomialNB(alpha=0.1)),
        "words + logistic regression": lambda: by_words(logistic),
        "words + linear SVM": lambda: by_words(LinearSVC(random_state=SEED)),
        "words + decision tree": lambda: by_words(
            DecisionTreeClassifier(random_state=SEED)
        ),
        "words + random forest": lambda: by_words(forest),
        "chars + naive Bayes": lambda: chars(MultinomialNB(alpha=0.1)),
        "chars + complement Bayes": lambda: chars(ComplementNB(alpha=0.3)),
        "chars + logistic regression": lambda: chars(logistic),
        "chars + linear SVM": lambda: chars(LinearSVC(random_state=SEED)),
        "chars + decision tree": lambda: chars(
            DecisionTreeClassifier(random_state=SEED)
        ),
        "chars + random forest": lambda: chars(forest),
        "ours, fast stage only": lambda: Ours(False),
        "ours": lambda: Ours(True),
        "ours, embedding always": lambda: Ours(True, deep=True),
    }


def own(make: Callable[[], Any]) -> str:
    """Return one line: trained on our examples, tested on the public ones."""
    texts, intents = data.own_examples()
    texts = [normalise(text).text for text in texts]
    public = data.public_set()
    asked = [normalise(text).text or text for text in public.texts]
    model = make()
    jieba.initialize()
    start = time.perf_counter()
    model.fit(texts, intents)
    trained = time.perf_counter() - start
    found = [str(f) for f in model.predict(asked)]
    taken = []
    for text in asked[:400]:
        start = time.perf_counter()
        model.predict([text + " "])  # not one that was just remembered
        taken.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = model.size() if isinstance(model, Ours) else len(pickle.dumps(model))
    right = np.mean([f in s for f, s in zip(found, public.labels, strict=True)])
    p50, p95 = np.percentile(taken, [50, 95]) * 1000
    return (
        f"accuracy {right:.4f} macro-F1 {macro_f1(found, public.labels):.4f} "
        f"p50 {p50:.2f} p95 {p95:.2f} ms fit {trained:.1f} s "
        f"peak {peak:.0f} MB model {size / 1e6:.1f} MB"
    )


def folds(make: Callable[[], Any]) -> str:
    """Return one line: 5-fold cross-validation on the public classes."""
    texts, labels = data.public_fine()
    texts = [normalise(text).text or text for text in texts]
    found = np.empty(len(labels), dtype=object)
    names = np.array(labels, dtype=object)
    cut = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for train, test in cut.split(texts, labels):
        model = make()
        if isinstance(model, Ours) and model._embedder:
            model._embedder._cache = CACHE  # embeddings do not depend on the fold
        model.fit([texts[i] for i in train], [labels[i] for i in train])
        found[test] = model.predict([texts[i] for i in test])
    macro = f1_score(names.tolist(), found.tolist(), average="macro")
    return f"accuracy {np.mean(found == names):.4f} macro-F1 {macro:.4f}"


def run(task: str, name: str) -> None:
    """Run one candidate in this process and print its line."""
    line = {"own": own, "folds": folds}[task](candidates()[name])
    print(f"{name:28} {line}", flush=True)


def main() -> None:
    """Run all candidates of a task, each in a process of its own."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("task", choices=("own", "folds"))
    given = asked.parse_args()
    context = multiprocessing.get_context("spawn")
    for name in candidates():
        process = context.Process(target=run, args=(given.task, name))
        process.start()
        process.join()


if __name__ == "__main__":
    main()
