"""Reading the conversation log: history, issued buttons, what still waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from aftercare.services.conversations import Message, Reply, _append, _locked, _message
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.unit_of_work import read, write

LAST_MESSAGES = 100


def owns(engine: Engine, conversation_id: str, customer_id: str | None) -> bool:
    """Return whether a conversation exists and is this customer's (or a guest's)."""
    with read(engine) as session:
        row = session.get(ConversationRow, conversation_id)
        return row is not None and row.customer_id == customer_id


def owner_of(engine: Engine, conversation_id: str) -> str:
    """Return who answers in a conversation."""
    with read(engine) as session:
        return session.get_one(ConversationRow, conversation_id).owner


def customer_of(engine: Engine, conversation_id: str) -> str | None:
    """Return the customer a conversation is bound to, None for a guest."""
    with read(engine) as session:
        return session.get_one(ConversationRow, conversation_id).customer_id


def history(engine: Engine, conversation_id: str, after_seq: int) -> list[Message]:
    """Return the newest messages after a sequence number, in order."""
    with read(engine) as session:
        rows = session.scalars(
            select(MessageRow)
            .where(
                MessageRow.conversation_id == conversation_id,
                MessageRow.seq > after_seq,
            )
            .order_by(MessageRow.seq.desc())
            .limit(LAST_MESSAGES)
        ).all()
        return [_message(row) for row in reversed(rows)]


def issued_payloads(engine: Engine, conversation_id: str) -> frozenset[str]:
    """Return the button payloads offered lately in a conversation."""
    found: set[str] = set()
    for message in history(engine, conversation_id, 0):
        if message.sender == "bot":
            found.update(_payloads(message.payload or {}))
    return frozenset(found)


def note(engine: Engine, conversation_id: str, text: str, now: datetime) -> Message:
    """Store a line the system itself says, and return it."""
    with write(engine) as session:
        talk = _locked(session, conversation_id)
        if talk is None:
            raise LookupError("no such conversation")
        return _message(_append(session, talk, "system", Reply(text), now))


def waiting_conversations(engine: Engine) -> list[str]:
    """Return the conversations with a message nobody has answered yet."""
    with read(engine) as session:
        rows = session.scalars(
            select(MessageRow.conversation_id)
            .where(MessageRow.sender == "customer", MessageRow.answered_at.is_(None))
            .distinct()
        )
        return list(rows)


def _payloads(payload: dict[str, Any]) -> set[str]:
    buttons = [item["payload"] for item in payload.get("quick_replies", [])]
    card = payload.get("card") or {}
    return {*buttons, *(x["payload"] for x in card.get("items", []) if "payload" in x)}
