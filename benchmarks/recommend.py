"""Recommenders on MovieLens 100K: one global cut in time, full ranking.

    python -m benchmarks.recommend [--data FOLDER] [--large]

Settings of every model, ours and the peers', are chosen on the same four blocks
before the cut by NDCG@10 + Recall@20; the events after the cut are looked at
once. The peers need `implicit` (requirements/bench.in); `--ours` does without them.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy
from threadpoolctl import threadpool_limits

from analytics.recommend import (
    Ease,
    Interactions,
    ItemNeighbours,
    NextPurchase,
    Popularity,
    Segments,
    UserNeighbours,
    interactions,
    measures,
    top,
)
from analytics.recommend.hybrid import Hybrid, Mix
from analytics.recommend.rerank import spread
from analytics.recommend.tune import origins
from benchmarks.recommend_large import large

DATA = Path(os.environ.get("AFTERCARE_BENCH_DATA", "../shared/data"))
CUTS = (0.4, 0.5, 0.6, 0.7, 0.8)
Maker = Callable[[], Any]


class Peer:
    """A model of `implicit` behind the same two methods as ours."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def fit(self, data: Interactions) -> Peer:
        self.model.fit(data.taken, show_progress=False)
        return self

    def score_users(self, users: np.ndarray, history: Any) -> np.ndarray:
        if hasattr(self.model, "user_factors"):
            return np.asarray(
                self.model.user_factors[users] @ self.model.item_factors.T
            )
        return np.asarray((history @ self.model.similarity.T).toarray())


def scores(model: Any, users: np.ndarray, history: Any) -> np.ndarray:
    if isinstance(model, Peer):
        return model.score_users(users, history)
    return np.asarray(model.score(history))


def block(data: Interactions, begin: float, end: float) -> tuple[Any, ...]:
    """Return what came before, the known users of a block, what they took in it."""
    before, after = data.until(begin), data.since(begin).until(end)
    has = (np.diff(before.taken.indptr) > 0) & (np.diff(after.taken.indptr) > 0)
    users = np.flatnonzero(has)
    return before, users, after.taken[users]


def judge(make: Maker, parts: list[tuple[Any, ...]]) -> tuple[np.ndarray, np.ndarray]:
    gains, found = [], []
    for before, users, truth in parts:
        history = before.taken[users]
        listed = top(scores(make().fit(before), users, history), history, 20)
        gains.append(measures.ndcg(listed, truth, 10))
        found.append(measures.recall(listed, truth, 20))
    return np.concatenate(gains), np.concatenate(found)


def peers(seed: int) -> dict[str, list[tuple[str, Maker]]]:
    """Return the settings tried of each kind of peer."""
    from implicit.als import AlternatingLeastSquares
    from implicit.bpr import BayesianPersonalizedRanking
    from implicit.nearest_neighbours import (
        BM25Recommender,
        CosineRecommender,
        TFIDFRecommender,
    )

    def named(kind: Any, **settings: Any) -> tuple[str, Maker]:
        return str(settings), lambda: Peer(kind(**settings))

    als = [
        named(AlternatingLeastSquares, factors=f, regularization=r, alpha=a,
              iterations=15, random_state=seed)
        for f, r, a in itertools.product((8, 16, 32, 64), (0.1, 1.0, 10.0), (1, 5, 20))
    ]  # fmt: skip
    bpr = [
        named(BayesianPersonalizedRanking, factors=f, learning_rate=lr,
              regularization=r, iterations=100, random_state=seed)
        for f, lr, r in itertools.product((16, 32, 64), (0.01, 0.05), (0.01, 0.1))
    ]  # fmt: skip
    knn = [
        (f"{kind.__name__} {k}", lambda kind=kind, k=k: Peer(kind(K=k)))
        for kind in (CosineRecommender, TFIDFRecommender, BM25Recommender)
        for k in (20, 50, 100, 200, 500)
    ]
    return {
        "peer implicit ALS": als,
        "peer implicit BPR": bpr,
        "peer implicit item-kNN": knn,
    }


