"""Reviews of ten kinds of goods, and our own labelled service turns.

The split keeps near-duplicates (MinHash over three-character pieces) on one side.
Peers in the same run: TF-IDF of characters 1-3 with logistic regression, and
SnowNLP where it is installed (its training text holds part of the test reviews).
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import os
import platform
import random
import re
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import sklearn
import yaml
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline

from analytics.sentiment import load_default
from analytics.sentiment.model import NEGATIVE, normalise, packaged_messages
from analytics.sentiment.polarity import PolarityModel

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("AFTERCARE_BENCH_DATA", ROOT.parent / "shared" / "data"))
SNOW_ROWS = 1000


def load(path: Path) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return texts, labels and categories, each text once."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines][1:]
    once = {normalise(row[2]): (int(row[1]), row[0]) for row in rows if row[2].strip()}
    labels, kinds = zip(*once.values(), strict=True)
    return list(once), np.array(labels), np.array(kinds)


def groups(texts: list[str]) -> np.ndarray:
    """Return a group for each text; near-duplicates share one."""
    parent = list(range(len(texts)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    odd = np.random.default_rng(0).integers(1, 2**61, 24, dtype=np.uint64)
    odd |= np.uint64(1)
    first: dict[tuple[int, ...], int] = {}
    for i, text in enumerate(texts):
        plain = re.sub(r"\W", "", text) or text
        cut = {plain[k : k + 3] for k in range(max(1, len(plain) - 2))}
        hashed = np.array([zlib.crc32(c.encode()) for c in cut], dtype=np.uint64)
        least = ((hashed[:, None] * odd) >> np.uint64(20)).min(axis=0)
        for band in range(8):
            key = (band, *least[band * 3 : band * 3 + 3].tolist())
            parent[root(i)] = root(first.setdefault(key, i))
    return np.array([root(i) for i in range(len(texts))])


def peer() -> object:
    """Return the peer: TF-IDF of characters 1-3, logistic regression, C 8."""
    words = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2
    )
    return make_pipeline(words, LogisticRegression(C=8, max_iter=300))


def ece(shares: np.ndarray, truth: np.ndarray, bins: int = 15) -> float:
    """Return the expected calibration error of P(good), equal-width bins."""
    place = np.minimum((shares * bins).astype(int), bins - 1)
    gaps = [
        abs(shares[place == b].mean() - truth[place == b].mean()) * (place == b).sum()
        for b in range(bins)
        if (place == b).any()
    ]
    return float(sum(gaps) / len(truth))


def pick(texts: list[str], chosen: np.ndarray) -> list[str]:
    return [texts[i] for i in np.flatnonzero(chosen)]


def reviews(path: Path, seeds: int, full: bool) -> None:
    texts, labels, kinds = load(path)
    group = groups(texts)
    print(f"reviews: {len(texts)} texts, {len(set(group))} groups")
    for seed in range(seeds):
        names = sorted(set(group))
        random.Random(seed).shuffle(names)
        test = np.isin(group, names[: len(names) // 5])
        seen, held = pick(texts, ~test), pick(texts, test)
        other = peer().fit(seen, labels[~test])
        ours = PolarityModel().fit(seen, labels[~test])
        shares = ours.predict_proba(held)[:, 1]
        line = f"seed {seed}: n {len(held)} ours {score(ours, held, labels[test]):.4f}"
        line += f" peer {score(other, held, labels[test]):.4f}"
        line += f" ECE ours {ece(shares, labels[test]):.4f}"
        line += f" peer {ece(other.predict_proba(held)[:, 1], labels[test]):.4f}"
        print(line, flush=True)
        if seed == 0:
            speed(ours, other, held)
            snow(held, labels[test])
    if full:
        left_out(texts, labels, kinds)


def score(model: object, texts: list[str], truth: np.ndarray) -> float:
    return float((model.predict(texts) == truth).mean())


def speed(ours: PolarityModel, other: object, held: list[str]) -> None:
    for name, model in (("ours", ours), ("peer", other)):
        many = best(lambda model=model: model.predict_proba(held)) / len(held)
        one = best(lambda model=model: [model.predict_proba([t]) for t in held[:200]])
        print(f"  {name}: {1 / many:.0f} texts/s, one text {one / 200 * 1000:.2f} ms")


def best(work: Callable[[], object]) -> float:
    took = []
    for _ in range(3):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return min(took)


def snow(held: list[str], truth: np.ndarray) -> None:
    if importlib.util.find_spec("snownlp") is None:
        print("  SnowNLP: not installed, not run")
        return
    from snownlp import SnowNLP

    said = [SnowNLP(text).sentiments > 0.5 for text in held[:SNOW_ROWS]]
    print(
        f"  SnowNLP: {np.mean(np.array(said) == truth[:SNOW_ROWS]):.4f} (contaminated)"
    )


def left_out(texts: list[str], labels: np.ndarray, kinds: np.ndarray) -> None:
    found = []
    for kind in np.unique(kinds):
        test = kinds == kind
        seen, held = pick(texts, ~test), pick(texts, test)
        pair = [
            score(m.fit(seen, labels[~test]), held, labels[test])
            for m in (PolarityModel(), peer())
        ]
        found.append(pair)
        print(f"without {kind}: ours {pair[0]:.4f} peer {pair[1]:.4f}", flush=True)
    mean = np.mean(found, axis=0)
    print(f"mean: ours {mean[0]:.4f} peer {mean[1]:.4f}")


def turns() -> None:
    """Three-way polarity and urgency on our own labelled service turns."""
    table = yaml.safe_load((ROOT / "benchmarks" / "sentiment.yml").read_text("utf-8"))
    learned, taught = packaged_messages()
    known = {normalise(text) for text in learned}
    pairs = [
        (text, name)
        for name, texts in table.items()
        for text in texts
        if normalise(text) not in known
    ]
    texts, names = [t for t, _ in pairs], [n for _, n in pairs]
    print(f"service turns: n {len(texts)}, none of them in the training sentences")
    other = peer().set_params(tfidfvectorizer__min_df=1).fit(learned, taught)
    said = [load_default().predict(text).emotion for text in texts]
    for who, found in (("ours", said), ("peer", other.predict(texts).tolist())):
        three = f1_score(polar(names), polar(found), average="macro")
        urgent = f1_score(
            [n == "urgency" for n in names], [n == "urgency" for n in found]
        )
        kind = f1_score(names, found, average="macro")
        print(
            f"  {who}: 3-way F1 {three:.3f}, urgency F1 {urgent:.3f},"
            f" kind F1 {kind:.3f}"
        )


def polar(names: list[str]) -> list[str]:
    return [
        "bad" if n in NEGATIVE else "good" if n == "thanks" else "plain" for n in names
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="no left-out categories")
    asked = parser.parse_args()
    print(platform.platform(), os.cpu_count(), "cores, Python", end=" ")
    print(platform.python_version(), "sklearn", sklearn.__version__)
    turns()
    reviews(
        asked.data / "sentiment" / "online_shopping.tsv.gz",
        asked.seeds,
        not asked.quick,
    )


if __name__ == "__main__":
    main()
