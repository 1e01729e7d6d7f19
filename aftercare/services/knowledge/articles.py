"""Articles in versions: proposed by one person, live once one with the right agrees."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.store.knowledge import ArticleRow
from aftercare.store.unit_of_work import read, write

DRAFT, LIVE, RETIRED = "draft", "live", "retired"
LONGEST_TITLE, LONGEST_BODY, MOST_QUESTIONS = 80, 2_000, 40


@dataclass(frozen=True, slots=True)
class Article:
    """What a person writes; `claims` are the figures of the policy it states."""

    key: str
    title: str
    questions: tuple[str, ...]
    body: str
    intents: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    claims: dict[str, Any] = field(default_factory=dict)
    valid_from: datetime | None = None
    valid_to: datetime | None = None


def propose(
    engine: Engine, actor: Actor, article: Article, now: datetime, source: str = "desk"
) -> dict[str, Any]:
    """Keep a new draft of an article; what is live stays as it is.

    Raises:
        AftercareError: MALFORMED for a text that is empty or too long, or an end
            before its beginning.
    """
    _check(article)
    with write(engine) as session:
        row = add_draft(session, actor, article, now, source)
        session.flush()
        return view(row)


def add_draft(
    session: Session, actor: Actor, article: Article, now: datetime, source: str
) -> ArticleRow:
    """Add the next version of an article in the caller's transaction."""
    newest = select(func.max(ArticleRow.version)).where(ArticleRow.key == article.key)
    row = ArticleRow(
        key=article.key,
        version=(session.scalar(newest) or 0) + 1,
        state=DRAFT,
        title=article.title.strip(),
        questions=[q.strip() for q in article.questions if q.strip()],
        body=article.body.strip(),
        intents=list(article.intents),
        categories=list(article.categories),
        claims=dict(article.claims),
        valid_from=article.valid_from,
        valid_to=article.valid_to,
        source=source,
        author=actor.login,
        made_at=now,
    )
    session.add(row)
    record(session, actor, "article.propose", now, article.key, version=row.version)
    return row


def approve(
    engine: Engine, actor: Actor, key: str, version: int, now: datetime
) -> dict[str, Any]:
    """Put a draft into use in the place of the version before it.

    Raises:
        AftercareError: NOT_FOUND, CHANGED_MEANWHILE for one that is not a draft,
            MALFORMED for one without an answer.
    """
    with write(engine) as session:
        row = _version(session, key, version)
        if row.state != DRAFT:
            raise AftercareError(Reason.CHANGED_MEANWHILE)
        if not row.body:
            raise AftercareError(Reason.MALFORMED)
        session.execute(
            update(ArticleRow)
            .where(ArticleRow.key == key, ArticleRow.state == LIVE)
            .values(state=RETIRED)
        )
        row.state, row.approved_by, row.approved_at = LIVE, actor.login, now
        record(session, actor, "article.approve", now, key, version=version)
        return view(row)


def retire(
    engine: Engine, actor: Actor, key: str, version: int, now: datetime
) -> dict[str, Any]:
    """Take a version out of use, or throw a draft away; it stays on record.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        row = _version(session, key, version)
        row.state = RETIRED
        record(session, actor, "article.retire", now, key, version=version)
        return view(row)


def live_rows(session: Session, now: datetime) -> list[ArticleRow]:
    """Return the versions in use whose dates hold now, by key."""
    rows = session.scalars(
        select(ArticleRow).where(ArticleRow.state == LIVE).order_by(ArticleRow.key)
    )
    return [row for row in rows if _holds(row, now)]


def listed(
    engine: Engine, *, state: str | None = None, text: str = ""
) -> list[dict[str, Any]]:
    """Return the newest version of each article that is in a state, and its use."""
    query = select(ArticleRow).order_by(ArticleRow.key, ArticleRow.version)
    if state:
        query = query.where(ArticleRow.state == state)
    with read(engine) as session:
        newest = {row.key: row for row in session.scalars(query)}
    return [
        view(row)
        for row in newest.values()
        if text in row.title
        or text in row.body
        or any(text in q for q in row.questions)
    ]


def versions(engine: Engine, key: str) -> list[dict[str, Any]]:
    """Return every version of an article, newest first.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with read(engine) as session:
        rows = session.scalars(
            select(ArticleRow)
            .where(ArticleRow.key == key)
            .order_by(ArticleRow.version.desc())
        ).all()
    if not rows:
        raise AftercareError(Reason.NOT_FOUND)
    return [view(row) for row in rows]


def view(row: ArticleRow) -> dict[str, Any]:
    """Return a version as plain values."""
    return {
        "key": row.key,
        "version": row.version,
        "state": row.state,
        "title": row.title,
        "questions": row.questions,
        "body": row.body,
        "intents": row.intents,
        "categories": row.categories,
        "claims": row.claims,
        "valid_from": _iso(row.valid_from),
        "valid_to": _iso(row.valid_to),
        "source": row.source,
        "author": row.author,
        "made_at": _iso(row.made_at),
        "approved_by": row.approved_by,
        "approved_at": _iso(row.approved_at),
    }


def _check(article: Article) -> None:
    dates = article.valid_from and article.valid_to
    if (
        not article.key.strip()
        or not 0 < len(article.title.strip()) <= LONGEST_TITLE
        or len(article.body) > LONGEST_BODY
        or len(article.questions) > MOST_QUESTIONS
        or any(len(q) > 200 for q in article.questions)
        or (dates and article.valid_from >= article.valid_to)  # type: ignore[operator]
    ):
        raise AftercareError(Reason.MALFORMED)


def _version(session: Session, key: str, version: int) -> ArticleRow:
    row = session.scalar(
        select(ArticleRow).where(ArticleRow.key == key, ArticleRow.version == version)
    )
    if row is None:
        raise AftercareError(Reason.NOT_FOUND)
    return row


def _holds(row: ArticleRow, now: datetime) -> bool:
    begun = row.valid_from is None or row.valid_from <= now
    return begun and (row.valid_to is None or now < row.valid_to)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
