"""What was said, page by page, with what the bot understood."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.domain.conversation import Owner
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor
from aftercare.services.console.mask import mask_all, mask_numbers, mask_text
from aftercare.services.console.moods import mood_of
from aftercare.store.desk import HandoverRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.review import AnnotationRow
from aftercare.store.unit_of_work import read
from analytics.text import warm as warm_text


def warm() -> None:
    """Load what reads Chinese text; some two seconds, once in a process."""
    warm_text()
    mood_of("warm")


def messages(
    engine: Engine,
    actor: Actor,
    talk_id: str,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 100,
) -> dict[str, Any]:
    """Return a page of a conversation in order: the newest, what came before a
    number, or what came after one. Only its owner reads it unmasked.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with read(engine) as session:
        talk = session.get(ConversationRow, talk_id)
        if talk is None:
            raise AftercareError(Reason.NOT_FOUND)
        query = (
            select(MessageRow, AnnotationRow)
            .outerjoin(AnnotationRow, AnnotationRow.message_id == MessageRow.id)
            .where(MessageRow.conversation_id == talk_id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(MessageRow.seq > after).order_by(MessageRow.seq)
            found = list(session.execute(query))
        else:
            if before is not None:
                query = query.where(MessageRow.seq < before)
            query = query.order_by(MessageRow.seq.desc())
            found = list(session.execute(query))[::-1]
        clear = holds(session, actor, talk)
        first = found[0][0].seq if found else 0
        return {
            "messages": [view(row, note, clear) for row, note in found],
            "first_seq": first,
            "last_seq": talk.next_seq - 1,
            "has_older": first > 1,
        }


def one(engine: Engine, actor: Actor, talk_id: str, seq: int) -> dict[str, Any]:
    """Return one message.

    Raises:
        AftercareError: NOT_FOUND.
    """
    found = messages(engine, actor, talk_id, after=seq - 1, limit=1)["messages"]
    if not found or found[0]["seq"] != seq:
        raise AftercareError(Reason.NOT_FOUND)
    message: dict[str, Any] = found[0]
    return message


def holds(session: Session, actor: Actor, talk: ConversationRow) -> bool:
    """Return whether a person owns a conversation now."""
    if talk.owner != Owner.HUMAN or actor.account_id is None:
        return False
    row = session.get(HandoverRow, talk.id)
    return row is not None and row.agent_id == actor.account_id


def last_seq(engine: Engine, talk_id: str) -> int:
    """Return the number of the last message, 0 where there is none."""
    with read(engine) as session:
        query = select(func.max(MessageRow.seq)).where(
            MessageRow.conversation_id == talk_id
        )
        return session.scalar(query) or 0


def view(row: MessageRow, note: AnnotationRow | None, clear: bool) -> dict[str, Any]:
    """Return a message as the console shows it."""
    extra = dict(row.payload or {})
    understanding = row.understanding
    text = row.text
    if not clear:
        # The desk's own lines name the agent, whom everybody may know.
        text = (mask_numbers if row.sender == "system" else mask_text)(text)
        understanding, extra = mask_all(understanding), mask_all(extra)
    return {
        "id": row.id,
        "seq": row.seq,
        "sender": row.sender,
        "text": text,
        "at": row.at,
        "answered_at": row.answered_at,
        "client_id": row.client_id,
        "understanding": understanding,
        "annotation": annotation_view(note) if note else None,
        # Of the text as it is shown, so that no word tells what is masked.
        "mood": mood_of(text) if row.sender == "customer" else None,
        **extra,
    }


def annotation_view(row: AnnotationRow) -> dict[str, Any]:
    """Return a judgement as the console shows it."""
    return {
        "message_id": row.message_id,
        "verdict": row.verdict,
        "intent": row.intent,
        "entities": row.entities,
        "flag": row.flag,
        "note": row.note,
        "author": row.author,
        "at": row.at,
    }
