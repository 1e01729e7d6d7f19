"""A risk score with its reasons: unsupervised until inspected cases teach more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_transformer
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.utils.validation import check_is_fitted

from analytics.risk.anomaly import AnomalyEnsemble

Floats = NDArray[np.float64]
Basis = Literal["unusual", "learned"]
FEWEST_BAD = 20  # confirmed cases before labels are believed
FEWEST_RARE = 10  # a category seen less often is put with the other rare ones
BLOCKS = 5
GRID = np.linspace(0, 1, 6)


@dataclass(frozen=True, slots=True)
class RiskNote:
    """For a person to read: ``score`` 0…1, and feature names that raised it.

    With basis ``learned`` the score is a calibrated probability, with ``unusual``
    the share of the past that was more usual. There is no verdict.
    """

    score: float
    basis: Basis
    reasons: tuple[tuple[str, float], ...]


class RiskModel(BaseEstimator):  # type: ignore[misc]
    """Rows of features to a score in 0…1.

    Without labels: ``AnomalyEnsemble``. With at least ``FEWEST_BAD`` confirmed
    cases: two boostings and extra trees, weighted and calibrated
    (Platt 1999) by what each said of blocks it had not seen; rows oldest first.
    """

    def __init__(self, *, random_state: int = 0, trees: int = 200) -> None:
        self.random_state = random_state
        self.trees = trees

    def fit(self, rows: pd.DataFrame, bad: Sequence[float] | None = None) -> Self:
        """Fit on rows (n, features), oldest first, and labels 1 / 0 / NaN = unseen."""
        self.columns_ = list(rows.columns)
        self.texts_ = [c for c in rows if not pd.api.types.is_numeric_dtype(rows[c])]
        self.numbers_ = [c for c in self.columns_ if c not in self.texts_]
        table = self._ready(rows)
        self.codes_ = self._ordinal().fit(table)
        self.anomaly_ = AnomalyEnsemble(random_state=self.random_state)
        self.anomaly_.fit(self._coded(table))
        labels = np.full(len(rows), np.nan) if bad is None else np.asarray(bad, float)
        known = ~np.isnan(labels)
        self.basis_: Basis = "unusual"
        if labels[known].sum() >= FEWEST_BAD and (labels[known] == 0).any():
            self._learn(table[known], labels[known].astype(int))
            self.basis_ = "learned"
        return self

    def _ready(self, rows: pd.DataFrame) -> pd.DataFrame:
        table = rows[self.columns_].copy()
        table[self.texts_] = table[self.texts_].astype(str)
        table[self.numbers_] = table[self.numbers_].astype(float).fillna(0.0)
        return table.reset_index(drop=True)

    def _ordinal(self) -> Any:
        coder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
        return make_column_transformer(
            (coder, self.texts_), ("passthrough", self.numbers_)
        )

    def _coded(self, table: pd.DataFrame) -> Floats:
        return np.asarray(self.codes_.transform(table), float)

    def _names(self) -> list[str]:
        return [*self.texts_, *self.numbers_]

    def _members(self) -> dict[str, Pipeline]:
        seed = self.random_state
        onehot = OneHotEncoder(
            handle_unknown="infrequent_if_exist", min_frequency=FEWEST_RARE
        )
        spread = make_column_transformer(
            (onehot, self.texts_), (StandardScaler(), self.numbers_)
        )
        settings: dict[str, Any] = {"random_state": seed, "n_jobs": 1}
        boosted = LGBMClassifier(
            n_estimators=200,
            learning_rate=0.03,
            num_leaves=16,
            min_child_samples=10,
            subsample=0.7,
            subsample_freq=1,
            verbosity=-1,
            **settings,
        )
        sparse = LGBMClassifier(
            n_estimators=150,
            learning_rate=0.05,
            num_leaves=12,
            colsample_bytree=0.5,
            verbosity=-1,
            **settings,
        )
        forest = ExtraTreesClassifier(
            n_estimators=self.trees, min_samples_leaf=2, max_features=0.5, **settings
        )
        return {
            "boosting": make_pipeline(self._ordinal(), boosted),
            "boosting_by_value": make_pipeline(spread, sparse),
            "forest": make_pipeline(self._ordinal(), forest),
        }

    def _learn(self, table: pd.DataFrame, labels: NDArray[np.int64]) -> None:
        # Blocks in order of time: a case is never judged by its own neighbours.
        blocks = StratifiedKFold(BLOCKS)
        logits = np.zeros((len(table), len(self._members())))
        for seen, held in blocks.split(table, labels):
            for place, member in enumerate(self._members().values()):
                member.fit(table.iloc[seen], labels[seen])
                logits[held, place] = _logit(member, table.iloc[held])
        self.weights_ = _best_weights(logits, labels)
        platt = LogisticRegression(C=1e4)
        self.platt_ = platt.fit((logits @ self.weights_)[:, None], labels)
        self.members_ = {
            name: m.fit(table, labels) for name, m in self._members().items()
        }

    def score(self, rows: pd.DataFrame) -> Floats:
        """Return scores (n,) in 0…1; higher is worth a look sooner."""
        check_is_fitted(self, "basis_")
        table = self._ready(rows)
        if self.basis_ == "unusual":
            return self.anomaly_.score_samples(self._coded(table))
        logits = [_logit(m, table) for m in self.members_.values()]
        blend = np.column_stack(logits) @ self.weights_
        slope, offset = self.platt_.coef_[0, 0], self.platt_.intercept_[0]
        return np.asarray(expit(max(slope, 1e-3) * blend + offset))

    def reasons(self, row: pd.DataFrame, top: int = 3) -> tuple[tuple[str, float], ...]:
        """Return up to ``top`` features of one row that raised its score.

        Log-odds from the boosting part if learned, else -log of the tail.
        """
        check_is_fitted(self, "basis_")
        coded = self._coded(self._ready(row))
        if self.basis_ == "unusual":
            parts = self.anomaly_.contributions(coded[0])
        else:
            booster = self.members_["boosting"][-1].booster_
            ready = self.members_["boosting"][:-1].transform(self._ready(row))
            parts = booster.predict(ready, pred_contrib=True)[0][:-1]
        order = np.argsort(-parts)[:top]
        names = self._names()
        return tuple((names[i], float(parts[i])) for i in order if parts[i] > 0)

    def assess(self, row: pd.DataFrame) -> RiskNote:
        """Return the note on one row (a frame of length 1)."""
        return RiskNote(float(self.score(row)[0]), self.basis_, self.reasons(row))


def _logit(member: Pipeline, table: pd.DataFrame) -> Floats:
    chance = member.predict_proba(table)[:, 1]
    return np.asarray(logit(np.clip(chance, 1e-4, 1 - 1e-4)))


def _best_weights(logits: Floats, labels: NDArray[np.int64]) -> Floats:
    """Return weights on a grid of the simplex, the best of average precision.

    The result is drawn half-way to equal weights: confirmed cases are few, and
    the best of many tries flatters itself.
    """
    tried = [
        np.array([a, b, 1 - a - b]) for a in GRID for b in GRID if a + b <= 1 + 1e-9
    ]
    best = max(tried, key=lambda w: average_precision_score(labels, logits @ w))
    return np.asarray((best + 1 / len(best)) / 2)
