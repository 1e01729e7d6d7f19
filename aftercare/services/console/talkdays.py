"""Figures and words of a conversation by day, kept up with the index of messages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Integer, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from aftercare.store.messages import MessageRow
from aftercare.store.review import MessageIndexRow, TalkDayRow, TalkWordsRow

NEGATIVE, POSITIVE = -0.25, 0.25
Key = tuple[str, date]


class found_at(FunctionElement[int]):
    """Where a text stands in another, from 1; 0 if nowhere. No wildcards."""

    inherit_cache = True
    name = "found_at"
    type = Integer()


@compiles(found_at)
def _instr(element: Any, compiler: Any, **how: Any) -> str:
    return f"instr({compiler.process(element.clauses, **how)})"


@compiles(found_at, "postgresql")
def _strpos(element: Any, compiler: Any, **how: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **how)})"


def refresh(session: Session, touched: Collection[Key]) -> None:
    """Make the rows of these conversations and days anew from the index."""
    entry = MessageIndexRow
    found = session.execute(
        select(
            entry.conversation_id,
            entry.day,
            entry.sender,
            entry.intent,
            entry.fallback,
            entry.sentiment,
            entry.settled,
            entry.pinyin,
            MessageRow.text,
        )
        .join(MessageRow, MessageRow.id == entry.message_id)
        .where(
            entry.conversation_id.in_({talk for talk, _ in touched}),
            entry.day.in_({day for _, day in touched}),
        )
        .order_by(entry.message_id)
    )
    parts: dict[Key, list[Any]] = defaultdict(list)
    for row in found:
        parts[row.conversation_id, row.day].append(row)
    for key in touched:
        session.merge(_day(key, parts[key]))
        session.merge(_words(key, parts[key]))


def _day(key: Key, rows: Sequence[Any]) -> TalkDayRow:
    senders = Counter(row.sender for row in rows)
    asked = [row for row in rows if row.sender == "customer"]
    understood = [row for row in rows if row.intent]
    moods = [row.sentiment for row in rows if row.sentiment is not None]
    return TalkDayRow(
        conversation_id=key[0],
        day=key[1],
        customer=senders["customer"],
        bot=senders["bot"],
        agent=senders["agent"],
        understood=len(understood),
        fallback=sum(row.fallback for row in understood),
        open=sum(not row.settled for row in asked),
        moods=len(moods),
        mood_sum=sum(moods),
        negative=sum(value <= NEGATIVE for value in moods),
        intents=dict(Counter(row.intent or "" for row in asked)),
    )


def _words(key: Key, rows: Sequence[Any]) -> TalkWordsRow:
    return TalkWordsRow(
        conversation_id=key[0],
        day=key[1],
        said="\n".join(row.text.casefold() for row in rows),
        pinyin="\n".join(row.pinyin for row in rows),
    )
