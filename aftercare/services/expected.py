"""How long a repair takes and when money arrives, as far as the data say."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.domain.cases import CaseKind, CaseState
from aftercare.store.cases import CaseEventRow, CaseRow
from aftercare.store.models import OrderLineRow, ProductRow
from aftercare.store.unit_of_work import read
from analytics.waiting.refund import ArrivalForecast, RefundArrival, Route
from analytics.waiting.repair import DaysForecast, RepairJob, RepairRecord, RepairTime

LEARN_FROM = timedelta(days=730)
REFIT_EVERY_S = 3600
DAY = timedelta(days=1)
VOID = (CaseState.CANCELLED, CaseState.REFUSED)
# The way the money came is the way it goes back; banks count working days.
ORIGINAL = "original"
ROUTES = {ORIGINAL: Route(usual=1, latest=3, working=True)}


def repair_days(engine: Engine, category: str, now: datetime) -> DaysForecast:
    """Return the days a repair of this category takes; None each if unknown."""
    model, running = _repairs(engine, int(now.timestamp()) // REFIT_EVERY_S)
    return model.predict(RepairJob(category, backlog=running))


def refund_arrival(sent_on: date) -> ArrivalForecast:
    """Return by when money sent back the way it came is on the account."""
    model = RefundArrival(routes=ROUTES, is_workday=is_workday).fit([])
    return model.predict(ORIGINAL, sent_on)


def is_workday(day: date) -> bool:
    """Return whether banks work in China on a day, moved workdays included."""
    return _calendar(day.year).is_working_day(day)


def past_repairs(session: Session, now: datetime) -> list[RepairRecord]:
    """Return finished and running repairs, each with the backlog it joined."""
    closed = func.max(CaseEventRow.at)
    rows = session.execute(
        select(CaseRow.opened_at, CaseRow.state, ProductRow.category, closed)
        .join(OrderLineRow, OrderLineRow.id == CaseRow.line_id)
        .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
        .outerjoin(CaseEventRow, CaseEventRow.case_no == CaseRow.case_no)
        .where(
            CaseRow.kind == CaseKind.REPAIR,
            CaseRow.state.not_in(VOID),
            CaseRow.opened_at > now - LEARN_FROM,
            CaseRow.opened_at <= now,
        )
        .group_by(CaseRow.case_no, ProductRow.category)
        .order_by(CaseRow.opened_at)
    ).all()
    ends = sorted(
        end or opened for opened, state, _, end in rows if state == CaseState.DONE
    )
    records = []
    for place, (opened, state, category, end) in enumerate(rows):
        done = state == CaseState.DONE
        until = (end or opened) if done else now
        job = RepairJob(category, backlog=place - bisect_left(ends, opened))
        records.append(RepairRecord(job, max(1, -(-(until - opened) // DAY)), done))
    return records


@lru_cache(maxsize=4)
def _repairs(engine: Engine, period: int) -> tuple[RepairTime, int]:
    """Return the model of an hour, and how many repairs run now."""
    now = datetime.fromtimestamp((period + 1) * REFIT_EVERY_S).astimezone()
    with read(engine) as session:
        records = past_repairs(session, now)
    return RepairTime().fit(records), sum(not record.done for record in records)


@lru_cache(maxsize=8)
def _calendar(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=year)
