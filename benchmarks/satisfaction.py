"""Satisfaction guessed from help-desk dialogues: `python -m benchmarks.satisfaction`.

Ours beside ridge on TF-IDF in the same folds, against the annotators' mean.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import platform
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import pearsonr, spearmanr
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline

from analytics.satisfaction import SatisfactionModel, TalkText

DATA = Path(os.environ.get("AFTERCARE_BENCH_DATA", "../shared/data"))
FOLDS = 5


def read() -> tuple[list[TalkText], NDArray[np.float64], list[str]]:
    """Return the dialogues, their mean score, and a group of near-duplicates."""
    raw = gzip.decompress((DATA / "satisfaction/helpdesk.tsv.gz").read_bytes())
    csv.field_size_limit(10**7)
    rows = list(
        csv.DictReader(
            io.StringIO(raw.decode()), delimiter="\t", quoting=csv.QUOTE_NONE
        )
    )
    talks = []
    for row in rows:
        said = [part.split(": ", 1) for part in row["dialogue"].split(" || ")]
        talks.append(
            TalkText(tuple((p[0].strip() == "C", p[-1]) for p in said if p[-1]))
        )
    # A customer who posts the same complaint twice must not stand on both sides.
    groups = ["".join(talk.customer.split())[:20] for talk in talks]
    return talks, np.array([float(row["S_mean"]) for row in rows]), groups


def main() -> None:
    """Print the correlations of both, fold by fold."""
    talks, y, groups = read()
    text = [f"{talk.customer}\n{talk.service}" for talk in talks]
    ours, peer = np.zeros(len(y)), np.zeros(len(y))
    say = sys.stdout.write
    say(f"{platform.platform()} Python {platform.python_version()} n={len(y)}\n")
    for seen, held in GroupKFold(FOLDS).split(text, y, groups):
        model = SatisfactionModel().fit([talks[i] for i in seen], y[seen])
        ours[held] = model.predict([talks[i] for i in held])
        vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2)
        ridge = make_pipeline(vectors, Ridge(alpha=1.0))
        ridge.fit([text[i] for i in seen], y[seen])
        peer[held] = ridge.predict([text[i] for i in held])
        say(
            f"fold ours {pearsonr(ours[held], y[held])[0]:.3f}"
            f" ridge {pearsonr(peer[held], y[held])[0]:.3f}\n"
        )
    rng = np.random.default_rng(0)
    gaps = []
    for _ in range(1000):
        pick = rng.integers(0, len(y), len(y))
        gaps.append(pearsonr(ours[pick], y[pick])[0] - pearsonr(peer[pick], y[pick])[0])
    low, high = np.quantile(gaps, [0.025, 0.975])
    for name, guess in (("ours", ours), ("ridge on TF-IDF", peer)):
        rmse = float(np.sqrt(((guess - y) ** 2).mean()))
        say(
            f"{name}: Pearson {pearsonr(guess, y)[0]:.3f}"
            f" Spearman {spearmanr(guess, y)[0]:.3f} RMSE {rmse:.3f}\n"
        )
    say(f"Pearson, ours above the ridge by {low:.3f} to {high:.3f} (95 %)\n")


if __name__ == "__main__":
    main()