def grids(seed: int, alone: bool) -> dict[str, list[tuple[str, Maker]]]:
    """Return the settings tried of each kind of model."""
    ease = [
        (f"{r} {d}", lambda r=r, d=d: Ease(ridge=r, dropout=d))
        for r in (50.0, 100.0, 200.0, 400.0)
        for d in (0.0, 0.3, 0.5)
    ]
    mixes = [
        Mix(ridge=r, learned_days=h, recent_days=n, recent=w, rising=t, newcomer=c)
        for c in (0.0, 4.0)
        for r, h in ((30.0, 30.0), (100.0, 30.0), (100.0, 60.0), (200.0, 365.0))
        for n in (3.0, 7.0, 10.0)
        for w, t in ((0.75, 1.0), (1.0, 1.0), (2.0, 1.5))
    ]
    return {
        "peer popularity": [("all time", Popularity)],
        **({} if alone else peers(seed)),
        "ours EASE^R": ease,
        "ours item neighbours": [
            (str(k), lambda k=k: ItemNeighbours(most=k)) for k in (50, 200)
        ],
        "ours user neighbours": [
            (str(k), lambda k=k: UserNeighbours(most=k)) for k in (40, 80, 160)
        ],
        "ours k-means segments": [
            (str(k), lambda k=k: Segments(segments=k)) for k in (6, 12, 24)
        ],
        "ours Markov chain": [("default", NextPurchase)],
        "ours popularity of late": [
            (f"{d} days", lambda d=d: Popularity(half_life_days=d)) for d in (7, 30)
        ],
        "ours hybrid": [(str(m), lambda m=m: Hybrid(m)) for m in mixes],
    }


def best_of(grid: list[tuple[str, Maker]], parts: list[Any]) -> tuple[str, Maker]:
    if len(grid) == 1:
        return grid[0]
    values = []
    for _, make in grid:
        gain, found = judge(make, parts)
        values.append(gain.mean() + found.mean())
    return grid[int(np.argmax(values))]


