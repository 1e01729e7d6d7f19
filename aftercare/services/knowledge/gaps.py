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
from aftercare.store.unit_of_work import write
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
    with write(engine) as session:
        found = _unanswered(session, now)
        texts = [mask_text(text)[:LONGEST] for _, text in found]
        drafts = 0
        for group in groups(texts):
            talks = {found[n][0].conversation_id for n in group}
            if len(talks) < LEAST_ASKED:
                continue
            uses = [found[n][0] for n in group]
            _draft(session, [texts[n] for n in group], uses, now)
            drafts += 1
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
