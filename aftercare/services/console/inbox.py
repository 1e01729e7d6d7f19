"""The live inbox: who waits longest comes first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, func, select, true
from sqlalchemy.orm import Session

from aftercare.domain.conversation import Owner
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.desk import said_last
from aftercare.services.console.mask import mask_all, mask_name, mask_phone
from aftercare.services.console.rows import rows_of, talks, waiting_since
from aftercare.services.console.transcript import holds
from aftercare.store.desk import DeskEventRow, HandoverRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.models import CustomerRow, OrderRow
from aftercare.store.unit_of_work import read, write


def page(
    engine: Engine,
    actor: Actor,
    now: datetime,
    *,
    tab: str = "all",
    owner: str | None = None,
    offset: int = 0,
    limit: int = 50,
) -> dict[str, Any]:
    """Return a page of a tab with the counts of all tabs.

    Who is unanswered comes first, the longest wait on top; then what was
    spoken in last.
    """
    since = waiting_since()
    query = (
        talks()
        .with_only_columns(ConversationRow.id)
        .where(_in_tab(actor, tab, owner), ConversationRow.next_seq > 1)
        .order_by(
            since.is_(None),
            HandoverRow.priority.desc().nulls_last() if tab == "waiting" else since,
            since,
            MessageRow.at.desc(),
            ConversationRow.id,
        )
        .offset(offset)
        .limit(limit + 1)
    )
    with read(engine) as session:
        ids = list(session.scalars(query))
        return {
            "items": rows_of(session, ids[:limit], now),
            "counts": counts_in(session, actor),
            "next": str(offset + limit) if len(ids) > limit else None,
            "now": now,
        }


def row(engine: Engine, talk_id: str, now: datetime) -> dict[str, Any]:
    """Return one conversation as a row.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with read(engine) as session:
        found = rows_of(session, [talk_id], now)
    if not found:
        raise AftercareError(Reason.NOT_FOUND)
    return found[0]


def counts(engine: Engine, actor: Actor) -> dict[str, int]:
    """Return how many conversations each tab holds."""
    with read(engine) as session:
        return counts_in(session, actor)


def counts_in(session: Session, actor: Actor) -> dict[str, int]:
    """Return the counts inside a transaction."""

    def count(condition: ColumnElement[bool]) -> int:
        query = (
            select(func.count())
            .select_from(ConversationRow)
            .outerjoin(HandoverRow, HandoverRow.conversation_id == ConversationRow.id)
            .where(condition, ConversationRow.next_seq > 1)
        )
        return session.scalar(query) or 0

    return {
        "mine": count(_in_tab(actor, "mine", None)),
        "waiting": count(_in_tab(actor, "waiting", None)),
        "all": count(_in_tab(actor, "all", None)),
        "snoozed": count(_in_tab(actor, "snoozed", None)),
    }


def _in_tab(actor: Actor, tab: str, owner: str | None) -> ColumnElement[bool]:
    mine = and_(
        ConversationRow.owner == Owner.HUMAN, HandoverRow.agent_id == actor.account_id
    )
    if tab == "mine":
        return and_(mine, HandoverRow.snoozed.is_(False))
    if tab == "snoozed":
        return and_(mine, HandoverRow.snoozed.is_(True))
    if tab == "waiting":
        return ConversationRow.owner == Owner.WAITING
    if owner:
        return ConversationRow.owner == owner
    return (
        ConversationRow.owner.in_((Owner.NEW, Owner.BOT, Owner.WAITING, Owner.HUMAN))
        & true()
    )


