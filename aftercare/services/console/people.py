"""How people are shown: their role, presence, load."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.domain.conversation import Owner
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.options import options_in
from aftercare.store.console import AccountRow
from aftercare.store.desk import HandoverRow
from aftercare.store.messages import ConversationRow
from aftercare.store.unit_of_work import read


def person(engine: Engine, account_id: int) -> dict[str, Any]:
    """Return one person.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with read(engine) as session:
        row = session.get(AccountRow, account_id)
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        return account_view(row, options_in(session).cap)


def everybody(engine: Engine) -> list[dict[str, Any]]:
    """Return all people with their load, by name."""
    with read(engine) as session:
        load, cap = loads(session), options_in(session).cap
        rows = session.scalars(select(AccountRow).order_by(AccountRow.name))
        return [
            account_view(row, cap)
            | {
                "active": row.active,
                "load": load.get(row.id, 0),
                "last_seen": row.seen_at,
            }
            for row in rows
        ]


def colleagues(engine: Engine, account_id: int | None = None) -> list[dict[str, Any]]:
    """Return who can take conversations, and whether they are there."""
    with read(engine) as session:
        load, cap = loads(session), options_in(session).cap
        query = select(AccountRow).where(
            AccountRow.active.is_(True),
            AccountRow.role.in_(("admin", "supervisor", "agent")),
        )
        if account_id is not None:
            query = query.where(AccountRow.id == account_id)
        rows = session.scalars(query.order_by(AccountRow.name))
        return [
            {
                "id": row.id,
                "name": row.name,
                "state": row.presence,
                "since": row.presence_at,
                "load": load.get(row.id, 0),
                "cap": row.cap or cap,
            }
            for row in rows
        ]


def loads(session: Session) -> dict[int, int]:
    """Return how many conversations each person owns, snoozed ones left out."""
    rows = session.execute(
        select(HandoverRow.agent_id, func.count())
        .join(ConversationRow, ConversationRow.id == HandoverRow.conversation_id)
        .where(
            ConversationRow.owner == Owner.HUMAN,
            HandoverRow.agent_id.is_not(None),
            HandoverRow.snoozed.is_(False),
        )
        .group_by(HandoverRow.agent_id)
    )
    return {agent: count for agent, count in rows if agent is not None}


def account_view(row: AccountRow, cap: int) -> dict[str, Any]:
    """Return an account without its secrets."""
    return {
        "id": row.id,
        "login": row.login,
        "name": row.name,
        "role": row.role,
        "skills": row.skills,
        "languages": row.languages,
        "cap": row.cap or cap,
        "totp": row.totp_secret is not None,
        "presence": row.presence,
    }
