"""Clusters of short questions: character TF-IDF, LSA, k-means, c-TF-IDF names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jieba
import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import normalize

Ints = NDArray[np.int64]
SURE = 0.01
FEWEST_NEW = 3


@dataclass(frozen=True, slots=True)
class Topic:
    """A cluster: its words, the rows in it, the three nearest its middle first.

    ``share`` is of the rows asked about; ``p`` that it is no more frequent than
    before (1 where nothing is compared).
    """

    words: tuple[str, ...]
    rows: tuple[int, ...]
    examples: tuple[str, ...]
    share: float
    p: float = 1.0


def topics(texts: Sequence[str], count: int = 12, random_state: int = 0) -> list[Topic]:
    """Return up to ``count`` topics of ``texts``, the largest first."""
    if len(texts) < 2 * count:
        count = max(len(texts) // 2, 1)
    if not texts:
        return []
    space, labels = _cluster(texts, count, random_state)
    return _named(texts, space, labels, list(range(len(texts))))


def new_topics(
    before: Sequence[str], now: Sequence[str], count: int = 12, random_state: int = 0
) -> list[Topic]:
    """Return the topics clearly more frequent in ``now`` than ``before``.

    A one-sided binomial test against the earlier share, with half a case added
    and Bonferroni's correction for so many topics. ``rows`` index ``now``.
    """
    if not now:
        return []
    texts = [*before, *now]
    count = max(min(count, len(texts) // 2), 1)
    space, labels = _cluster(texts, count, random_state)
    old, new = labels[: len(before)], labels[len(before) :]
    found = []
    for topic in _named(list(now), space[len(before) :], new, list(range(len(now)))):
        label = int(new[topic.rows[0]])
        usual = ((old == label).sum() + 0.5) / (len(before) + 1)
        p = binomtest(len(topic.rows), len(now), min(usual, 1.0), "greater").pvalue
        if len(topic.rows) >= FEWEST_NEW and p * count < SURE:
            found.append(
                Topic(topic.words, topic.rows, topic.examples, topic.share, float(p))
            )
    return sorted(found, key=lambda topic: topic.p)


def _cluster(
    texts: Sequence[str], count: int, random_state: int
) -> tuple[NDArray[np.float64], Ints]:
    matrix = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 3), sublinear_tf=True
    ).fit_transform(texts)
    size = min(100, min(matrix.shape) - 1)
    if size >= 2:
        svd = TruncatedSVD(size, random_state=random_state)
        space = normalize(svd.fit_transform(matrix))
    else:
        space = matrix.toarray()
    means = KMeans(count, n_init=5, random_state=random_state)
    return np.asarray(space), np.asarray(means.fit_predict(space))


def _named(
    texts: Sequence[str], space: NDArray[np.float64], labels: Ints, rows: list[int]
) -> list[Topic]:
    kinds = [int(kind) for kind in np.unique(labels)]
    joined = [
        " ".join(
            word
            for i in np.flatnonzero(labels == kind)
            for word in jieba.cut(texts[int(i)])
            if len(word) > 1
        )
        or "-"
        for kind in kinds
    ]
    counter = CountVectorizer(token_pattern=r"\S+")
    counts = counter.fit_transform(joined).toarray().astype(float)
    # c-TF-IDF (Grootendorst 2022): a word counts by how much it is this topic's.
    weight = counts * np.log1p(counts.sum() / counts.sum(axis=0)) / len(kinds)
    names = counter.get_feature_names_out()
    found = []
    for place, kind in enumerate(kinds):
        members = np.flatnonzero(labels == kind)
        middle = space[members].mean(axis=0)
        near = members[np.argsort(-(space[members] @ middle))]
        best = [j for j in np.argsort(-weight[place])[:4] if weight[place, j] > 0]
        found.append(
            Topic(
                tuple(str(names[j]) for j in best),
                tuple(rows[i] for i in near),
                tuple(dict.fromkeys(texts[i] for i in near))[:3],
                len(members) / len(labels),
            )
        )
    return sorted(found, key=lambda topic: -len(topic.rows))
