"""Risk on insurance claims (a stand-in for abusive returns): 1996 is the test."""

from __future__ import annotations

import argparse
import os
import platform
import time
import warnings
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import pyod
import sklearn
from lightgbm import LGBMClassifier
from pyod.models.cblof import CBLOF
from pyod.models.copod import COPOD
from pyod.models.ecod import ECOD
from pyod.models.hbos import HBOS
from pyod.models.iforest import IForest
from pyod.models.knn import KNN
from pyod.models.loda import LODA
from pyod.models.lof import LOF
from pyod.models.mcd import MCD
from pyod.models.ocsvm import OCSVM
from pyod.models.pca import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, brier_score_loss
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

from analytics.risk import RiskModel

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("AFTERCARE_BENCH_DATA", ROOT.parent / "shared" / "data"))
DROPPED = ["PolicyNumber", "Training", "Year", "FraudFound_P"]
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def load(path: Path) -> pd.DataFrame:
    """Return claims by year and month, oldest first, without their numbers."""
    rows = pd.read_csv(path, encoding="utf-8-sig")
    rows["order"] = rows["Year"] * 12 + rows["Month"].map(MONTHS.index)
    rows = rows.sort_values(["order", "WeekOfMonth"], kind="stable")
    return rows.drop(columns="order").reset_index(drop=True)


def top(score: np.ndarray, truth: np.ndarray, share: float = 0.05) -> float:
    """Return the share of frauds among the highest-scored ``share``."""
    n = int(share * len(truth))
    return float(truth[np.argsort(-score, kind="stable")[:n]].mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tune", action="store_true", help="1994 fits, 1995 judges")
    asked = parser.parse_args()
    warnings.filterwarnings("ignore", message="Determinant")  # MCD on coded columns
    rows = load(asked.data / "fraud" / "vehicle_claims.csv.gz")
    if asked.tune:
        rows = rows[rows["Year"] < 1996]
    test_year = 1995 if asked.tune else 1996
    old, new = rows[rows["Year"] < test_year], rows[rows["Year"] == test_year]
    bad, truth = old["FraudFound_P"].to_numpy(), new["FraudFound_P"].to_numpy()
    x, z = old.drop(columns=DROPPED), new.drop(columns=DROPPED)
    print(
        platform.platform(), os.cpu_count(), "cores, Python", platform.python_version()
    )
    print(
        f"sklearn {sklearn.__version__}, lightgbm {lightgbm.__version__}, pyod "
        f"{pyod.__version__}, seed {asked.seed}; fit n {len(x)} ({bad.sum()} bad), "
        f"test n {len(z)} ({truth.sum()} bad, base {truth.mean():.4f})"
    )
    texts = [c for c in x if not pd.api.types.is_numeric_dtype(x[c])]
    coder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    a, b = x.copy(), z.copy()
    a[texts], b[texts] = coder.fit_transform(x[texts]), coder.transform(z[texts])
    a, b = a.astype(float).to_numpy(), b.astype(float).to_numpy()
    scale = StandardScaler().fit(a)
    seeded = {"random_state": asked.seed}
    for detector in (
        ECOD(), COPOD(), HBOS(), IForest(**seeded), KNN(), LOF(), PCA(), LODA(),
        CBLOF(**seeded), MCD(**seeded), OCSVM(),
    ):  # fmt: skip
        detector.fit(scale.transform(a))
        said = detector.decision_function(scale.transform(b))
        report(f"PyOD {type(detector).__name__}", said, truth)
    boosters = {
        "LightGBM": LGBMClassifier(verbosity=-1, n_jobs=1, **seeded),
        "LightGBM, classes weighted": LGBMClassifier(
            verbosity=-1, n_jobs=1, class_weight="balanced", **seeded
        ),
        "LightGBM, 100 slow small trees": LGBMClassifier(
            verbosity=-1, n_jobs=1, learning_rate=0.05, num_leaves=8, **seeded
        ),
        "HistGradientBoosting": HistGradientBoostingClassifier(**seeded),
        "HistGradientBoosting, small": HistGradientBoostingClassifier(
            learning_rate=0.05, max_leaf_nodes=8, **seeded
        ),
    }
    for name, model in boosters.items():
        report(name, model.fit(a, bad).predict_proba(b)[:, 1], truth)
    began = time.perf_counter()
    ours = RiskModel(random_state=asked.seed).fit(x, bad)
    took = time.perf_counter() - began
    said = ours.score(z)
    report("ours, learned", said, truth)
    weights = dict(zip(ours.members_, ours.weights_.round(2).tolist(), strict=True))
    print(f"  weights {weights}, fit {took:.0f} s")
    for name, member in ours.members_.items():
        report(f"  member {name}", member.predict_proba(ours._ready(z))[:, 1], truth)
    flat = np.full(len(truth), bad.mean())
    print(
        f"  Brier {brier_score_loss(truth, said):.4f} (base rate "
        f"{brier_score_loss(truth, flat):.4f}), mean score {said.mean():.4f}"
    )
    report("ours, no labels", RiskModel(random_state=asked.seed).fit(x).score(z), truth)


def report(name: str, score: np.ndarray, truth: np.ndarray) -> None:
    print(
        f"{name:34s} AP {average_precision_score(truth, score):.4f}  "
        f"precision in the top 5 % {top(score, truth):.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
