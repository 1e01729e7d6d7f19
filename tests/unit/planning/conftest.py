"""A shop with a past: ten weeks of contacts, talks with people, and refunds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from aftercare.domain.calendar import SHOP_ZONE
from aftercare.store.desk import DeskEventRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.models import OrderLineRow, RefundRow
from aftercare.store.unit_of_work import read, write
from analytics.forecast.classical import Forecaster, SeasonalMean, SeasonalNaive
from analytics.forecast.regression import EventRegression
from tests.conftest import NOW

HOURS = np.array([0.0] * 16 + [1.0] * 28 + [0.4] * 4)
WEEKDAYS = (1.0, 0.9, 0.9, 0.9, 1.0, 1.4, 1.5)


def quick() -> Sequence[Forecaster]:
    """The models that take no seconds to fit."""
    return [EventRegression(), SeasonalMean(), SeasonalNaive()]


@dataclass
class Past:
    """Lets days go by: contacts by weekday and hour, a third of them to people."""

    engine: Engine
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))
    number: int = 0

    def days(
        self,
        first: datetime,
        count: int,
        mean: float = 40.0,
        busy: Mapping[date, float] | None = None,
    ) -> list[int]:
        """Fill whole days of the shop's clock; return the contacts of each.

        ``busy`` days have so many times the usual.
        """
        with read(self.engine) as session:
            lines = session.execute(
                select(OrderLineRow.id, OrderLineRow.paid_fen).where(
                    OrderLineRow.paid_fen > 1_000, OrderLineRow.refunded_fen == 0
                )
            ).all()
        start = first.astimezone(SHOP_ZONE).replace(hour=0, minute=0, second=0)
        made, rows, paid_back = [], [], []
        for ahead in range(count):
            day = start + timedelta(days=ahead)
            times = (busy or {}).get(day.date(), 1.0)
            wanted = int(self.rng.poisson(times * mean * WEEKDAYS[day.weekday()]))
            made.append(wanted)
            slots = self.rng.choice(48, wanted, p=HOURS / HOURS.sum())
            for slot in sorted(slots.tolist()):
                minutes = 30 * slot + self.rng.uniform(0, 29)
                rows.append(day + timedelta(minutes=minutes))
            for _ in range(self.rng.poisson(3)):
                line, paid = lines[self.number % len(lines)]
                self.number += 1
                paid_back.append(
                    {
                        "idempotency_key": f"r{self.number}",
                        "line_id": line,
                        "amount_fen": min(paid, int(self.rng.uniform(2_000, 20_000))),
                        "rule": "test",
                        "at": day + timedelta(hours=12),
                    }
                )
        with write(self.engine) as session:
            self._contacts(session, rows)
            session.execute(insert(RefundRow), paid_back)
        return made

    def _contacts(self, session: Session, moments: list[datetime]) -> None:
        talks, said, steps = [], [], []
        for at in moments:
            self.number += 1
            talk = f"past-{self.number}"
            talks.append(
                {"id": talk, "owner": "closed", "next_seq": 3, "created_at": at}
            )
            for seq, later in ((1, 0), (2, 3)):
                said.append(
                    {
                        "conversation_id": talk,
                        "seq": seq,
                        "sender": "customer",
                        "text": "?",
                        "at": at + timedelta(minutes=later),
                        "answered_at": at,
                    }
                )
            if self.number % 3 == 0:
                for kind, later in (("asked", 4), ("taken", 5), ("closed", 15)):
                    moment = at + timedelta(minutes=later)
                    step = {"at": moment, "kind": kind, "actor": "test"}
                    steps.append(step | {"conversation_id": talk})
        session.execute(insert(ConversationRow), talks)
        session.execute(insert(MessageRow), said)
        session.execute(insert(DeskEventRow), steps)


@pytest.fixture
def past(shop: Engine) -> Past:
    """Ten weeks up to today have gone by."""
    made = Past(shop)
    made.days(NOW - timedelta(days=70), 70)
    return made