def clock(act: Callable[[], Any], times: int = 5) -> float:
    """Return the median seconds of some calls."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return float(np.median(took))


def apart(ours: np.ndarray, theirs: np.ndarray) -> str:
    """Return the difference of means with a 95 % bootstrap interval over users."""
    rng = np.random.default_rng(0)
    gap = ours - theirs
    means = gap[rng.integers(0, len(gap), (4000, len(gap)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{gap.mean():+.4f} [{low:+.4f}, {high:+.4f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ours", action="store_true", help="without implicit")
    parser.add_argument("--large", action="store_true", help="100,000 x 10,000 only")
    asked = parser.parse_args()
    print(
        platform.platform(), os.cpu_count(), "cores, Python", platform.python_version()
    )
    print(
        f"numpy {np.__version__}, scipy {scipy.__version__}, implicit "
        f"{'not run' if asked.ours else metadata.version('implicit')}, "
        f"seed {asked.seed}, one thread"
    )
    with threadpool_limits(1):
        if asked.large:
            large(asked.seed)
        else:
            compare(asked.data / "movielens", asked.seed, asked.ours)


def compare(folder: Path, seed: int, alone: bool) -> None:
    events = pd.read_csv(folder / "ml-100k.inter", sep="\t")
    events.columns = pd.Index(["user", "item", "rating", "at"])
    data = interactions(events)
    parts = [block(data, *moments) for moments in origins(data, CUTS)]
    end = float(data.at[-1]) + 1
    last = block(data, origins(data, (0.8, 1.0))[0][0], end)
    before, users, truth = last
    history = before.taken[users]
    catalogue = int((before.taken.sum(axis=0) > 0).sum())
    shares = np.asarray(before.taken.mean(axis=0)).ravel()
    genres = pd.read_csv(folder / "ml-100k.item", sep="\t", index_col=0, dtype=str)
    first = genres.iloc[:, -1].fillna("").str.split().str[0].fillna("")
    kinds = pd.Categorical(first.set_axis(genres.index.astype(str)).reindex(data.items))
    print(
        f"choose on {sum(len(p[1]) for p in parts)} users of four blocks; test on "
        f"{len(users)} known users, {truth.nnz} events, catalogue {catalogue}"
    )
    head = "NDCG@10 Recall@20 MAP@20 coverage diversity novelty pop.bias fit_s ms/user"
    print(f"{'':26s}{head}")
    results = {}
    for name, grid in grids(seed, alone).items():
        chosen, make = best_of(grid, parts)
        model = make().fit(before)
        fit_s = clock(lambda make=make: make().fit(before), 3)
        listed = top(scores(model, users, history), history, 20)
        one = clock(
            lambda m=model: top(scores(m, users, history), history, 20)
        ) / len(users)  # fmt: skip
        gain, found = (
            measures.ndcg(listed, truth, 10),
            measures.recall(listed, truth, 20),
        )
        results[name] = (gain, found, model)
        precision = measures.average_precision(listed, truth, 20).mean()
        print(
            f"{name:26s}{gain.mean():.4f}  {found.mean():.4f}    {precision:.4f}  "
            f"{measures.coverage(listed, catalogue):.3f}    "
            f"{measures.diversity(listed, kinds.codes):.3f}     "
            f"{measures.novelty(listed, shares):.2f}    "
            f"{measures.popularity_bias(listed, shares, history):+.2f}    "
            f"{fit_s:.3f} {one * 1000:.3f}   {chosen}",
            flush=True,
        )
    others = [name for name in results if name.startswith("peer")]
    for place, measure in enumerate(("NDCG@10", "Recall@20")):
        best = max(others, key=lambda name: results[name][place].mean())
        ours = results["ours hybrid"][place]
        gap = apart(ours, results[best][place])
        ratio = ours.mean() / results[best][place].mean()
        print(f"{measure}: hybrid / {best} = {ratio:.3f}, difference {gap}")
    hybrid = results["ours hybrid"][2]
    wider(hybrid, last, catalogue)
    cold(hybrid, data, before, end)


def wider(model: Any, last: tuple[Any, ...], catalogue: int) -> None:
    """Print coverage and what it costs, over the lists of all known customers."""
    before, users, truth = last
    everyone = np.flatnonzero(np.diff(before.taken.indptr) > 0)
    score = model.score(before.taken[everyone])
    plain = top(score, before.taken[everyone], 100)
    value = np.take_along_axis(score, plain, 1)
    popularity = np.asarray(before.taken.sum(axis=0), np.float32).ravel()
    row = np.searchsorted(everyone, users)
    wide = spread(plain, value, popularity, 20)
    for name, listed in (("plain", plain[:, :20]), ("spread", wide)):
        mine = listed[row]
        print(
            f"{name:7s} lists of 20 for {len(everyone)} customers: coverage "
            f"{measures.coverage(listed, catalogue):.3f} (test users alone "
            f"{measures.coverage(mine, catalogue):.3f}), NDCG@10 "
            f"{measures.ndcg(mine, truth, 10).mean():.4f}, NDCG@20 "
            f"{measures.ndcg(mine, truth, 20).mean():.4f}, Recall@20 "
            f"{measures.recall(mine, truth, 20).mean():.4f}"
        )


def cold(model: Any, data: Interactions, before: Interactions, end: float) -> None:
    """Print customers nobody knew before the cut, after 0, 1, 3 and 10 events."""
    begin = origins(data, (0.8, 1.0))[0][0]
    after = data.since(begin).until(end)
    new = np.flatnonzero(
        (np.diff(before.taken.indptr) == 0) & (np.diff(after.taken.indptr) > 12)
    )
    base = Popularity().fit(before)
    for known in (0, 1, 3, 10):
        first, rest = split_first(after, new, known)
        out = {}
        for name, m in (("hybrid", model), ("popularity", base)):
            listed = top(m.score(first), first, 20)
            out[name] = (
                measures.ndcg(listed, rest, 10).mean(),
                measures.recall(listed, rest, 20).mean(),
            )
        a, b = out["hybrid"], out["popularity"]
        print(
            f"cold, {len(new)} new customers after {known} events: NDCG@10 {a[0]:.4f} "
            f"/ popularity {b[0]:.4f} = {a[0] / b[0]:.2f}; Recall@20 {a[1]:.4f} / "
            f"{b[1]:.4f} = {a[1] / b[1]:.2f}"
        )


def split_first(after: Interactions, users: np.ndarray, known: int) -> tuple[Any, Any]:
    """Return the first ``known`` events of users and the rest, as matrices."""
    place = pd.Series(after.user).groupby(after.user).cumcount().to_numpy()
    shape = after.taken.shape
    made = []
    for kept in (place < known, place >= known):
        one = np.ones(int(kept.sum()), np.float32)
        at = (after.user[kept], after.item[kept])
        made.append(scipy.sparse.csr_matrix((one, at), shape)[users])
    return made[0], made[1]


if __name__ == "__main__":
    main()
