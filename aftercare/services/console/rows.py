"""A conversation as a row of a list; a page of them costs seven queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from aftercare.domain.conversation import Owner
from aftercare.services.console.mask import mask_name, mask_numbers, mask_text
from aftercare.services.console.options import Options, options_in
from aftercare.store.console import AccountRow
from aftercare.store.desk import HandoverRow, TagRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.models import CustomerRow

LONGEST_LAST = 80


def waiting_since() -> ColumnElement[datetime]:
    """Return since when the customer waits for a person; NULL where nobody does.

    Who was handed over waits until the person has said a first word: what the
    assistant answered meanwhile is no answer of theirs.
    """
    said = aliased(MessageRow)
    unmet = ~exists().where(
        said.conversation_id == ConversationRow.id,
        said.sender == "agent",
        said.at >= HandoverRow.taken_at,
    )
    asked = (
        select(func.max(said.at))
        .where(said.conversation_id == ConversationRow.id, said.sender == "customer")
        .correlate(ConversationRow)
        .scalar_subquery()
    )
    handed_over = and_(HandoverRow.trigger != "manual", unmet)
    oldest = (
        select(func.min(MessageRow.at))
        .where(
            MessageRow.conversation_id == ConversationRow.id,
            MessageRow.sender == "customer",
            MessageRow.answered_at.is_(None),
        )
        .correlate(ConversationRow)
        .scalar_subquery()
    )
    return case(
        (ConversationRow.owner == Owner.WAITING, HandoverRow.waiting_since),
        (
            ConversationRow.owner == Owner.HUMAN,
            func.coalesce(oldest, case((handed_over, asked))),
        ),
    )


def talks() -> Select[ConversationRow, HandoverRow, MessageRow]:
    """Return the query of conversations, each with its desk row and last message."""
    last = and_(
        MessageRow.conversation_id == ConversationRow.id,
        MessageRow.seq == ConversationRow.next_seq - 1,
    )
    return (
        select(ConversationRow, HandoverRow, MessageRow)
        .outerjoin(HandoverRow, HandoverRow.conversation_id == ConversationRow.id)
        .outerjoin(MessageRow, last)
    )


def rows_of(
    session: Session, ids: Sequence[str], now: datetime
) -> list[dict[str, Any]]:
    """Return conversations as rows, in the order of their ids."""
    since = waiting_since().label("since")
    found = session.execute(
        talks().add_columns(since).where(ConversationRow.id.in_(ids))
    ).all()
    people = _names(session, [row[1].agent_id for row in found if row[1]])
    customers = _customers(session, [row[0].customer_id for row in found])
    tags = _tags(session, ids)
    unread = _unread(session, ids)
    spoken = _spoken(session, [row[0].id for row in found if _is_system(row[2])])
    settings = options_in(session)
    made = {
        row[0].id: _row(row, people, customers, tags, unread, settings, now)
        | ({"last": last_said(said)} if (said := spoken.get(row[0].id)) else {})
        for row in found
    }
    return [made[item] for item in ids if item in made]


def _row(
    found: Any,
    people: dict[int, str],
    customers: dict[str, str],
    tags: dict[str, list[str]],
    unread: dict[str, int],
    settings: Options,
    now: datetime,
) -> dict[str, Any]:
    talk, desk, last, since = found
    desk = desk or HandoverRow(
        priority=0, language="zh", channel="web", snoozed=False, review="none"
    )
    human = talk.owner == Owner.HUMAN and desk.agent_id is not None
    waited = max(0, int((now - since).total_seconds())) if since else None
    name = customers.get(talk.customer_id or "")
    return {
        "id": talk.id,
        "customer": {
            "id": talk.customer_id,
            "name": mask_name(name) if name else None,
            "guest": talk.customer_id is None,
        },
        "owner": talk.owner,
        "agent": (
            {"id": desk.agent_id, "name": people.get(desk.agent_id or 0, "")}
            if human
            else None
        ),
        "channel": desk.channel,
        "created_at": talk.created_at,
        "waiting_since": since,
        "waited_s": waited,
        "level": level(waited, settings),
        "trigger": desk.trigger,
        "priority": desk.priority,
        "skill": desk.skill,
        "language": desk.language,
        "snoozed_until": desk.snoozed_until,
        "snoozed": desk.snoozed,
        "tags": tags.get(talk.id, []),
        "unread": unread.get(talk.id, 0),
        "messages": talk.next_seq - 1,
        "last": last_said(last),
        "test": desk.share_id is not None,
        "model": desk.model,
        "lease_until": desk.lease_until if human else None,
        "review": desk.review,
    }


def level(waited: int | None, settings: Options) -> str:
    """Return how urgent a wait of so many seconds is."""
    if waited is None or waited < settings.warn_notice_s:
        return "none"
    if waited < settings.warn_s:
        return "notice"
    return "warn" if waited < settings.alert_s else "alert"


def last_said(row: MessageRow | None) -> dict[str, Any] | None:
    """Return a message cut to fit a list, masked."""
    if row is None:
        return None
    payload = row.payload or {}
    shown = str(payload.get("title") or row.text)
    return {
        "seq": row.seq,
        "sender": row.sender,
        # The desk's own lines name nobody but the agent.
        "text": (mask_numbers if _is_system(row) else mask_text)(shown)[:LONGEST_LAST],
        "file": bool(payload.get("image") or payload.get("file")),
        "at": row.at,
    }


def _is_system(row: MessageRow | None) -> bool:
    return row is not None and row.sender == "system"


def _spoken(session: Session, ids: Sequence[str]) -> dict[str, MessageRow]:
    """Return what was said last where the desk's own line stands at the end."""
    if not ids:
        return {}
    last = (
        select(MessageRow.conversation_id, func.max(MessageRow.seq).label("seq"))
        .where(MessageRow.conversation_id.in_(ids), MessageRow.sender != "system")
        .group_by(MessageRow.conversation_id)
        .subquery()
    )
    rows = session.scalars(
        select(MessageRow).join(
            last,
            and_(
                MessageRow.conversation_id == last.c.conversation_id,
                MessageRow.seq == last.c.seq,
            ),
        )
    )
    return {row.conversation_id: row for row in rows}


def _names(session: Session, ids: Sequence[int | None]) -> dict[int, str]:
    rows = session.execute(
        select(AccountRow.id, AccountRow.name).where(AccountRow.id.in_(set(ids)))
    )
    return {key: name for key, name in rows}


def _customers(session: Session, ids: Sequence[str | None]) -> dict[str, str]:
    rows = session.execute(
        select(CustomerRow.id, CustomerRow.name).where(CustomerRow.id.in_(set(ids)))
    )
    return {key: name for key, name in rows}


def _tags(session: Session, ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, tag in session.execute(
        select(TagRow.conversation_id, TagRow.tag)
        .where(TagRow.conversation_id.in_(ids))
        .order_by(TagRow.tag)
    ):
        found.setdefault(key, []).append(tag)
    return found


def _unread(session: Session, ids: Sequence[str]) -> dict[str, int]:
    seen = func.coalesce(HandoverRow.read_seq, 0)
    rows = session.execute(
        select(MessageRow.conversation_id, func.count())
        .outerjoin(
            HandoverRow, HandoverRow.conversation_id == MessageRow.conversation_id
        )
        .where(
            MessageRow.conversation_id.in_(ids),
            MessageRow.sender == "customer",
            MessageRow.seq > seen,
        )
        .group_by(MessageRow.conversation_id)
    )
    return {key: count for key, count in rows}
