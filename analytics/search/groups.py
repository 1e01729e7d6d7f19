"""Questions that ask the same, put together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import NearestNeighbors

from analytics.search.terms import ngrams

ALIKE = 0.25
NEIGHBOURS = 20


def groups(
    texts: Sequence[str], *, alike: float = ALIKE, least: int = 2
) -> list[list[int]]:
    """Return groups of indices of texts that are alike, the largest first.

    Two texts are alike when the cosine of their n-grams is at least `alike`;
    a group is a connected part of the graph of mutual neighbours, so that one
    vague text cannot join two matters. In each group the most central comes first.
    """
    if len(texts) < least:
        return []
    rows = TfidfVectorizer(analyzer=ngrams, sublinear_tf=True).fit_transform(texts)
    near = NearestNeighbors(metric="cosine")
    near.fit(rows)
    count = min(NEIGHBOURS, len(texts))
    distances, found = near.kneighbors(rows, n_neighbors=count)
    close = distances <= 1 - alike
    source = np.repeat(np.arange(len(texts)), count)[close.ravel()]
    target = found.ravel()[close.ravel()]
    ones = np.ones(len(source))
    graph = csr_matrix((ones, (source, target)), shape=(len(texts), len(texts)))
    mutual = graph.minimum(graph.T)
    _, labels = connected_components(mutual, directed=False)
    made = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if len(members) >= least:
            similar = np.asarray((rows[members] @ rows[members].T).sum(axis=1)).ravel()
            made.append([int(members[n]) for n in np.argsort(-similar, kind="stable")])
    return sorted(made, key=lambda group: (-len(group), group[0]))
