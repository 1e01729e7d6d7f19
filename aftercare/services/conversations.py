"""The conversation log: stored before it is acknowledged, in order, once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.domain.conversation import Owner, check_move
from aftercare.domain.errors import AftercareError, Reason
from aftercare.store.console import ShareLinkRow
from aftercare.store.desk import HandoverRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.unit_of_work import read, write

# More than this waiting for the bot is a flood, not a customer.
MAX_WAITING = 30


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply; `payload` may hold quick_replies, card and image."""

    text: str
    payload: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A committed message; `seq` counts from 1 without gaps."""

    seq: int
    sender: str
    text: str
    at: datetime
    payload: dict[str, Any] | None = None
    trace: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """The oldest message that waits for the bot, and whose it is (None: a guest's)."""

    customer_id: str | None
    owner: str
    message: Message


@dataclass(frozen=True, slots=True)
class Answered:
    """What one answer changed, read in the transaction that wrote it.

    Attributes:
        said: the committed replies; empty where the message takes none any more.
        owner: who answers in the conversation now.
        rest: the next message that waits for the bot, None where none does.
    """

    said: list[Message]
    owner: str
    rest: Asked | None


# A guest's trial is told by its id, so that no other turn asks for its model.
TRIAL = "trial-"


def open_conversation(engine: Engine, customer_id: str | None, prefix: str = "") -> str:
    """Open a conversation and return its 256-bit unguessable id; None = guest."""
    conversation_id = prefix + secrets.token_urlsafe(32)
    with write(engine) as session:
        session.add(ConversationRow(id=conversation_id, customer_id=customer_id))
    return conversation_id


def receive(
    engine: Engine,
    *,
    conversation_id: str,
    customer_id: str | None,
    client_id: str,
    text: str,
    now: datetime,
    title: str | None = None,
    image: str | None = None,
) -> Message:
    """Store a customer's message and return the committed row.

    A repeat of the same client id returns the row stored the first time, so a
    client on a weak link may send until it is acknowledged. `title` is what a
    pressed button showed, its payload being the text; `image` is the path of a
    picture the message carries.

    Raises:
        AftercareError: NOT_FOUND, also for another customer's conversation, and for
            a trial whose link has ended;
            KEY_REUSED for a client id used with another text;
            TOO_MANY_MESSAGES while too many wait for the bot.
    """
    with write(engine) as session:
        talk = _access(session, conversation_id, customer_id)
        if trial_is_over(session, conversation_id, now):
            raise AftercareError(Reason.NOT_FOUND)
        known = session.scalar(
            select(MessageRow).where(
                MessageRow.conversation_id == conversation_id,
                MessageRow.client_id == client_id,
            )
        )
        if known is not None:
            if known.text != text:
                raise AftercareError(Reason.KEY_REUSED)
            return as_message(known)
        if talk.owner != Owner.HUMAN and _waiting(session, talk.id) >= MAX_WAITING:
            raise AftercareError(Reason.TOO_MANY_MESSAGES)
        if talk.owner in (Owner.NEW, Owner.CLOSED):
            talk.owner = Owner.BOT
        extra = {"title": title, "image": image}
        kept = {name: value for name, value in extra.items() if value}
        said = Reply(text, kept or None)
        return as_message(append(session, talk, "customer", said, now, client_id))


def answer(
    engine: Engine,
    *,
    conversation_id: str,
    to_seq: int,
    replies: Sequence[Reply],
    now: datetime,
    understanding: dict[str, Any] | None = None,
) -> list[Message]:
    """Store the bot's replies to one message and return them: see `answer_turn`."""
    return answer_turn(
        engine,
        conversation_id=conversation_id,
        to_seq=to_seq,
        replies=replies,
        now=now,
        understanding=understanding,
    ).said


def answer_turn(
    engine: Engine,
    *,
    conversation_id: str,
    to_seq: int,
    replies: Sequence[Reply],
    now: datetime,
    understanding: dict[str, Any] | None = None,
) -> Answered:
    """Store the bot's replies to one message and mark it answered, together.

    A message already answered, or a conversation a human owns, takes no reply.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        talk = locked_talk(session, conversation_id)
        asked = session.scalar(
            select(MessageRow).where(
                MessageRow.conversation_id == conversation_id,
                MessageRow.seq == to_seq,
                MessageRow.sender == "customer",
            )
        )
        if talk is None or asked is None:
            raise AftercareError(Reason.NOT_FOUND)
        rows: list[MessageRow] = []
        if asked.answered_at is None and talk.owner != Owner.HUMAN:
            asked.answered_at = now
            asked.understanding = understanding
            rows = [append(session, talk, "bot", item, now) for item in replies]
        said = [as_message(row) for row in rows]
        return Answered(said, talk.owner, _asked(session, conversation_id))


def asked_next(engine: Engine, conversation_id: str) -> Asked | None:
    """Return what the bot has to answer next, None where it has nothing to."""
    with read(engine) as session:
        return _asked(session, conversation_id)


def unanswered(engine: Engine, conversation_id: str) -> list[Message]:
    """Return the customer's messages that still wait, oldest first."""
    with read(engine) as session:
        rows = session.scalars(
            select(MessageRow)
            .where(
                MessageRow.conversation_id == conversation_id,
                MessageRow.sender == "customer",
                MessageRow.answered_at.is_(None),
            )
            .order_by(MessageRow.seq)
        )
        return [as_message(row) for row in rows]


def hand_to(engine: Engine, conversation_id: str, before: Owner, after: Owner) -> None:
    """Change the owner, only if it still is `before`: of two rivals one wins.

    Raises:
        AftercareError: NOT_FOUND, or ILLEGAL_MOVE also where a rival was first.
    """
    check_move(before, after)
    with write(engine) as session:
        talk = locked_talk(session, conversation_id)
        if talk is None:
            raise AftercareError(Reason.NOT_FOUND)
        if talk.owner != before:
            raise AftercareError(Reason.ILLEGAL_MOVE, f"owner is {talk.owner}")
        talk.owner = after


def ask_for_human(engine: Engine, conversation_id: str) -> None:
    """Put a conversation into the waiting room; a repeat changes nothing.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        talk = locked_talk(session, conversation_id)
        if talk is None:
            raise AftercareError(Reason.NOT_FOUND)
        if talk.owner in (Owner.NEW, Owner.BOT):
            talk.owner = Owner.WAITING


def note(engine: Engine, conversation_id: str, text: str, now: datetime) -> Message:
    """Store a line the system itself says, and return it.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        return _note(session, conversation_id, text, now)


def note_once(
    engine: Engine, conversation_id: str, text: str, now: datetime
) -> Message | None:
    """Store a system line unless one was said since the last reply.

    Read from the log itself, so it holds over restarts and for every message
    that waits: one line per outage and conversation.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        last = session.scalar(
            select(MessageRow.sender)
            .where(
                MessageRow.conversation_id == conversation_id,
                MessageRow.sender != "customer",
            )
            .order_by(MessageRow.seq.desc())
            .limit(1)
        )
        if last == "system":
            return None
        return _note(session, conversation_id, text, now)


def _note(session: Session, talk_id: str, text: str, now: datetime) -> Message:
    talk = locked_talk(session, talk_id)
    if talk is None:
        raise AftercareError(Reason.NOT_FOUND)
    return as_message(append(session, talk, "system", Reply(text), now))


def _asked(session: Session, conversation_id: str) -> Asked | None:
    row = session.execute(
        select(
            ConversationRow.customer_id,
            ConversationRow.owner,
            MessageRow.seq,
            MessageRow.text,
            MessageRow.at,
            MessageRow.payload,
            MessageRow.trace,
        )
        .join(MessageRow, MessageRow.conversation_id == ConversationRow.id)
        .where(
            ConversationRow.id == conversation_id,
            ConversationRow.owner != Owner.HUMAN,
            MessageRow.sender == "customer",
            MessageRow.answered_at.is_(None),
        )
        .order_by(MessageRow.seq)
        .limit(1)
    ).first()
    if row is None:
        return None
    message = Message(row.seq, "customer", row.text, row.at, row.payload, row.trace)
    return Asked(row.customer_id, row.owner, message)


def _waiting(session: Session, conversation_id: str) -> int:
    count = session.scalar(
        select(func.count()).where(
            MessageRow.conversation_id == conversation_id,
            MessageRow.sender == "customer",
            MessageRow.answered_at.is_(None),
        )
    )
    return count or 0


def locked_talk(session: Session, conversation_id: str) -> ConversationRow | None:
    """Return a conversation nobody else may change until this transaction ends."""
    return session.scalar(
        select(ConversationRow)
        .where(ConversationRow.id == conversation_id)
        .with_for_update()
    )


def trial_is_over(session: Session, conversation_id: str, now: datetime) -> bool:
    """Return whether a conversation is a trial whose link has ended or was revoked."""
    if not conversation_id.startswith(TRIAL):
        return False
    link = session.scalar(
        select(ShareLinkRow)
        .join(HandoverRow, HandoverRow.share_id == ShareLinkRow.id)
        .where(HandoverRow.conversation_id == conversation_id)
    )
    return link is not None and (link.revoked_at is not None or link.expires_at <= now)


def _access(
    session: Session, conversation_id: str, customer_id: str | None
) -> ConversationRow:
    talk = locked_talk(session, conversation_id)
    if talk is None or talk.customer_id != customer_id:
        raise AftercareError(Reason.NOT_FOUND)
    return talk


def append(
    session: Session,
    talk: ConversationRow,
    sender: str,
    said: Reply,
    now: datetime,
    client_id: str | None = None,
) -> MessageRow:
    """Number and store a message inside a transaction that locked its talk."""
    row = MessageRow(
        conversation_id=talk.id,
        seq=talk.next_seq,
        sender=sender,
        text=said.text,
        payload=said.payload,
        client_id=client_id,
        at=now,
    )
    talk.next_seq += 1
    session.add(row)
    session.flush()
    return row


def as_message(row: MessageRow) -> Message:
    """Return a stored row as a message."""
    return Message(row.seq, row.sender, row.text, row.at, row.payload, row.trace)
