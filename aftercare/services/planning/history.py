"""What came so far, counted by day and half-hour of the shop's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aftercare.domain.calendar import SHOP_ZONE
from aftercare.store.desk import HandoverRow
from aftercare.store.messages import MessageRow
from aftercare.store.models import RefundRow, UtcDateTime

SLOTS = 48
LONGEST = timedelta(days=730)
# A customer who writes again after so long is a new contact.
SILENCE = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts of whole days, oldest first: `slots` is (days, 48)."""

    days: pd.DatetimeIndex
    slots: NDArray[np.float64]

    @property
    def daily(self) -> pd.Series:
        """Return the count of each day."""
        return pd.Series(self.slots.sum(axis=1), self.days)


def contacts(session: Session, first: datetime, last: datetime) -> list[datetime]:
    """Return when customers began to write, or wrote again after a silence.

    Trials by a share link are no customers.
    """
    before = func.lag(MessageRow.at, type_=UtcDateTime()).over(
        partition_by=MessageRow.conversation_id, order_by=MessageRow.seq
    )
    said = (
        select(
            MessageRow.conversation_id,
            MessageRow.sender,
            MessageRow.at,
            before.label("before"),
        )
        .where(MessageRow.at >= first - SILENCE, MessageRow.at < last)
        .subquery()
    )
    trials = select(HandoverRow.conversation_id).where(
        HandoverRow.share_id.is_not(None)
    )
    rows = session.execute(
        select(said.c.at, said.c.before).where(
            said.c.sender == "customer",
            said.c.at >= first,
            said.c.conversation_id.not_in(trials),
        )
    )
    return [at for at, was in rows if was is None or at - was >= SILENCE]


def count(moments: list[datetime], first: date, end: date) -> Counted:
    """Count moments by half-hour for the days from ``first`` to before ``end``."""
    days = pd.date_range(first, end - timedelta(days=1))
    table = np.zeros((len(days), SLOTS))
    for moment in moments:
        local = moment.astimezone(SHOP_ZONE)
        row = (local.date() - first).days
        if 0 <= row < len(days):
            table[row, local.hour * 2 + local.minute // 30] += 1
    return Counted(days, table)


def known_contacts(session: Session, today: date) -> Counted | None:
    """Return the contacts of all whole days before today; None if there is none."""
    end = start_of(today)
    found = contacts(session, end - LONGEST, end)
    if not found:
        return None
    return count(found, min(found).astimezone(SHOP_ZONE).date(), today)


class Remembered:
    """The contacts of days that are over, counted once while a process lives.

    Counted anew on another day, and when the first or last message before today is
    another one: what was purged, restored or indexed late is not shown for long.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], Counted | None] = {}

    def known(self, session: Session, today: date) -> Counted | None:
        """Return what `known_contacts` does."""
        end = start_of(today)
        span = session.execute(
            select(func.min(MessageRow.at), func.max(MessageRow.at)).where(
                MessageRow.at < end
            )
        ).one()
        key = (str(session.get_bind().engine.url), today, *span)
        if key not in self._kept:
            # Only the newest is kept: a day has no use for the day before.
            self._kept = {key: known_contacts(session, today)}
        return self._kept[key]


remembered = Remembered()


def refunds(session: Session, first: datetime, last: datetime) -> pd.DataFrame:
    """Return the refunds of a period: columns day, fen."""
    rows = session.execute(
        select(RefundRow.at, RefundRow.amount_fen).where(
            RefundRow.at >= first, RefundRow.at < last
        )
    ).all()
    days = [at.astimezone(SHOP_ZONE).date() for at, _ in rows if at is not None]
    return pd.DataFrame({"day": days, "fen": [float(fen) for _, fen in rows]})


def start_of(day: date) -> datetime:
    """Return the moment a day begins on the shop's clock."""
    return datetime(day.year, day.month, day.day, tzinfo=SHOP_ZONE)
