"""Choose a hybrid's settings by rolling origins, before the last block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from analytics.recommend.hybrid import Hybrid, Mix
from analytics.recommend.interactions import Interactions
from analytics.recommend.measures import ndcg, recall, top
from analytics.recommend.popularity import Popularity


@dataclass(frozen=True, slots=True)
class Trial:
    """How well one mix did over the origins: means over users of all origins."""

    mix: Mix
    ndcg: float
    recall: float
    users: int


def origins(data: Interactions, cuts: Sequence[float]) -> list[tuple[float, float]]:
    """Return (begin, end) moments of test blocks from shares of the events."""
    last = len(data.at) - 1
    at = [float(data.at[min(int(cut * len(data.at)), last)]) for cut in cuts]
    return list(zip(at[:-1], at[1:], strict=True))


def popularity_trial(
    data: Interactions,
    cuts: Sequence[float] = (0.6, 0.7, 0.8, 0.9, 1.0),
    *,
    again: bool = False,
) -> Trial:
    """Return the same measure for mere popularity, the least to be reached."""
    return _tried(data, origins(data, cuts), Mix(), Popularity().fit, again)


def try_mix(
    data: Interactions,
    mix: Mix,
    blocks: Sequence[tuple[float, float]],
    goods: pd.DataFrame | None = None,
    *,
    again: bool = False,
) -> Trial:
    """Return how well a mix foretells each block from what came before it.

    Users with no event before a block are left out. ``again`` keeps what a user
    already has in the lists, for shops whose goods are bought again.
    """
    return _tried(data, blocks, mix, lambda d: Hybrid(mix).fit(d, goods), again)


def _tried(
    data: Interactions,
    blocks: Sequence[tuple[float, float]],
    mix: Mix,
    fit: Callable[[Interactions], Any],
    again: bool,
) -> Trial:
    gains, found = [np.zeros(0)], [np.zeros(0)]
    for begin, end in blocks:
        before, after = data.until(begin), data.since(begin).until(end)
        if not len(before.at):
            continue
        has = (np.diff(before.taken.indptr) > 0) & (np.diff(after.taken.indptr) > 0)
        users = np.flatnonzero(has)
        if not len(users):
            continue
        history, truth = before.taken[users], after.taken[users]
        scores = fit(before).score(history)
        listed = top(scores, None if again else history, 20)
        gains.append(ndcg(listed, truth, 10))
        found.append(recall(listed, truth, 20))
    gained, kept = np.concatenate(gains), np.concatenate(found)
    if not len(gained):
        return Trial(mix, 0.0, 0.0, 0)
    return Trial(mix, float(gained.mean()), float(kept.mean()), len(gained))


def choose(
    data: Interactions,
    goods: pd.DataFrame | None = None,
    *,
    mixes: Sequence[Mix] = (),
    cuts: Sequence[float] = (0.6, 0.7, 0.8, 0.9, 1.0),
    again: bool = False,
) -> list[Trial]:
    """Return the trials of the mixes, best first by NDCG@10 + Recall@20."""
    blocks = origins(data, cuts)
    trials = [
        try_mix(data, mix, blocks, goods, again=again) for mix in mixes or usual_mixes()
    ]
    return sorted(trials, key=lambda t: -(t.ndcg + t.recall))


def usual_mixes(*, goods: bool = False) -> list[Mix]:
    """Return a small grid: how fast tastes age, and how much the season says."""
    found = []
    for days in (30.0, 120.0, 720.0):
        for season in (0.0, 0.5, 1.5):
            mix = Mix(
                ridge=30.0 if days < 100 else 60.0,
                learned_days=days,
                recent_days=max(days / 3, 10.0),
                rising_days=max(days / 4, 7.0),
                usual_days=days * 4,
                recent=season,
                rising=season * 0.75,
            )
            found.append(mix)
            if season:
                found.append(replace(mix, newcomer=4.0))
            if goods:
                found.append(replace(mix, content=0.3, chain=0.3))
    return found
