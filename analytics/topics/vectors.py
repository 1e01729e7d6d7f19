"""Words that stand in like places: candidates for synonyms, for a person to judge.

Skip-gram with negative sampling (Mikolov et al. 2013) on the shop's own texts, by
gensim, one thread so that a seed gives the same vectors. The mean vector is taken
off first, for frequent words pull all others their way (Mu & Viswanath 2018).
Antonyms stand in like places too: nothing is joined by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

# Passes over the texts: many over few, few over many.
WORDS_IN_ALL, FEWEST_EPOCHS, MOST_EPOCHS = 2_000_000, 5, 60


@dataclass(frozen=True, slots=True)
class Alike:
    """A word, the cosine of its vector (-1…1), and how often it was used."""

    word: str
    alike: float
    count: int


class WordVectors(BaseEstimator):  # type: ignore[misc]
    """Vectors of words from texts already cut into words.

    Args:
        size: length of a vector.
        window: words on each side that are a word's company.
        fewest: uses below which a word says nothing.
    """

    def __init__(
        self,
        *,
        size: int = 64,
        window: int = 4,
        fewest: int = 5,
        random_state: int = 1,
    ) -> None:
        """Keep the settings."""
        self.size, self.window, self.fewest = size, window, fewest
        self.random_state = random_state

    def fit(self, texts: Sequence[Sequence[str]]) -> Self:
        """Fit on texts, each a list of words.

        Raises:
            ValueError: no word is used often enough.
        """
        from gensim.models import Word2Vec  # on use: the nightly job alone needs it

        total = sum(len(text) for text in texts)
        epochs = int(np.clip(WORDS_IN_ALL / max(total, 1), FEWEST_EPOCHS, MOST_EPOCHS))
        model: Any = Word2Vec(
            vector_size=self.size,
            window=self.window,
            min_count=self.fewest,
            sg=1,
            negative=10,
            workers=1,
            seed=self.random_state,
            hashfxn=_steady,
        )
        model.build_vocab(texts)
        if not len(model.wv.index_to_key):
            raise ValueError("no word is used often enough")
        model.train(texts, total_examples=len(texts), epochs=epochs)
        self.words_ = list(model.wv.index_to_key)
        self.counts_ = np.array([model.wv.get_vecattr(w, "count") for w in self.words_])
        centred = model.wv.vectors - model.wv.vectors.mean(axis=0)
        length = np.linalg.norm(centred, axis=1, keepdims=True)
        self.vectors_: NDArray[np.float32] = (
            centred / np.maximum(length, 1e-9)
        ).astype(np.float32)
        return self

    def similar(self, word: str, most: int = 10) -> list[Alike]:
        """Return the words in the most alike places; none for an unknown word."""
        check_is_fitted(self, "vectors_")
        if word not in self.words_:
            return []
        return self._near(self.vectors_[self.words_.index(word)], {word}, most)

    def suggest(self, group: Sequence[str], most: int = 5) -> list[Alike]:
        """Return words that may belong to a group of synonyms, its own left out."""
        check_is_fitted(self, "vectors_")
        places = [self.words_.index(word) for word in group if word in self.words_]
        if not places:
            return []
        return self._near(self.vectors_[places].mean(axis=0), set(group), most)

    def recall(self, groups: Sequence[Sequence[str]], most: int = 10) -> float:
        """Return the share of known words that find another of their group.

        Of words whose group has another known one; nan where there are none.
        """
        check_is_fitted(self, "vectors_")
        known = set(self.words_)
        hits = [
            any(near.word in group for near in self.similar(word, most))
            for group in groups
            for word in set(group) & known
            if len(set(group) & known) > 1
        ]
        return float(np.mean(hits)) if hits else float("nan")

    def _near(self, vector: Any, without: set[str], most: int) -> list[Alike]:
        length = float(np.linalg.norm(vector)) or 1.0
        cosines = self.vectors_ @ (vector / length)
        found: list[Alike] = []
        for place in np.argsort(-cosines):
            word = self.words_[place]
            if word not in without:
                found.append(
                    Alike(word, float(cosines[place]), int(self.counts_[place]))
                )
            if len(found) == most:
                break
        return found


def _steady(text: str) -> int:
    """Hash a word the same in each process: Python's own hash is salted."""
    from zlib import crc32

    return crc32(text.encode())
