"""An index of articles by the questions they answer.

A customer's question is short and worded as no article is, so an article is
compared both as a whole (title, questions, body) and by its best single
question. Characters one to three long need no word list and forgive typing
errors; sentence embeddings, where they are given, add what words do not share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from analytics.search.terms import ngrams

Floats = NDArray[np.float64]
Embed = Callable[[Sequence[str]], NDArray[np.float32]]
# Shares of a score, chosen on benchmarks/knowledge_questions.yml.
WHOLE, MEANING, BODY = 0.7, 0.5, 0.3
# multilingual-e5 gives sentences that share nothing a cosine of about this.
UNRELATED = 0.853
INTENT_BONUS = 0.10


@dataclass(frozen=True, slots=True)
class Document:
    """One article: `questions` are ways to ask it, `intents` when it is meant."""

    key: str
    title: str
    questions: tuple[str, ...]
    body: str
    intents: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hit:
    """One found article; `shared` are the runs of characters that decided."""

    key: str
    score: float
    shared: tuple[str, ...]


class QuestionIndex:
    """Finds articles for a question.

    Args:
        documents: the articles; their order breaks ties.
        vectors: unit vectors (m, d) of `texts(documents)`, None without meaning.
        embed: gives the vector of a question; used only with `vectors`.

    Raises:
        ValueError: no documents, or as many vectors as no texts.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        vectors: NDArray[np.float32] | None = None,
        embed: Embed | None = None,
    ) -> None:
        """Count the documents' n-grams; some 50 ms for 200 articles."""
        if not documents:
            raise ValueError("an index needs documents")
        self._documents = list(documents)
        wholes = ["\n".join([d.title, *d.questions, d.body]) for d in documents]
        asked = [q for d in documents for q in (d.title, *d.questions)]
        sizes = [1 + len(d.questions) for d in documents]
        self._owner = np.repeat(np.arange(len(documents)), sizes)
        self._count = TfidfVectorizer(analyzer=ngrams, sublinear_tf=True)
        self._whole = self._count.fit_transform(wholes)
        self._asked = self._count.transform(asked)
        self._names = self._count.get_feature_names_out()
        self._vectors, self._embed = vectors, embed
        if vectors is not None and len(vectors) != len(asked) + len(documents):
            raise ValueError("vectors do not fit the documents")

    @staticmethod
    def texts(documents: Sequence[Document]) -> list[str]:
        """Return the texts to embed: every title and question, then the bodies."""
        asked = [q for d in documents for q in (d.title, *d.questions)]
        return [*asked, *(d.body for d in documents)]

    def search(
        self,
        text: str,
        *,
        intent: str | None = None,
        category: str | None = None,
        best: int = 3,
    ) -> list[Hit]:
        """Return the best articles, best first, scores in 0..1.1.

        An article for other categories than the one asked about is left out.
        """
        query = self._count.transform([text])
        if not query.nnz:
            return []
        scores = self._by_characters(query)
        if self._vectors is not None and self._embed is not None:
            scores = (1 - MEANING) * scores + MEANING * self._by_meaning(text)
        for number, document in enumerate(self._documents):
            scores[number] += INTENT_BONUS * (intent in document.intents)
            if category and document.categories and category not in document.categories:
                scores[number] = 0.0
        order = np.argsort(-scores, kind="stable")[:best]
        return [
            Hit(self._documents[n].key, float(scores[n]), self._shared(query, n))
            for n in order
            if scores[n] > 0
        ]

    def _by_characters(self, query: csr_matrix) -> Floats:
        whole = np.asarray((self._whole @ query.T).todense()).ravel()
        asked = np.asarray((self._asked @ query.T).todense()).ravel()
        return np.asarray(WHOLE * whole + (1 - WHOLE) * self._best_of(asked))

    def _by_meaning(self, text: str) -> Floats:
        assert self._vectors is not None and self._embed is not None
        cosines = self._vectors.astype(float) @ self._embed([text])[0].astype(float)
        near = np.clip((cosines - UNRELATED) / (1 - UNRELATED), 0.0, 1.0)
        asked, bodies = near[: len(self._owner)], near[len(self._owner) :]
        return np.asarray((1 - BODY) * self._best_of(asked) + BODY * bodies)

    def _best_of(self, asked: Floats) -> Floats:
        best = np.zeros(len(self._documents))
        np.maximum.at(best, self._owner, asked)
        return best

    def _shared(self, query: csr_matrix, number: int) -> tuple[str, ...]:
        shared = query.multiply(self._whole[number]).tocoo()
        order = np.argsort(-shared.data, kind="stable")
        found: list[str] = []
        for at in order:
            name = str(self._names[shared.col[at]])
            if not any(name in longer for longer in found):
                found.append(name)
        return tuple(found[:5])
