"""The record of what was done in the console; it only grows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.store import sealing
from aftercare.store.console import AuditRow
from aftercare.store.unit_of_work import read


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account (`account_id` None: the system), and from where."""

    account_id: int | None
    login: str
    name: str
    role: str
    address: str = ""


SYSTEM = Actor(None, "system", "system", "admin")


def record(
    session: Session,
    actor: Actor,
    action: str,
    now: datetime,
    target: str = "",
    **detail: Any,
) -> None:
    """Write one line in the transaction of what it records."""
    row = AuditRow(
        at=now,
        actor=actor.login,
        action=action,
        target=target,
        detail=detail or None,
        address=actor.address,
    )
    sealing.note(session, row)


def entries(
    engine: Engine,
    *,
    cursor: int | None = None,
    limit: int = 50,
    actor: str | None = None,
    action: str | None = None,
) -> tuple[list[dict[str, Any]], int | None]:
    """Return a page of the record, newest first, and where the next begins."""
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(AuditRow.id < cursor)
    if actor:
        query = query.where(AuditRow.actor == actor)
    if action:
        query = query.where(AuditRow.action.startswith(action))
    with read(engine) as session:
        rows = list(session.scalars(query))
        page = rows[:limit]
        items = [
            {
                "id": row.id,
                "at": row.at,
                "actor": row.actor,
                "action": row.action,
                "target": row.target,
                "detail": row.detail,
                "address": row.address,
            }
            for row in page
        ]
    return items, (page[-1].id if len(rows) > limit else None)