def detail(
    engine: Engine, actor: Actor, talk_id: str, now: datetime, *, may_force: bool
) -> dict[str, Any]:
    """Return a conversation with everything a hand-over carries.

    Raises:
        AftercareError: NOT_FOUND.
    """
    found = row(engine, talk_id, now)
    with read(engine) as session:
        desk = session.get(HandoverRow, talk_id)
        slots = _slots(session, talk_id)
        customer = session.get(CustomerRow, found["customer"]["id"] or "")
        asked = session.scalar(
            select(DeskEventRow)
            .where(
                DeskEventRow.conversation_id == talk_id, DeskEventRow.kind == "asked"
            )
            .order_by(DeskEventRow.id.desc())
            .limit(1)
        )
        identity = (
            {
                "id": customer.id,
                "name": mask_name(customer.name),
                "phone": mask_phone(customer.phone),
            }
            if customer
            else None
        )
        owner = found["owner"]
        mine = (found["agent"] or {}).get("id") == actor.account_id
        order_no = (desk and desk.order_no) or slots.get("order_no")
        return found | {
            "summary": desk.summary if desk else None,
            "order_no": order_no,
            "case_no": desk.case_no if desk else None,
            "customer_read_seq": desk.customer_read_seq if desk else 0,
            "slots": mask_all(slots),
            "identity": identity,
            "handover": (
                {
                    "trigger": desk.trigger if desk else None,
                    "summary": desk.summary if desk else None,
                    "said": said_last(session, talk_id, asked.at),
                    "asked_at": asked.at,
                    "order_no": order_no,
                    "case_no": desk.case_no if desk else None,
                    "skill": desk.skill if desk else None,
                    "language": desk.language if desk else None,
                    "identity": identity,
                    "understood": _understood(session, talk_id, asked.at),
                }
                if asked
                else None
            ),
            "can": {
                "take": owner != Owner.HUMAN or found["agent"] is None,
                "force": may_force and owner == Owner.HUMAN and not mine,
                "speak": owner == Owner.HUMAN and mine,
                "give_back": owner == Owner.HUMAN and mine,
                "close": owner in (Owner.BOT, Owner.WAITING)
                or (owner == Owner.HUMAN and mine),
            },
        }


def events(engine: Engine, talk_id: str) -> list[dict[str, Any]]:
    """Return the steps of a conversation, oldest first."""
    with read(engine) as session:
        rows = session.scalars(
            select(DeskEventRow)
            .where(DeskEventRow.conversation_id == talk_id)
            .order_by(DeskEventRow.id)
        )
        return [
            {
                "at": item.at,
                "kind": item.kind,
                "actor": item.actor,
                "before": item.before,
                "after": item.after,
                "detail": item.detail,
            }
            for item in rows
        ]


def reveal(
    engine: Engine,
    actor: Actor,
    talk_id: str,
    field: str,
    why: str,
    now: datetime,
    order_no: str | None = None,
) -> str:
    """Return one masked value in clear, and put on record who saw it and why.

    Raises:
        AftercareError: NOT_FOUND, also for an order of another customer.
    """
    with write(engine) as session:
        talk = session.get(ConversationRow, talk_id)
        customer_id = (talk.customer_id if talk else None) or ""
        customer = session.get(CustomerRow, customer_id)
        if customer is None:
            raise AftercareError(Reason.NOT_FOUND)
        if field == "receiver_phone":
            order = session.get(OrderRow, order_no or "")
            if order is None or order.customer_id != customer.id:
                raise AftercareError(Reason.NOT_FOUND)
            value = order.receiver_phone
        else:
            value = customer.phone if field == "phone" else customer.name
        record(
            session,
            actor,
            "reveal",
            now,
            talk_id,
            field=field,
            why=why,
            order_no=order_no,
        )
        return value


def _slots(session: Session, talk_id: str) -> dict[str, Any]:
    rows = session.scalars(
        select(MessageRow.understanding)
        .where(
            MessageRow.conversation_id == talk_id,
            MessageRow.sender == "customer",
            MessageRow.answered_at.is_not(None),
        )
        .order_by(MessageRow.seq.desc())
        .limit(20)
    )
    for understanding in rows:
        if understanding and understanding.get("slots"):
            return dict(understanding["slots"])
    return {}


def _understood(
    session: Session, talk_id: str, until: datetime
) -> dict[str, Any] | None:
    """Return the intent of the last message that was understood before a hand-over."""
    rows = session.scalars(
        select(MessageRow.understanding)
        .where(
            MessageRow.conversation_id == talk_id,
            MessageRow.sender == "customer",
            MessageRow.at <= until,
        )
        .order_by(MessageRow.seq.desc())
        .limit(5)
    )
    for understanding in rows:
        intent: dict[str, Any] | None = (understanding or {}).get("intent")
        if intent and intent.get("name"):
            return intent
    return None


def is_mine(engine: Engine, actor: Actor, talk_id: str) -> bool:
    """Return whether a person owns a conversation now."""
    with read(engine) as session:
        talk = session.get(ConversationRow, talk_id)
        return talk is not None and holds(session, actor, talk)
