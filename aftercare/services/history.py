"""Reading the conversation log: history, issued buttons, what still waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, func, select

from aftercare.domain.conversation import Owner
from aftercare.services.conversations import Message, trial_is_over
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.unit_of_work import read

FIRST_PAGE = 100
NEXT_PAGE = 500
SLOW_WRITERS = 100


@dataclass(frozen=True, slots=True)
class Talk:
    """Whose a conversation is (None: a guest's) and who answers in it."""

    customer_id: str | None
    owner: str


def find_talk(engine: Engine, conversation_id: str) -> Talk | None:
    """Return a conversation, None where there is none."""
    with read(engine) as session:
        row = session.get(ConversationRow, conversation_id)
        return None if row is None else Talk(row.customer_id, row.owner)


def owns(engine: Engine, conversation_id: str, customer_id: str | None) -> bool:
    """Return whether a conversation exists and is this customer's (or a guest's).

    A trial by a link is nobody's any more when its link has ended.
    """
    with read(engine) as session:
        row = session.get(ConversationRow, conversation_id)
        if row is None or row.customer_id != customer_id:
            return False
        return not trial_is_over(session, conversation_id, datetime.now(UTC))


def sent(engine: Engine, conversation_id: str, client_id: str) -> Message | None:
    """Return what a client has sent under an id before, None where nothing was."""
    query = select(MessageRow).where(
        MessageRow.conversation_id == conversation_id,
        MessageRow.client_id == client_id,
    )
    with read(engine) as session:
        row = session.scalar(query)
        return None if row is None else _message(row)


def history(engine: Engine, conversation_id: str, after_seq: int) -> list[Message]:
    """Return messages in order, at most a page.

    From the start (`after_seq` 0) it is the newest page; after a number it is
    what follows at once, so that a client that reads on has no gap.
    """
    query = select(MessageRow).where(
        MessageRow.conversation_id == conversation_id, MessageRow.seq > after_seq
    )
    with read(engine) as session:
        if after_seq > 0:
            rows = session.scalars(query.order_by(MessageRow.seq).limit(NEXT_PAGE))
            return [_message(row) for row in rows]
        rows = session.scalars(query.order_by(MessageRow.seq.desc()).limit(FIRST_PAGE))
        return [_message(row) for row in rows][::-1]


def after(engine: Engine, conversation_id: str, seq: int) -> list[Message]:
    """Return at most a page of the messages that follow a number, in order."""
    query = select(MessageRow).where(
        MessageRow.conversation_id == conversation_id, MessageRow.seq > seq
    )
    with read(engine) as session:
        rows = session.scalars(query.order_by(MessageRow.seq).limit(NEXT_PAGE))
        return [_message(row) for row in rows]


def last_seq(engine: Engine, conversation_id: str) -> int:
    """Return the number of the newest message, 0 where there is none."""
    with read(engine) as session:
        row = session.get(ConversationRow, conversation_id)
        return 0 if row is None else row.next_seq - 1


def changed_since(engine: Engine, message_id: int) -> list[tuple[int, str]]:
    """Return the messages stored after one, each with its conversation.

    Ids are given before they are seen: a little is read again, so that what was
    written slowly is not missed.
    """
    query = (
        select(MessageRow.id, MessageRow.conversation_id)
        .where(MessageRow.id > message_id - SLOW_WRITERS)
        .order_by(MessageRow.id)
    )
    with read(engine) as session:
        return [(row.id, row.conversation_id) for row in session.execute(query)]


def newest_id(engine: Engine) -> int:
    """Return the id of the newest message of all."""
    with read(engine) as session:
        return session.scalar(select(func.max(MessageRow.id))) or 0


def issued_payloads(engine: Engine, conversation_id: str) -> dict[str, str]:
    """Return the button payloads offered lately in a conversation, with titles."""
    with read(engine) as session:
        rows = session.scalars(
            select(MessageRow.payload)
            .where(
                MessageRow.conversation_id == conversation_id,
                MessageRow.sender != "customer",
            )
            .order_by(MessageRow.seq.desc())
            .limit(FIRST_PAGE)
        )
        found: dict[str, str] = {}
        for payload in rows:
            found = _payloads(payload or {}) | found
        return found


def waiting_conversations(engine: Engine, since: datetime) -> list[str]:
    """Return the conversations with a message since then the bot has to answer."""
    with read(engine) as session:
        rows = session.scalars(
            select(MessageRow.conversation_id)
            .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
            .where(
                MessageRow.sender == "customer",
                MessageRow.answered_at.is_(None),
                MessageRow.at >= since,
                ConversationRow.owner.not_in((Owner.HUMAN, Owner.CLOSED)),
            )
            .distinct()
        )
        return list(rows)


def _payloads(payload: dict[str, Any]) -> dict[str, str]:
    items = (payload.get("card") or {}).get("items", [])
    buttons = [*items, *payload.get("quick_replies", [])]
    return {
        str(item["payload"]): str(item.get("title", ""))
        for item in buttons
        if item.get("payload")
    }


def _message(row: MessageRow) -> Message:
    return Message(row.seq, row.sender, row.text, row.at, row.payload, row.trace)
