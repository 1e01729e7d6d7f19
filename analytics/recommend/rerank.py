"""Order a list anew: more of the catalogue, less of the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from analytics.recommend.interactions import Floats, Ints


def spread(listed: Ints, scores: Floats, popularity: Floats, size: int) -> Ints:
    """Return lists (n, size) out of candidates that show more of the catalogue.

    Users are served one after the other; of each one's candidates the last
    places go to what was shown least so far (Adomavicius & Kwon 2012, with a
    count of what was already shown instead of popularity alone). The first half
    of each list stays as it is: that is where accuracy lies.

    ``listed`` (n, candidates) best first, ``scores`` (n, candidates) their
    scores, ``popularity`` (items,) breaks ties towards the rarer.
    """
    kept = (size + 1) // 2
    out = np.empty((len(listed), size), np.int64)
    shown = np.zeros(len(popularity))
    np.add.at(shown, listed[:, :kept].ravel(), 1)
    scarce = popularity / (popularity.max() + 1)
    for row, (items, value) in enumerate(zip(listed, scores, strict=True)):
        head, tail = items[:kept], items[kept:]
        low = value[kept:].min()
        worth = (value[kept:] - low) / (value[kept] - low + 1e-9)
        need = 1 / (1 + shown[tail] + scarce[tail])
        picked = tail[np.argsort(-(need + 0.05 * worth), kind="stable")[: size - kept]]
        shown[picked] += 1
        out[row] = np.concatenate([head, picked])
    return out


def mixed(items: Ints, scores: Floats, groups: Any, size: int, most: int = 2) -> Ints:
    """Return one list of ``size`` with at most ``most`` of a group, while it lasts.

    ``items`` (candidates,) best first with ``scores``; ``groups`` (all items,).
    What is left over fills up when the groups do not suffice.
    """
    count: dict[Any, int] = {}
    first: list[int] = []
    rest: list[int] = []
    for item in items[np.argsort(-scores, kind="stable")]:
        group = groups[item]
        if count.get(group, 0) < most:
            count[group] = count.get(group, 0) + 1
            first.append(int(item))
        else:
            rest.append(int(item))
    return np.asarray((first + rest)[:size], np.int64)
