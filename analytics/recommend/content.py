"""What goods are alike by what they are: words of the title, category, price.

It needs no history of an item, so it serves new goods (jieba words, TF-IDF:
Salton & Buckley 1988), and no history of a customer beyond one thing looked at.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Self

import jieba
import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize
from sklearn.utils.validation import check_is_fitted

from analytics.recommend.interactions import Floats

jieba.setLogLevel(logging.WARNING)
PRICE_STEPS = 12  # soft price places, evenly spaced on the log scale


class Content(BaseEstimator):  # type: ignore[misc]
    """Scores = alikeness of each item to what a history holds.

    Parameters: the weights of title words, categories and price.
    """

    def __init__(
        self, *, words: float = 1.0, groups: float = 1.0, price: float = 0.5
    ) -> None:
        self.words = words
        self.groups = groups
        self.price = price

    def fit(self, goods: pd.DataFrame) -> Self:
        """Fit on goods, indexed by item, with columns title, category, price.

        ``category`` may name several, apart by spaces; ``price`` NaN = unknown.

        Raises:
            ValueError: a column is missing, or there are no goods.
        """
        missing = {"title", "category", "price"} - set(goods.columns)
        if missing or goods.empty:
            raise ValueError(f"goods with title, category, price; missing {missing}")
        self.items_ = tuple(str(name) for name in goods.index)
        blocks = [
            self.words * _tfidf(goods["title"], jieba.lcut),
            self.groups * _tfidf(goods["category"], str.split),
            self.price * _price_places(goods["price"]),
        ]
        self.vectors_ = normalize(sp.hstack(blocks)).tocsr().astype(np.float32)
        return self

    def score(self, history: Any) -> Floats:
        """Return scores (n, items) of histories (n, items), sparse."""
        check_is_fitted(self, "vectors_")
        profile = normalize(history @ self.vectors_)
        return np.asarray((profile @ self.vectors_.T).toarray(), np.float32)

    def alike(self, item: int) -> Floats:
        """Return the alikeness (items,) in 0 … 1 of all goods to one."""
        check_is_fitted(self, "vectors_")
        row = self.vectors_[item]
        return np.asarray((self.vectors_ @ row.T).toarray(), np.float32).ravel()


def _tfidf(texts: Sequence[str], cut: Any) -> Any:
    maker = TfidfVectorizer(tokenizer=_Cutter(cut), token_pattern=None, lowercase=True)
    try:
        return maker.fit_transform([str(text) for text in texts])
    except ValueError:  # nothing but blanks: no words, no weight
        return sp.csr_matrix((len(texts), 1))


class _Cutter:
    """Cuts a text into words; what holds no letter or digit is no word."""

    def __init__(self, cut: Any) -> None:
        self._cut = cut

    def __call__(self, text: str) -> list[str]:
        return [w for w in self._cut(text) if any(c.isalnum() for c in w)]


def _price_places(prices: pd.Series[float]) -> Any:
    """Return (items, steps): near prices share places, in ratios, not in yuan."""
    log = np.log(prices.to_numpy(float).clip(min=1))
    known = log[~np.isnan(log)]
    if not len(known) or np.ptp(known) == 0:
        return sp.csr_matrix((len(prices), PRICE_STEPS))
    places = np.linspace(known.min(), known.max(), PRICE_STEPS)
    width = places[1] - places[0]
    near = np.exp(-0.5 * ((log[:, None] - places) / width) ** 2)
    return sp.csr_matrix(np.nan_to_num(near * (near > 0.05)))
