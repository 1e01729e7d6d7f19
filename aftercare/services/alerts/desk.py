"""Alerts for people: listed by incident, taken, closed with what they were."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.takeover import SPEAKERS
from aftercare.store.alerts import ASSIGNED, CLOSED, AlertRow
from aftercare.store.console import AccountRow
from aftercare.store.unit_of_work import read, write

REAL, FALSE_ALARM, KNOWN = "real", "false_alarm", "known"
OUTCOMES = (REAL, FALSE_ALARM, KNOWN)
PAGE = 200


def listed(engine: Engine, *, closed: bool = False) -> list[dict[str, Any]]:
    """Return alerts, incidents together, the gravest and newest first."""
    query = (
        select(AlertRow, AccountRow.name)
        .outerjoin(AccountRow, AccountRow.id == AlertRow.account_id)
        .where((AlertRow.state == CLOSED) if closed else (AlertRow.state != CLOSED))
        .order_by(AlertRow.group_id.desc(), AlertRow.id)
        .limit(PAGE)
    )
    with read(engine) as session:
        return [_view(row, name) for row, name in session.execute(query)]


def assign(
    engine: Engine, actor: Actor, alert_id: int, account_id: int | None, now: datetime
) -> None:
    """Give an alert to a person, by default to oneself.

    Raises:
        AftercareError: NOT_FOUND; ILLEGAL_MOVE if it is closed; FORBIDDEN for a
            person who may not handle it.
    """
    with write(engine) as session:
        row = _locked(session, alert_id)
        wanted = actor.account_id if account_id is None else account_id
        person = session.get(AccountRow, wanted)
        if person is None or not person.active or person.role not in SPEAKERS:
            raise AftercareError(Reason.FORBIDDEN, "no handler")
        row.state, row.account_id = ASSIGNED, person.id
        record(session, actor, "alert.assign", now, str(alert_id), to=person.login)


def close(
    engine: Engine, actor: Actor, alert_id: int, outcome: str, note: str, now: datetime
) -> None:
    """Close an alert with what it was, so that precision can be told.

    Raises:
        AftercareError: NOT_FOUND; MALFORMED; ILLEGAL_MOVE if it is closed.
    """
    if outcome not in OUTCOMES:
        raise AftercareError(Reason.MALFORMED, "outcome")
    with write(engine) as session:
        row = _locked(session, alert_id)
        row.state, row.outcome, row.note = CLOSED, outcome, note
        row.closed_by, row.closed_at = actor.login, now
        record(session, actor, "alert.close", now, str(alert_id), outcome=outcome)


def precision(engine: Engine, since: datetime) -> dict[str, Any]:
    """Return how many closed alerts were real, and how soon they were closed."""
    with read(engine) as session:
        rows = session.scalars(
            select(AlertRow).where(
                AlertRow.closed_at >= since, AlertRow.outcome.is_not(None)
            )
        ).all()
    counts = Counter(row.outcome for row in rows)
    judged = counts[REAL] + counts[FALSE_ALARM]
    hours = sorted(
        (row.closed_at - row.raised_at).total_seconds() / 3600
        for row in rows
        if row.closed_at
    )
    return {
        "closed": len(rows),
        "outcomes": dict(counts),
        "precision": counts[REAL] / judged if judged else None,
        "median_hours": hours[len(hours) // 2] if hours else None,
    }


def _locked(session: Session, alert_id: int) -> AlertRow:
    row = session.get(AlertRow, alert_id, with_for_update=True)
    if row is None:
        raise AftercareError(Reason.NOT_FOUND)
    if row.state == CLOSED:
        raise AftercareError(Reason.ILLEGAL_MOVE, "closed")
    return row


def _view(row: AlertRow, name: str | None) -> dict[str, Any]:
    fields = (
        "id",
        "kind",
        "subject",
        "severity",
        "state",
        "group_id",
        "raised_at",
        "last_at",
        "times",
        "figures",
        "examples",
        "outcome",
        "note",
        "closed_by",
        "closed_at",
    )
    return {field: getattr(row, field) for field in fields} | {"person": name}
