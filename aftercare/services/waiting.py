"""How long a customer will wait for a person, from the queue as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.domain.conversation import Owner
from aftercare.services.console.options import options_in
from aftercare.services.console.people import loads
from aftercare.services.console.rights import RIGHTS, Right
from aftercare.services.training.serving import current
from aftercare.store.console import AccountRow
from aftercare.store.desk import DeskEventRow, HandoverRow
from aftercare.store.messages import ConversationRow
from aftercare.store.unit_of_work import read
from analytics.waiting import QueueState, Talk, WaitForecast, WaitModel

SPEAKERS = tuple(role for role, rights in RIGHTS.items() if Right.INBOX_SPEAK in rights)
# Talks of the last weeks say how long one takes; older ones no longer do.
LEARN_FROM = timedelta(days=28)
REFIT_EVERY_S = 600
MOST_TALKS = 5_000
BEGIN = frozenset({"taken", "assigned", "stepped_in"})
END = frozenset({"given_back", "closed", "lease_expired"})


@dataclass(frozen=True, slots=True)
class QueueWait:
    """The forecast for one customer, and how many stand before them."""

    forecast: WaitForecast
    ahead: int


def queue_wait(engine: Engine, conversation_id: str, now: datetime) -> QueueWait:
    """Return the wait of a conversation that is in the queue or would join it.

    The forecast is `unknown` where the queue supports no promise, for example
    while nobody is online.
    """
    model = _model(engine, int(now.timestamp()) // REFIT_EVERY_S)
    with read(engine) as session:
        state = _state(session, conversation_id, now)
    return QueueWait(model.predict(state), state.position - 1)


def queue_note(session: Session, conversation_id: str, now: datetime) -> dict[str, int]:
    """Return the queue as one customer joins it, to learn waits from later."""
    state = _state(session, conversation_id, now)
    return {
        "queue_length": state.queue_length,
        "position": state.position,
        "agents_online": state.agents_online,
        "agents_free": state.agents_free,
        "cap": state.cap,
    }


def _state(session: Session, conversation_id: str, now: datetime) -> QueueState:
    queue = list(
        session.scalars(
            select(HandoverRow.conversation_id)
            .join(ConversationRow, ConversationRow.id == HandoverRow.conversation_id)
            .where(ConversationRow.owner == Owner.WAITING)
            .order_by(HandoverRow.priority.desc(), HandoverRow.waiting_since)
        )
    )
    if conversation_id not in queue:
        queue.append(conversation_id)
    usual = options_in(session).cap
    people = session.scalars(
        select(AccountRow).where(
            AccountRow.presence == "online",
            AccountRow.active.is_(True),
            AccountRow.role.in_(SPEAKERS),
        )
    ).all()
    load = loads(session)
    caps = [person.cap or usual for person in people]
    free = sum(load.get(p.id, 0) < cap for p, cap in zip(people, caps, strict=True))
    return QueueState(
        at=now,
        queue_length=len(queue),
        position=queue.index(conversation_id) + 1,
        agents_online=len(people),
        agents_free=free,
        cap=max(1, round(sum(caps) / len(caps))) if caps else 1,
    )


@lru_cache(maxsize=4)
def _model(engine: Engine, period: int) -> WaitModel:
    """Return the nightly model, without one a model of the talks known by now."""
    trained = current(engine, "waiting", WaitModel)
    if trained is not None:
        return trained
    now = datetime.fromtimestamp(period * REFIT_EVERY_S).astimezone()
    with read(engine) as session:
        talks = talks_since(session, now - LEARN_FROM)
    return WaitModel().fit([], talks)


def talks_since(session: Session, since: datetime) -> list[Talk]:
    """Return the lengths of people's talks, running ones as not ended."""
    rows = session.execute(
        select(DeskEventRow.conversation_id, DeskEventRow.kind, DeskEventRow.at)
        .where(DeskEventRow.at >= since, DeskEventRow.kind.in_(BEGIN | END))
        .order_by(DeskEventRow.id.desc())
        .limit(MOST_TALKS)
    ).all()
    began: dict[str, datetime] = {}
    talks: list[Talk] = []
    for talk_id, kind, at in reversed(rows):
        if kind in BEGIN:
            began.setdefault(talk_id, at)
        elif talk_id in began:
            talks.append(Talk((at - began.pop(talk_id)).total_seconds()))
    return talks
