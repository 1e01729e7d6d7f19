"""Who works when: shifts of people by day, and how many that makes by half-hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.services.planning.history import SLOTS
from aftercare.services.waiting import SPEAKERS
from aftercare.store.console import AccountRow
from aftercare.store.planning import RotaRow
from aftercare.store.unit_of_work import read, write

DAY_MINUTES = 24 * 60
MOST_DAYS = 62


@dataclass(frozen=True, slots=True)
class Shift:
    """From and to, in minutes of the shop's day, within one day."""

    begins: int
    ends: int


def rota(engine: Engine, first: date, days: int) -> dict[str, Any]:
    """Return the people who speak with customers and their shifts.

    Raises:
        AftercareError: MALFORMED for a period that is empty or over two months.
    """
    _check_days(days)
    with read(engine) as session:
        people = session.execute(
            select(AccountRow.id, AccountRow.name)
            .where(AccountRow.active.is_(True), AccountRow.role.in_(SPEAKERS))
            .order_by(AccountRow.id)
        ).all()
        shifts = _rows(session, first, days)
    return {
        "people": [{"id": who, "name": name} for who, name in people],
        "shifts": [
            {
                "account_id": row.account_id,
                "day": row.day,
                "begins": row.begins,
                "ends": row.ends,
            }
            for row in shifts
        ],
    }


def set_day(
    engine: Engine,
    actor: Actor,
    account_id: int,
    day: date,
    shifts: Sequence[Shift],
    now: datetime,
) -> None:
    """Give one person exactly these shifts on a day; none is a day off.

    Raises:
        AftercareError: NOT_FOUND; MALFORMED for shifts that overlap or end early.
    """
    inside = [0 <= s.begins < s.ends <= DAY_MINUTES for s in shifts]
    ordered = sorted(shifts, key=lambda shift: shift.begins)
    apart = all(a.ends <= b.begins for a, b in zip(ordered, ordered[1:], strict=False))
    if not all(inside) or not apart:
        raise AftercareError(Reason.MALFORMED, "shifts")
    with write(engine) as session:
        person = session.get(AccountRow, account_id)
        if person is None or person.role not in SPEAKERS:
            raise AftercareError(Reason.NOT_FOUND)
        session.execute(
            delete(RotaRow).where(RotaRow.account_id == account_id, RotaRow.day == day)
        )
        for shift in ordered:
            session.add(
                RotaRow(
                    account_id=account_id,
                    day=day,
                    begins=shift.begins,
                    ends=shift.ends,
                )
            )
        record(
            session,
            actor,
            "rota.set",
            now,
            str(account_id),
            day=day.isoformat(),
            shifts=[[s.begins, s.ends] for s in ordered],
        )


def copy_week(engine: Engine, actor: Actor, to: date, now: datetime) -> int:
    """Repeat the seven days before ``to`` from it on, where a day is still empty."""
    with write(engine) as session:
        taken = {(r.account_id, r.day) for r in _rows(session, to, 7)}
        made = 0
        for row in _rows(session, to - timedelta(days=7), 7):
            day = row.day + timedelta(days=7)
            if (row.account_id, day) in taken:
                continue
            session.add(
                RotaRow(
                    account_id=row.account_id,
                    day=day,
                    begins=row.begins,
                    ends=row.ends,
                )
            )
            made += 1
        record(session, actor, "rota.copy", now, to.isoformat(), shifts=made)
    return made


def on_duty(session: Session, first: date, days: int) -> NDArray[np.float64]:
    """Return how many people work, (days, 48); a part of a half-hour counts so."""
    table = np.zeros((days, SLOTS))
    edges = np.arange(SLOTS) * 30
    for row in _rows(session, first, days):
        inside = np.minimum(row.ends, edges + 30) - np.maximum(row.begins, edges)
        table[(row.day - first).days] += np.clip(inside, 0, 30) / 30
    return table


def _rows(session: Session, first: date, days: int) -> Sequence[RotaRow]:
    return session.scalars(
        select(RotaRow)
        .join(AccountRow, AccountRow.id == RotaRow.account_id)
        .where(
            RotaRow.day >= first,
            RotaRow.day < first + timedelta(days=days),
            AccountRow.active.is_(True),
        )
        .order_by(RotaRow.day, RotaRow.account_id, RotaRow.begins)
    ).all()


def _check_days(days: int) -> None:
    if not 1 <= days <= MOST_DAYS:
        raise AftercareError(Reason.MALFORMED, "days")
