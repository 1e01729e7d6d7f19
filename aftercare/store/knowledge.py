"""Tables of the knowledge base: articles in versions, and how they served."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Double, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.store.models import Base


class ArticleRow(Base):
    """One version of an article; of one key at most one version is live.

    `claims` are the figures of the policy that the text states, by their path in
    the rules, so that a change of the rules shows which texts are wrong now.
    """

    __tablename__ = "article"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), index=True)
    title: Mapped[str] = mapped_column(Text)
    questions: Mapped[list[str]] = mapped_column(JSON)
    body: Mapped[str] = mapped_column(Text)
    intents: Mapped[list[str]] = mapped_column(JSON)
    categories: Mapped[list[str]] = mapped_column(JSON)
    claims: Mapped[dict[str, Any]] = mapped_column(JSON)
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
    source: Mapped[str] = mapped_column(String(16))
    author: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(String(64))
    approved_at: Mapped[datetime | None]


class ArticleUseRow(Base):
    """One question put to the articles; `article_key` is empty if none answered.

    The question itself stays where it was said: `seq` names the message.
    """

    __tablename__ = "article_use"
    __table_args__ = (Index("ix_article_use_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int]
    at: Mapped[datetime]
    intent: Mapped[str] = mapped_column(String(64))
    article_key: Mapped[str | None] = mapped_column(String(64), index=True)
    version: Mapped[int | None]
    score: Mapped[float] = mapped_column(Double)
    helpful: Mapped[bool | None]
    drafted: Mapped[bool] = mapped_column(default=False)
