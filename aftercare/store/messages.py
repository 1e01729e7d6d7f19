"""Tables of the conversation log, the record of what was said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.domain import trace
from aftercare.store.models import Base


class ConversationRow(Base):
    """One conversation; `next_seq` numbers its messages without gaps."""

    __tablename__ = "conversation"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str | None] = mapped_column(String(64), index=True)
    owner: Mapped[str] = mapped_column(String(16), default="new")
    next_seq: Mapped[int] = mapped_column(default=1)
    # None in rows of before this was noted.
    created_at: Mapped[datetime | None] = mapped_column(
        default=lambda: datetime.now(UTC)
    )


class MessageRow(Base):
    """One message; a customer's is unanswered until `answered_at` is set.

    `payload` holds what goes with a reply (quick replies, card, image);
    `understanding` what Rasa made of a customer's message and did about it.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("conversation_id", "client_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int]
    sender: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    understanding: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    # One id from the customer's message to the refund it leads to.
    trace: Mapped[str | None] = mapped_column(String(32), default=trace.current)
