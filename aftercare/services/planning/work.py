"""What a contact costs people: how often one is asked for, how long it takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aftercare.services.console.options import Options, options_in
from aftercare.services.planning.history import SLOTS, start_of
from aftercare.services.waiting import BEGIN, END, LEARN_FROM, talks_since
from aftercare.store.desk import DeskEventRow
from analytics.forecast import ServiceTarget, Work, fit_patience, staff_plan

Floats = NDArray[np.float64]
# Until the shop's own are many: so many talks of the usual length and share.
PRIOR_TALKS, USUAL_TALK_S = 10, 480.0
PRIOR_CONTACTS, USUAL_SHARE = 20, 0.3
LONGEST_TALK_S = 4 * 3600.0
MORNING = 4  # half-hours in which the night's waiting is worked off


@dataclass(frozen=True, slots=True)
class HumanWork:
    """The part of contacts that reach people, and the work of one, as measured."""

    share: float
    asked: int
    contacts: int
    talk_s: float
    talks: int
    patience_s: float
    waits: int
    at_once: int
    target_share: float
    within_s: float
    hours: tuple[int, int]

    @property
    def work(self) -> Work:
        """Return it as staffing takes it."""
        return Work(self.talk_s, self.patience_s, self.at_once)

    @property
    def target(self) -> ServiceTarget:
        """Return the service level of the shop."""
        return ServiceTarget(self.target_share, self.within_s)

    def need(self, contacts: Floats) -> Floats:
        """Return the people for contacts (days, 48) by half-hour; none at night.

        Who asked outside the service hours is answered in the first two hours.
        """
        to_people = np.asarray(contacts, float) * self.share
        first, last = self.hours[0] * 2, self.hours[1] * 2
        open_ = np.zeros(SLOTS, bool)
        open_[first:last] = True
        night = np.where(open_, 0.0, to_people).sum(axis=-1)
        load = np.where(open_, to_people, 0.0)
        load[..., first : first + MORNING] += night[..., None] / MORNING
        return staff_plan(load, self.work, self.target)


def human_work(session: Session, today: date, contacts: int) -> HumanWork:
    """Measure the last four weeks; ``contacts`` is how many came in them."""
    end = start_of(today)
    since = end - LEARN_FROM
    asked = session.scalar(
        select(func.count())
        .select_from(DeskEventRow)
        .where(DeskEventRow.kind == "asked", DeskEventRow.at.between(since, end))
    )
    talks = [min(t.seconds, LONGEST_TALK_S) for t in talks_since(session, since)]
    waits, hung_up = _waits(session, since, end)
    found: Options = options_in(session)
    took = (sum(talks) + PRIOR_TALKS * USUAL_TALK_S) / (len(talks) + PRIOR_TALKS)
    asked = min(asked or 0, contacts)
    share = (asked + PRIOR_CONTACTS * USUAL_SHARE) / (contacts + PRIOR_CONTACTS)
    return HumanWork(
        share=share,
        asked=asked,
        contacts=contacts,
        talk_s=took,
        talks=len(talks),
        patience_s=fit_patience(waits, hung_up),
        waits=len(waits),
        at_once=found.at_once,
        target_share=found.service_share,
        within_s=float(found.reply_target_s),
        hours=found.report_hours,
    )


def _waits(
    session: Session, since: datetime, end: datetime
) -> tuple[list[float], list[bool]]:
    """Return waits for a person in seconds, and who left before one came."""
    rows = session.execute(
        select(DeskEventRow.conversation_id, DeskEventRow.kind, DeskEventRow.at)
        .where(
            DeskEventRow.at.between(since, end),
            DeskEventRow.kind.in_(BEGIN | END | {"asked"}),
        )
        .order_by(DeskEventRow.id)
    )
    began: dict[str, datetime] = {}
    waits: list[float] = []
    gone: list[bool] = []
    for talk, kind, at in rows:
        if kind == "asked":
            began[talk] = at
        elif talk in began:
            gap = (at - began.pop(talk)).total_seconds()
            waits.append(max(gap, 1.0))
            gone.append(kind not in BEGIN)
    return waits, gone
