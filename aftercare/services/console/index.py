"""Keeps the searchable index of messages up with the conversation log."""

from __future__ import annotations

from typing import Any

from pypinyin import lazy_pinyin
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, aliased

from aftercare.store.messages import MessageRow
from aftercare.store.review import MessageIndexRow
from aftercare.store.unit_of_work import read, write

BATCH = 2_000
# Transactions may commit in another order than their ids were drawn.
SLACK = 500


def catch_up(engine: Engine) -> int:
    """Index what is new and settle what was answered; return how many rows."""
    total = 0
    while True:
        with read(engine) as session:
            due = _new(session) or _answered(session)
        if not due:
            return total
        with write(engine) as session:
            for message_id in due:
                message = session.get_one(MessageRow, message_id)
                session.merge(_entry(session, message))
        total += len(due)


def _new(session: Session) -> list[int]:
    top = session.scalar(select(func.max(MessageIndexRow.message_id))) or 0
    known = (
        select(MessageIndexRow.message_id)
        .where(MessageIndexRow.message_id == MessageRow.id)
        .exists()
    )
    return list(
        session.scalars(
            select(MessageRow.id)
            .where(MessageRow.id > top - SLACK, ~known)
            .order_by(MessageRow.id)
            .limit(BATCH)
        )
    )


def _answered(session: Session) -> list[int]:
    return list(
        session.scalars(
            select(MessageIndexRow.message_id)
            .join(MessageRow, MessageRow.id == MessageIndexRow.message_id)
            .where(~MessageIndexRow.settled, MessageRow.answered_at.is_not(None))
            .limit(BATCH)
        )
    )


def _entry(session: Session, row: MessageRow) -> MessageIndexRow:
    said = row.understanding or {}
    intent = said.get("intent") or {}
    actions = [str(item.get("name")) for item in said.get("actions") or []]
    answered = row.sender == "customer" and row.answered_at is not None
    later = aliased(MessageRow)
    replier = (
        session.scalar(
            select(later.sender)
            .where(
                later.conversation_id == row.conversation_id,
                later.seq > row.seq,
                later.sender.in_(("bot", "agent")),
            )
            .order_by(later.seq)
            .limit(1)
        )
        if answered
        else None
    )
    waited = (row.answered_at - row.at).total_seconds() if row.answered_at else None
    return MessageIndexRow(
        message_id=row.id,
        conversation_id=row.conversation_id,
        at=row.at,
        sender=row.sender,
        pinyin=pinyin(row.text),
        intent=intent.get("name"),
        confidence=intent.get("confidence"),
        fallback=_is_fallback(intent.get("name"), actions),
        actions=_joined(actions),
        slots=_joined(list(said.get("slots") or {})),
        sentiment=_sentiment(said),
        reply_s=waited if answered else None,
        replied_by=replier,
        settled=row.sender != "customer" or answered,
    )


def pinyin(text: str) -> str:
    """Return a text as one can type it: in full, and by its initials."""
    parts = lazy_pinyin(text[:300], errors=lambda other: other.casefold())
    return "".join(parts) + "|" + "".join(part[:1] for part in parts)


def _is_fallback(intent: str | None, actions: list[str]) -> bool:
    return intent == "nlu_fallback" or any("fallback" in name for name in actions)


def _joined(names: list[str]) -> str:
    return f",{','.join(names)}," if names else ""


def _sentiment(said: dict[str, Any]) -> float | None:
    found = said.get("sentiment")
    value = found.get("valence") if isinstance(found, dict) else found
    return float(value) if isinstance(value, int | float) else None
