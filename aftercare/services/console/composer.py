"""What an agent says to a customer, through the same log as everybody."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from aftercare.domain.conversation import MAX_MESSAGE_CHARS
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console import desk
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.options import options, options_in
from aftercare.services.console.takeover import owned
from aftercare.services.conversations import Message, Reply, append, as_message
from aftercare.store.desk import AttachmentRow, HandoverRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.unit_of_work import write

# Keeps agents' ids apart from the customer's own in one conversation.
PREFIX = "agent:"


def send(
    engine: Engine,
    actor: Actor,
    talk_id: str,
    *,
    client_id: str,
    text: str,
    now: datetime,
    attachment_id: str | None = None,
    confirmed: bool = False,
) -> Message:
    """Store an agent's message; a repeat of the client id returns the first one.

    What the customer has said until now counts as answered by it.

    Raises:
        AftercareError: MESSAGE_EMPTY, MESSAGE_TOO_LONG; SENSITIVE_WORDS unless
            confirmed; NOT_FOUND; NOT_OWNER; KEY_REUSED.
    """
    text = text.strip()
    if not text and attachment_id is None:
        raise AftercareError(Reason.MESSAGE_EMPTY)
    if len(text) > MAX_MESSAGE_CHARS:
        raise AftercareError(Reason.MESSAGE_TOO_LONG)
    found = sensitive(engine, text)
    if found and not confirmed:
        raise AftercareError(Reason.SENSITIVE_WORDS, "\n".join(found))
    with write(engine) as session:
        talk, row = owned(session, actor, talk_id)
        key = PREFIX + client_id
        known = session.scalar(
            select(MessageRow).where(
                MessageRow.conversation_id == talk_id, MessageRow.client_id == key
            )
        )
        if known is not None:
            if known.text != text:
                raise AftercareError(Reason.KEY_REUSED)
            return as_message(known)
        payload: dict[str, Any] = {
            "agent": {"id": actor.account_id, "name": actor.name}
        }
        if attachment_id is not None:
            file = session.get(AttachmentRow, attachment_id)
            if file is None or file.conversation_id not in (None, talk_id):
                raise AftercareError(Reason.NOT_FOUND)
            file.conversation_id = talk_id
            payload |= as_payload(file)
        said = append(session, talk, "agent", Reply(text, payload), now, key)
        desk.mark_answered(session, talk_id, now)
        row.lease_until = now + timedelta(seconds=options_in(session).lease_s)
        row.read_seq = said.seq
        row.snoozed, row.snoozed_until = False, None
        if found:
            record(session, actor, "words.confirmed", now, talk_id, words=found)
        return as_message(said)


def recall(
    engine: Engine, actor: Actor, talk_id: str, seq: int, now: datetime
) -> Message:
    """Take back one's own message while it is fresh; what it said stays with the
    talk, where the customer cannot read it, and goes with it.

    Raises:
        AftercareError: NOT_FOUND; NOT_OWNER for another's; EXPIRED when too old.
    """
    with write(engine) as session:
        desk.locked(session, talk_id)
        row = session.scalar(
            select(MessageRow).where(
                MessageRow.conversation_id == talk_id,
                MessageRow.seq == seq,
                MessageRow.sender == "agent",
            )
        )
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        payload = row.payload or {}
        if (payload.get("agent") or {}).get("id") != actor.account_id:
            raise AftercareError(Reason.NOT_OWNER)
        if payload.get("recalled"):
            return as_message(row)
        if now - row.at > timedelta(seconds=options_in(session).recall_s):
            raise AftercareError(Reason.EXPIRED)
        record(session, actor, "message.recall", now, talk_id, seq=seq)
        # With the talk, not in the record: the record is kept when a customer is
        # forgotten, and what was said may name them.
        row.understanding = {"recalled": row.text}
        row.text = ""
        row.payload = {"agent": payload["agent"], "recalled": True}
        session.flush()
        return as_message(row)


def sensitive(engine: Engine, text: str) -> list[str]:
    """Return the words of the shop's list that a text holds."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace(" ", "")
    return [word for word in options(engine).sensitive_words if word in plain]


def mark_read(engine: Engine, talk_id: str, seq: int) -> None:
    """Note up to where the agents have read; it never goes back.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        talk = desk.locked(session, talk_id)
        row: HandoverRow = desk.handover_of(session, talk)
        row.read_seq = max(row.read_seq or 0, min(seq, talk.next_seq - 1))


def mark_customer_read(engine: Engine, talk_id: str, seq: int) -> int | None:
    """Note up to where the customer has read; return it, None where nothing is new."""
    with write(engine) as session:
        row = session.get(HandoverRow, talk_id, with_for_update=True)
        if row is None or seq <= (row.customer_read_seq or 0):
            return None
        talk = session.get_one(ConversationRow, talk_id)
        row.customer_read_seq = min(seq, talk.next_seq - 1)
        return row.customer_read_seq


def as_payload(file: AttachmentRow) -> dict[str, Any]:
    """Return a file as the part of a message that shows it."""
    url = f"/files/{file.id}"
    if file.type.startswith("image/"):
        return {"image": url}
    return {"file": {"url": url, "name": file.name, "type": file.type}}
