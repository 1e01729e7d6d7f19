"""What people found faulty in the service's words, learned from their verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted

Floats = NDArray[np.float64]
FEWEST_VERDICTS, FEWEST_FAULTS = 40, 10


class ReviewModel(BaseEstimator):  # type: ignore[misc]
    """What people found faulty, learned from the service's words."""

    def __init__(self, *, strength: float = 10.0) -> None:
        self.strength = strength

    def fit(self, texts: Sequence[str], faulty: Sequence[bool]) -> Self:
        """Fit on what the service said (n,) and people's verdicts (n,).

        Raises:
            ValueError: too few verdicts of either kind.
        """
        bad = int(np.sum(faulty))
        if len(texts) < FEWEST_VERDICTS or not FEWEST_FAULTS <= bad < len(texts):
            raise ValueError("too few verdicts to learn from")
        grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
        judge = LogisticRegression(
            C=self.strength, class_weight="balanced", max_iter=500
        )
        self.pipe_ = make_pipeline(grams, judge).fit(list(texts), list(faulty))
        return self

    def risk(self, texts: Sequence[str]) -> Floats:
        """Return risks (n,) in 0…1."""
        check_is_fitted(self, "pipe_")
        return np.asarray(self.pipe_.predict_proba(list(texts))[:, 1])
