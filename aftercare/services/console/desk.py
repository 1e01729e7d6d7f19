"""The desk's row beside a conversation, and the record of its steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

import aftercare.services.outbox  # noqa: F401  each hand-over is told of
from aftercare.domain.conversation import Owner, check_move
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import SYSTEM, Actor
from aftercare.services.console.families import matter_of
from aftercare.services.console.mask import TEXTS, mask_text
from aftercare.services.conversations import (
    Message,
    Reply,
    append,
    as_message,
    locked_talk,
)
from aftercare.services.customers.routing import lift_priority
from aftercare.store.cases import CaseRow
from aftercare.store.desk import DeskEventRow, HandoverRow
from aftercare.store.messages import ConversationRow, MessageRow

LAST_SAID = 3
LONGEST_QUOTE = 60
LOOKED_BACK = 20
# A greeting or a model name is no sentence.
FEWEST_LETTERS = 12


@dataclass(slots=True)
class Step:
    """What a step of the desk said to the customer, for the live channel."""

    conversation_id: str
    said: list[Message] = field(default_factory=list)


def locked(session: Session, conversation_id: str) -> ConversationRow:
    """Return a conversation locked for this transaction.

    Raises:
        AftercareError: NOT_FOUND.
    """
    talk = locked_talk(session, conversation_id)
    if talk is None:
        raise AftercareError(Reason.NOT_FOUND)
    return talk


def handover_of(session: Session, talk: ConversationRow) -> HandoverRow:
    """Return the desk's row of a locked conversation, made where there is none."""
    row = session.get(HandoverRow, talk.id)
    if row is None:
        row = HandoverRow(
            conversation_id=talk.id, language="zh", channel="web", review="none"
        )
        session.add(row)
        session.flush()
    return row


def move(talk: ConversationRow, *path: Owner) -> None:
    """Pass a conversation along legal moves only.

    Raises:
        AftercareError: ILLEGAL_MOVE; nothing is changed.
    """
    at = Owner(talk.owner)
    for after in path:
        check_move(at, after)
        at = after
    talk.owner = at


def step(
    session: Session,
    talk_id: str,
    kind: str,
    actor: Actor,
    now: datetime,
    before: str = "",
    after: str = "",
    **detail: Any,
) -> None:
    """Record a step of a conversation."""
    session.add(
        DeskEventRow(
            conversation_id=talk_id,
            at=now,
            kind=kind,
            actor=actor.name,
            account_id=actor.account_id,
            before=before,
            after=after,
            detail=detail or None,
        )
    )


def say(
    session: Session, talk: ConversationRow, text: str, now: datetime, **words: str
) -> Message:
    """Let the system say one of the desk's own lines to the customer."""
    line = str(TEXTS[text]).format(**words)
    return as_message(append(session, talk, "system", Reply(line), now))


def put_in_queue(
    session: Session,
    talk: ConversationRow,
    row: HandoverRow,
    trigger: str,
    now: datetime,
    actor: Actor = SYSTEM,
    queue: dict[str, int] | None = None,
) -> None:
    """Note that a conversation, already owned by "waiting", waits since now.

    `queue` is the queue as it was joined, kept so that waits can be learned.
    """
    row.waiting_since = now
    lift_priority(session, talk.customer_id, row)
    row.agent_id = None
    row.lease_until = None
    row.snoozed = False
    row.trigger = trigger
    row.summary = summary(session, talk)
    carry(session, talk, row)
    detail: dict[str, Any] = {"trigger": trigger}
    if queue:
        detail["queue"] = queue
    step(session, talk.id, "asked", actor, now, "", Owner.WAITING, **detail)


def carry(session: Session, talk: ConversationRow, row: HandoverRow) -> None:
    """Note what a conversation is about: matter, language, order and case."""
    rows = session.scalars(
        select(MessageRow)
        .where(MessageRow.conversation_id == talk.id, MessageRow.sender == "customer")
        .order_by(MessageRow.seq.desc())
        .limit(LOOKED_BACK)
    ).all()
    understood = [item.understanding or {} for item in rows]
    intents = [(found.get("intent") or {}).get("name") for found in understood]
    row.skill = matter_of(intents) or row.skill
    # What the shop's page said of the language stands against a Chinese text.
    if language_of([_shown(item) for item in rows]) == "en":
        row.language = "en"
    orders = [(found.get("slots") or {}).get("order_no") for found in understood]
    row.order_no = next((str(no)[:32] for no in orders if no), row.order_no)
    row.case_no = (
        session.scalar(
            select(CaseRow.case_no)
            .where(CaseRow.conversation_id == talk.id)
            .order_by(CaseRow.opened_at.desc())
            .limit(1)
        )
        or row.case_no
    )


def language_of(texts: list[str]) -> str | None:
    """Return "zh" or "en" by the letters of what was typed; None where too few."""
    typed = "".join(text for text in texts if not text.startswith("/"))
    chinese = sum("\u4e00" <= letter <= "\u9fff" for letter in typed)
    latin = sum(letter.isascii() and letter.isalpha() for letter in typed)
    if 4 * chinese + latin < FEWEST_LETTERS:
        return None
    # A Chinese sentence holds model names; an English one holds no characters.
    return "en" if latin > 8 * chinese else "zh"


def summary(session: Session, talk: ConversationRow) -> str:
    """Return in a line what the customer said last, and about which order."""
    rows = _last(session, talk.id)
    if not rows:
        return ""
    text = str(TEXTS["summary"]).format(last=" / ".join(_quotes(rows)))
    understood = next((row.understanding for row in rows if row.understanding), {})
    order = (understood.get("slots") or {}).get("order_no")
    if order:
        text += str(TEXTS["summary_order"]).format(order=mask_text(str(order)))
    return text


def said_last(session: Session, talk_id: str, until: datetime) -> list[str]:
    """Return what the customer said last before a moment, masked, oldest first."""
    return _quotes(_last(session, talk_id, MessageRow.at <= until))


def _last(
    session: Session, talk_id: str, *only: ColumnElement[bool]
) -> Sequence[MessageRow]:
    return session.scalars(
        select(MessageRow)
        .where(
            MessageRow.conversation_id == talk_id,
            MessageRow.sender == "customer",
            *only,
        )
        .order_by(MessageRow.seq.desc())
        .limit(LAST_SAID)
    ).all()


def _quotes(rows: Sequence[MessageRow]) -> list[str]:
    return [mask_text(_shown(row))[:LONGEST_QUOTE] for row in reversed(rows)]


def _shown(row: MessageRow) -> str:
    return str((row.payload or {}).get("title") or row.text)


def mark_answered(session: Session, talk_id: str, now: datetime) -> None:
    """Mark what the customer said so far as answered."""
    rows = session.scalars(
        select(MessageRow).where(
            MessageRow.conversation_id == talk_id,
            MessageRow.sender == "customer",
            MessageRow.answered_at.is_(None),
        )
    )
    for row in rows:
        row.answered_at = now
