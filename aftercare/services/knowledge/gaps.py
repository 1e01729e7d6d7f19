"""What the articles did not answer, put together each night into drafts."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, and_, or_, select
from sqlalchemy.orm import Session

from aftercare.services.console.audit import SYSTEM
from aftercare.services.console.mask import mask_text
from aftercare.services.knowledge.articles import Article, add_draft
from aftercare.store.knowledge import ArticleRow, ArticleUseRow
from aftercare.store.messages import MessageRow
from aftercare.store.unit_of_work import read, write
from analytics.search import groups

BACK = timedelta(days=30)
MOST_QUESTIONS, MOST_EXAMPLES, LONGEST = 5_000, 12, 60
# As many customers must ask the same before it is worth a person's time.
LEAST_ASKED = 3


def draft_gaps(engine: Engine, now: datetime) -> dict[str, Any]:
    """Draft an article for each question that several customers asked in vain.

    A question counts that no article answered, or whose answer did not help.
    Examples are masked: a draft is read by people who need no phone numbers.
    Questions that became part of a draft are not taken again.
    """
    with read(engine) as session:
        found = _unanswered(session, now)
    # Thousands of texts take seconds: no message could be stored in a write so long.
    texts = [mask_text(text)[:LONGEST] for _, text in found]
    drafts = 0
    for group in groups(texts):
        if len({found[n][0].conversation_id for n in group}) < LEAST_ASKED:
            continue
        ids = [found[n][0].id for n in group]
        with write(engine) as session:
            drafts += _draft_once(session, [texts[n] for n in group], ids, now)
    return {"questions": len(found), "drafts": drafts}


def _unanswered(session: Session, now: datetime) -> list[tuple[ArticleUseRow, str]]:
    query = (
        select(ArticleUseRow, MessageRow.text)
        .join(
            MessageRow,
            and_(
                MessageRow.conversation_id == ArticleUseRow.conversation_id,
                MessageRow.seq == ArticleUseRow.seq,
            ),
        )
        .where(
            ArticleUseRow.at >= now - BACK,
            ArticleUseRow.drafted.is_(False),
            or_(ArticleUseRow.article_key.is_(None), ArticleUseRow.helpful.is_(False)),
        )
        .order_by(ArticleUseRow.id.desc())
        .limit(MOST_QUESTIONS)
    )
    # A pressed button is no question in a customer's words.
    rows = session.execute(query).all()
    return [(use, text) for use, text in rows if not text.startswith("/")]


def _draft_once(
    session: Session, examples: list[str], ids: list[int], now: datetime
) -> bool:
    """Draft unless a rival run took one of the questions meanwhile."""
    query = select(ArticleUseRow).where(ArticleUseRow.id.in_(ids)).with_for_update()
    rows = {use.id: use for use in session.scalars(query.order_by(ArticleUseRow.id))}
    # A question whose talk was forgotten meanwhile is left out with its words.
    kept = [n for n, key in enumerate(ids) if key in rows]
    uses = [rows[ids[n]] for n in kept]
    if any(use.drafted for use in uses):
        return False
    if len({use.conversation_id for use in uses}) < LEAST_ASKED:
        return False
    _draft(session, [examples[n] for n in kept], uses, now)
    return True


def _draft(
    session: Session, examples: list[str], uses: list[ArticleUseRow], now: datetime
) -> None:
    """Add a draft; badly answered questions become a new version of that article."""
    answered = [use.article_key for use in uses if use.article_key]
    key = max(answered, key=answered.count) if len(answered) * 2 > len(uses) else None
    questions = tuple(dict.fromkeys(examples))[:MOST_EXAMPLES]
    old = session.scalars(
        select(ArticleRow)
        .where(ArticleRow.key == key)
        .order_by(ArticleRow.version.desc())
        .limit(1)
    ).first()
    name = hashlib.sha256(examples[0].encode()).hexdigest()[:10]
    intents = [use.intent for use in uses]
    article = Article(
        key=key or f"gap-{name}",
        title=old.title if old else examples[0],
        questions=(*(old.questions if old else ()), *questions),
        body=old.body if old else "",
        intents=tuple(old.intents if old else {max(intents, key=intents.count)}),
        categories=tuple(old.categories if old else ()),
        claims=old.claims if old else {},
    )
    add_draft(session, SYSTEM, article, now, "gap")
    for use in uses:
        use.drafted = True
