"""Tables of the review: a searchable index of messages, and people's judgements."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Double,
    ForeignKey,
    Index,
    String,
    Text,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.store.messages import MessageRow
from aftercare.store.models import Base


class MessageIndexRow(Base):
    """What the review filters by, taken from one message.

    `settled` once the message is answered and nothing more will be learned.
    `actions` and `slots` hold names between commas, for search by substring; `day`
    and `hour` are the shop's clock, for no query to work them out.
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
    day: Mapped[date | None]
    hour: Mapped[int | None]


# A search by days and hours reads this index alone.
Index(
    "ix_message_index_day_hour",
    MessageIndexRow.day,
    MessageIndexRow.hour,
    MessageIndexRow.conversation_id,
)
_UNSETTLED = text("NOT settled")
Index(
    "ix_message_index_unsettled",
    MessageIndexRow.message_id,
    sqlite_where=_UNSETTLED,
    postgresql_where=_UNSETTLED,
)
# The same words as the index has: SQLite does not see that "settled = 0" is that.
UNSETTLED = text("NOT message_index.settled")


# Written out in queries too: a bound value may hide a partial index from a planner.
AGENT = literal_column("'agent'", String)
_SAID_BY_PEOPLE = text("sender = 'agent'")
Index(
    "ix_message_by_people",
    MessageRow.at,
    sqlite_where=_SAID_BY_PEOPLE,
    postgresql_where=_SAID_BY_PEOPLE,
)


class TalkDayRow(Base):
    """What happened in one conversation on one day of the shop, counted.

    Made anew from the index whenever a message of that day is indexed, in the
    same transaction. `open` are customers' messages not answered yet; `intents`
    says how often each was understood, "" for what was not.
    """

    __tablename__ = "talk_day"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True, index=True)
    customer: Mapped[int]
    bot: Mapped[int]
    agent: Mapped[int]
    understood: Mapped[int]
    fallback: Mapped[int]
    open: Mapped[int]
    moods: Mapped[int]
    mood_sum: Mapped[float] = mapped_column(Double)
    negative: Mapped[int]
    intents: Mapped[dict[str, int]] = mapped_column(JSON)


class TalkWordsRow(Base):
    """All that was said in one conversation on one day, folded, line by line.

    A search reads these few long rows instead of every message.
    """

    __tablename__ = "talk_words"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    said: Mapped[str] = mapped_column(Text)
    pinyin: Mapped[str] = mapped_column(Text)


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
