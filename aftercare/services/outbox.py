"""Events for the outside: written with what they tell of, told until confirmed.

The row is written by the very transaction that writes the refund or moves the
case (an ORM event sees to it, so that no way to a refund can forget it). A relay
sends what is unsent and marks it when a queue of the broker holds it: while the broker
is away nothing is lost, and after a crash in between an event may come twice,
under the same id, by which a receiver drops it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, event, func, insert, select, update
from sqlalchemy.orm import Mapper

from aftercare.domain import trace
from aftercare.store.cases import CaseEventRow
from aftercare.store.desk import DeskEventRow
from aftercare.store.models import RefundRow
from aftercare.store.scale import OutboxRow
from aftercare.store.unit_of_work import read, write

BATCH = 100
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it is told: `body` is JSON, `kind` its routing key."""

    event_id: str
    kind: str
    body: dict[str, Any]


def unsent(
    engine: Engine, without: Collection[str] = (), limit: int = BATCH
) -> list[Event]:
    """Return the oldest events not yet told, without these kinds."""
    with read(engine) as session:
        rows = session.scalars(
            select(OutboxRow)
            .where(OutboxRow.sent_at.is_(None), OutboxRow.kind.not_in(without))
            .order_by(OutboxRow.id)
            .limit(limit)
        )
        return [Event(row.event_id, row.kind, dict(row.body)) for row in rows]


def mark_sent(engine: Engine, event_ids: Sequence[str], now: datetime) -> None:
    """Note that a queue holds these, or that nobody wants them."""
    with write(engine) as session:
        session.execute(
            update(OutboxRow)
            .where(OutboxRow.event_id.in_(event_ids))
            .values(sent_at=now)
        )


def backlog(engine: Engine) -> tuple[int, datetime | None]:
    """Return how many events wait, and since when."""
    with read(engine) as session:
        count, oldest = session.execute(
            select(func.count(), func.min(OutboxRow.at)).where(
                OutboxRow.sent_at.is_(None)
            )
        ).one()
        return count, oldest


def drop_old(engine: Engine, now: datetime) -> int:
    """Delete what is a week old, told or not; return how many."""
    with write(engine) as session:
        gone: Any = session.execute(delete(OutboxRow).where(OutboxRow.at < now - KEPT))
        return int(gone.rowcount)


def conversation_mark(conversation_id: str) -> str:
    """Return what two events of one conversation share; it opens nothing."""
    return hashlib.sha256(conversation_id.encode()).hexdigest()[:16]


def _write(
    connection: Connection, kind: str, case_no: str | None, body: dict[str, Any]
) -> None:
    now = datetime.now(UTC)
    event_id = secrets.token_hex(16)
    told = body | {"id": event_id, "kind": kind, "trace": trace.current()}
    connection.execute(
        insert(OutboxRow).values(
            event_id=event_id, kind=kind, case_no=case_no, body=told, at=now
        )
    )


@event.listens_for(RefundRow, "after_insert")
def _refunded(_: Mapper[Any], connection: Connection, row: RefundRow) -> None:
    body = {
        "case_no": row.case_no,
        "line_id": row.line_id,
        "amount_fen": row.amount_fen,
        "rule": row.rule,
    }
    _write(connection, "refund.written", row.case_no, body)


@event.listens_for(CaseEventRow, "after_insert")
def _case_moved(_: Mapper[Any], connection: Connection, row: CaseEventRow) -> None:
    if row.before == row.after:
        return
    body = {
        "case_no": row.case_no,
        "before": row.before,
        "after": row.after,
        "at": row.at.isoformat(),
    }
    _write(connection, "case.moved", row.case_no, body)


@event.listens_for(DeskEventRow, "after_insert")
def _asked_for_a_person(
    _: Mapper[Any], connection: Connection, row: DeskEventRow
) -> None:
    if row.kind != "asked":
        return
    body = {
        "conversation": conversation_mark(row.conversation_id),
        "trigger": (row.detail or {}).get("trigger"),
        "at": row.at.isoformat(),
    }
    _write(connection, "handover.requested", None, body)
