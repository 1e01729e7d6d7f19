"""How good a list is: accuracy, and what accuracy alone hides.

All take ``top`` (n, k): item codes of each user's list, best first; ``truth``
(n, items) sparse: what was taken later. Full ranking, no sampled negatives
(Krichene & Rendle 2020).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.recommend.interactions import Floats, Ints

Values = NDArray[np.float64]


def top(scores: Floats, seen: Any, size: int) -> Ints:
    """Return the best ``size`` items (n, size) by score, what is seen left out.

    ``seen`` (n, items) sparse, or None to leave nothing out (goods that are
    bought again). Ties go to the item named first.
    """
    ranked = np.array(scores, np.float32, copy=True)
    if seen is not None:
        ranked[seen.nonzero()] = -np.inf
    size = min(size, ranked.shape[1])
    kept = np.argpartition(-ranked, size - 1, axis=1)[:, :size]
    kept.sort(axis=1)
    order = np.argsort(-np.take_along_axis(ranked, kept, 1), axis=1, kind="stable")
    return np.asarray(np.take_along_axis(kept, order, 1), np.int64)


def hits(listed: Ints, truth: Any) -> Values:
    """Return (n, k): 1 where a listed item was taken."""
    return np.asarray(np.take_along_axis(truth.toarray() > 0, listed, 1), float)


def recall(listed: Ints, truth: Any, size: int) -> Values:
    """Return Recall@size (n,): the found share of what was taken."""
    taken = np.maximum(np.diff(truth.indptr), 1)
    return np.asarray(hits(listed[:, :size], truth).sum(axis=1) / taken)


def ndcg(listed: Ints, truth: Any, size: int) -> Values:
    """Return NDCG@size (n,) with gains of one (Järvelin & Kekäläinen 2002)."""
    discount = 1 / np.log2(np.arange(2, size + 2))
    found = hits(listed[:, :size], truth)
    gained = found @ discount[: found.shape[1]]
    most = np.cumsum(discount)
    best = most[np.clip(np.diff(truth.indptr), 1, size) - 1]
    return np.asarray(gained / best)


def average_precision(listed: Ints, truth: Any, size: int) -> Values:
    """Return AP@size (n,); its mean over users is MAP."""
    found = hits(listed[:, :size], truth)
    so_far = np.cumsum(found, axis=1) / np.arange(1, found.shape[1] + 1)
    taken = np.clip(np.diff(truth.indptr), 1, size)
    return np.asarray((so_far * found).sum(axis=1) / taken)


def coverage(listed: Ints, items: int) -> float:
    """Return the share of ``items`` that stand in at least one list."""
    return len(np.unique(listed)) / max(items, 1)


def novelty(listed: Ints, popularity: Values) -> float:
    """Return the mean self-information, in bits, of listed items.

    ``popularity`` (items,) is the share of users who took each.
    """
    return float(-np.log2(np.maximum(popularity[listed], 1e-6)).mean())


def popularity_bias(listed: Ints, popularity: Values, histories: Any) -> float:
    """Return how much more popular lists are than the users' own histories.

    0 = as popular as what they chose themselves, 1 = twice as popular
    (Abdollahpouri et al. 2019, "average popularity lift").
    """
    own = np.asarray(histories @ popularity).ravel()
    own = own / np.maximum(np.diff(histories.indptr), 1)
    shown = popularity[listed].mean(axis=1)
    known = own > 0
    return float((shown[known].mean() - own[known].mean()) / own[known].mean())


def diversity(listed: Ints, groups: Any) -> float:
    """Return the mean share of pairs in a list that are of different groups.

    ``groups`` (items,) is one code an item, for example its category.
    """
    code = np.asarray(groups)[listed]
    size = code.shape[1]
    if size < 2:
        return 0.0
    same = (code[:, :, None] == code[:, None, :]).sum(axis=(1, 2)) - size
    return float(1 - (same / (size * (size - 1))).mean())
