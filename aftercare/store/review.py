"""Tables of the review: a searchable index of messages, and people's judgements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.store.models import Base


class MessageIndexRow(Base):
    """What the review filters by, taken from one message.

    `settled` once the message is answered and nothing more will be learned.
    `actions` and `slots` hold names between commas, for search by substring.
    """

    __tablename__ = "message_index"

    message_id: Mapped[int] = mapped_column(
        ForeignKey("message.id"), primary_key=True, autoincrement=False
    )
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    sender: Mapped[str] = mapped_column(String(16))
    pinyin: Mapped[str] = mapped_column(Text, default="")
    intent: Mapped[str | None] = mapped_column(String(64), index=True)
    confidence: Mapped[float | None] = mapped_column(index=True)
    fallback: Mapped[bool] = mapped_column(default=False)
    actions: Mapped[str] = mapped_column(Text, default="")
    slots: Mapped[str] = mapped_column(Text, default="")
    sentiment: Mapped[float | None]
    reply_s: Mapped[float | None]
    replied_by: Mapped[str | None] = mapped_column(String(16))
    settled: Mapped[bool] = mapped_column(default=False)


_UNSETTLED = text("NOT settled")
Index(
    "ix_message_index_unsettled",
    MessageIndexRow.message_id,
    sqlite_where=_UNSETTLED,
    postgresql_where=_UNSETTLED,
)


class AnnotationRow(Base):
    """A person's judgement on how one message was understood."""

    __tablename__ = "annotation"

    message_id: Mapped[int] = mapped_column(
        ForeignKey("message.id"), primary_key=True, autoincrement=False
    )
    verdict: Mapped[str] = mapped_column(String(16), index=True)
    intent: Mapped[str | None] = mapped_column(String(64))
    entities: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    flag: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Text, default="")
    author: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class SavedFilterRow(Base):
    """A review filter somebody gave a name."""

    __tablename__ = "saved_filter"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    query: Mapped[dict[str, Any]] = mapped_column(JSON)
    shared: Mapped[bool] = mapped_column(default=False)
