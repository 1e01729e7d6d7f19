"""Unusual rows without labels: three detectors that err in different ways.

ECOD (Li et al. 2022) looks at tails by dimension, the isolation forest (Liu et
al. 2008) at combinations, kNN (Ramaswamy et al. 2000) at lonely places. No one
of them wins everywhere (ADBench, Han et al. 2022), so their ranks are averaged.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray
from pyod.models.ecod import ECOD
from pyod.models.iforest import IForest
from pyod.models.knn import KNN
from sklearn.base import BaseEstimator
from sklearn.preprocessing import RobustScaler
from sklearn.utils.validation import check_is_fitted

Floats = NDArray[np.float64]
ROWS = 20_000  # neighbours are searched among so many at most


class AnomalyEnsemble(BaseEstimator):  # type: ignore[misc]
    """Mean rank of ECOD, isolation forest and kNN, in 0 (usual) … 1."""

    def __init__(self, *, neighbours: int = 20, random_state: int = 0) -> None:
        self.neighbours = neighbours
        self.random_state = random_state

    def fit(self, rows: Floats) -> Self:
        """Fit on rows (n, features) of numbers, n >= 30."""
        if len(rows) < 30:
            raise ValueError("30 rows at least make a usual")
        self.scaler_ = RobustScaler().fit(rows)
        clean = self._clean(rows)
        if len(clean) > ROWS:
            rng = np.random.default_rng(self.random_state)
            clean = clean[rng.choice(len(clean), ROWS, replace=False)]
        near = min(self.neighbours, len(clean) - 1)
        self.detectors_ = (
            ECOD(n_jobs=1),
            IForest(random_state=self.random_state, n_jobs=1),
            KNN(n_neighbors=near, method="mean", n_jobs=1),
        )
        self.usual_ = []
        for detector in self.detectors_:
            detector.fit(clean)
            self.usual_.append(np.sort(detector.decision_scores_))
        self.median_ = np.median(clean, axis=0)
        self.sorted_ = np.sort(clean, axis=0)
        return self

    def _clean(self, rows: Floats) -> Floats:
        scaled = self.scaler_.transform(np.asarray(rows, float))
        return np.asarray(np.clip(np.nan_to_num(scaled), -50, 50), float)

    def score_samples(self, rows: Floats) -> Floats:
        """Return scores (n,); 0.99 means more unusual than 99 in 100 of the past."""
        check_is_fitted(self, "detectors_")
        clean = self._clean(rows)
        ranks = [
            np.searchsorted(usual, detector.decision_function(clean)) / (len(usual) + 1)
            for detector, usual in zip(self.detectors_, self.usual_, strict=True)
        ]
        return np.asarray(np.mean(ranks, axis=0))

    def contributions(self, row: Floats) -> Floats:
        """Return (features,): -log of the upper tail of each, as ECOD adds them.

        Only high values count: the features are built so that more is worse.
        """
        check_is_fitted(self, "detectors_")
        clean = self._clean(row[None, :])[0]
        size = len(self.sorted_)
        below = [np.searchsorted(self.sorted_[:, j], v) for j, v in enumerate(clean)]
        tail = (size - np.array(below) + 1) / (size + 1)
        return np.where(clean > self.median_, -np.log(tail), 0.0)
