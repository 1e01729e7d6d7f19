"""Tables of the agents' desk: hand-overs, notes, tags, files, second persons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.models import Base

_OPEN = text("sender = 'customer' AND answered_at IS NULL")
# What waits is a small part of all messages, and every list asks for it.
Index(
    "ix_message_unanswered",
    MessageRow.conversation_id,
    MessageRow.at,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index("ix_message_at", MessageRow.at)
Index("ix_conversation_owner", ConversationRow.owner)


class HandoverRow(Base):
    """What the desk knows about a conversation, beside the conversation itself.

    `agent_id` is the one owner while the conversation's owner is "human", and
    means nothing otherwise. `waiting_since` is set while it is "waiting".
    """

    __tablename__ = "handover"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id"), primary_key=True
    )
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    lease_until: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    trigger: Mapped[str | None] = mapped_column(String(32))
    summary: Mapped[str | None] = mapped_column(Text)
    priority: Mapped[int] = mapped_column(default=0)
    skill: Mapped[str | None] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(8), default="zh")
    channel: Mapped[str] = mapped_column(String(16), default="web")
    order_no: Mapped[str | None] = mapped_column(String(32))
    case_no: Mapped[str | None] = mapped_column(String(32))
    snoozed: Mapped[bool] = mapped_column(default=False)
    # Without a moment a snooze ends with the customer's next message.
    snoozed_until: Mapped[datetime | None]
    snoozed_seq: Mapped[int] = mapped_column(default=0)
    read_seq: Mapped[int] = mapped_column(default=0)
    customer_read_seq: Mapped[int] = mapped_column(default=0)
    taken_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None] = mapped_column(String(32))
    close_summary: Mapped[str | None] = mapped_column(Text)
    share_id: Mapped[int | None] = mapped_column(ForeignKey("share_link.id"))
    # The candidate that answers a guest's trial; none: the one in use.
    model: Mapped[str | None] = mapped_column(String(64))
    review: Mapped[str] = mapped_column(String(16), default="none")
    reviewed_by: Mapped[str | None] = mapped_column(String(64))
    reviewed_at: Mapped[datetime | None]


class DeskEventRow(Base):
    """One step of a conversation between bot and people; only grows."""

    __tablename__ = "desk_event"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id"), index=True
    )
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    before: Mapped[str] = mapped_column(String(16), default="")
    after: Mapped[str] = mapped_column(String(16), default="")
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class NoteRow(Base):
    """What colleagues tell each other beside a conversation."""

    __tablename__ = "desk_note"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id"), index=True
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    text: Mapped[str] = mapped_column(Text)
    mentions: Mapped[list[int]] = mapped_column(JSON, default=list)
    at: Mapped[datetime]


class MentionRow(Base):
    """A colleague named in a note, and when that colleague has seen it."""

    __tablename__ = "note_mention"

    note_id: Mapped[int] = mapped_column(ForeignKey("desk_note.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id"), primary_key=True, index=True
    )
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id"), index=True
    )
    seen_at: Mapped[datetime | None]


class TagRow(Base):
    """A tag on a conversation."""

    __tablename__ = "conversation_tag"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(String(32), primary_key=True, index=True)


class AttachmentRow(Base):
    """A file in a conversation; its id is unguessable and names the file."""

    __tablename__ = "attachment"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(128))
    type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class CaseActionRow(Base):
    """What a person did, or asked a second person to allow, on a case."""

    __tablename__ = "case_action"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    idempotency_key: Mapped[str] = mapped_column(String(128), unique=True)
    case_no: Mapped[str] = mapped_column(
        ForeignKey("aftersales_case.case_no"), index=True
    )
    action: Mapped[str] = mapped_column(String(32))
    amount_fen: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(Text, default="")
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    state: Mapped[str] = mapped_column(String(16), index=True)
    second_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
