"""What the desk does by itself: notice, assign, wake, and take back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import Engine, Select, case, or_, select

from aftercare.domain.conversation import Owner
from aftercare.services.aside import stands_aside
from aftercare.services.console import desk
from aftercare.services.console.audit import SYSTEM, Actor
from aftercare.services.console.desk import Step
from aftercare.services.console.options import Options, options_in
from aftercare.services.console.people import loads
from aftercare.services.console.takeover import SPEAKERS, own
from aftercare.services.customers.routing import BEFORE_OTHERS
from aftercare.services.waiting import queue_note
from aftercare.store.console import AccountRow
from aftercare.store.desk import HandoverRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.unit_of_work import read, write


def tick(engine: Engine, now: datetime) -> list[Step]:
    """Do everything that is due; return the conversations that changed.

    Looks first without a lock; each conversation is settled in its own
    transaction, which looks again.
    """
    if stands_aside(engine, now):
        return []
    with read(engine) as session:
        unnoticed = session.scalars(_unnoticed()).all()
        asleep = session.scalars(_asleep(now)).all()
        forgotten = session.scalars(_forgotten(now)).all()
    work: list[tuple[Iterable[str], Callable[[Engine, str, datetime], Step | None]]] = [
        (unnoticed, notice),
        (asleep, wake_up),
        (forgotten, take_back),
    ]
    steps = [do(engine, item, now) for items, do in work for item in items]
    return [step for step in steps if step is not None] + assign_waiting(engine, now)


def notice(engine: Engine, talk_id: str, now: datetime) -> Step | None:
    """Give a conversation that asked for a person its place in the queue."""
    with write(engine) as session:
        talk = desk.locked(session, talk_id)
        row = desk.handover_of(session, talk)
        if talk.owner != Owner.WAITING or row.waiting_since is not None:
            return None
        queue = queue_note(session, talk_id, now)
        desk.put_in_queue(session, talk, row, "asked", now, queue=queue)
    return Step(talk_id)


def wake_up(engine: Engine, talk_id: str, now: datetime) -> Step | None:
    """End a snooze whose moment or message has come."""
    with write(engine) as session:
        talk = desk.locked(session, talk_id)
        row = desk.handover_of(session, talk)
        if not row.snoozed:
            return None
        lease = timedelta(seconds=options_in(session).lease_s)
        row.snoozed, row.snoozed_until = False, None
        row.lease_until = now + lease
        desk.step(session, talk_id, "woken", SYSTEM, now)
    return Step(talk_id)


def take_back(engine: Engine, talk_id: str, now: datetime) -> Step | None:
    """Return a forgotten conversation: to the queue where the customer waits,
    else to the bot."""
    with write(engine) as session:
        talk = desk.locked(session, talk_id)
        row = desk.handover_of(session, talk)
        over = row.lease_until is not None and row.lease_until <= now
        if talk.owner != Owner.HUMAN or not over:
            return None
        waits = session.scalar(
            select(MessageRow.id)
            .where(
                MessageRow.conversation_id == talk_id,
                MessageRow.sender == "customer",
                MessageRow.answered_at.is_(None),
            )
            .limit(1)
        )
        to = Owner.WAITING if waits else Owner.BOT
        holder = row.agent_id
        desk.move(talk, to)
        row.lease_until = None
        desk.step(
            session,
            talk_id,
            "lease_expired",
            SYSTEM,
            now,
            Owner.HUMAN,
            to,
            agent_id=holder,
        )
        if to is Owner.WAITING:
            row.priority = max(row.priority, 1)
            desk.put_in_queue(session, talk, row, "lease_expired", now)
        line = "queued" if waits else "given_back"
        return Step(talk_id, [desk.say(session, talk, line, now)])


def assign_waiting(engine: Engine, now: datetime) -> list[Step]:
    """Give waiting conversations to people: by skill, language, load and cap.

    First come the urgent, then who has waited longest; of the people who can
    take one, who has the smallest part of the own cap filled.
    """
    with read(engine) as session:
        found = options_in(session)
        if not found.auto_assign or session.scalar(_present().limit(1)) is None:
            return []
        waiting = session.scalars(_queue(now, found)).all()
    if not waiting:
        return []
    steps = []
    with write(engine) as session:
        people = list(session.scalars(_present()))
        load = loads(session)
        for talk_id in session.scalars(_queue(now, found)).all():
            talk = desk.locked(session, talk_id)
            row = desk.handover_of(session, talk)
            person = _choose(people, load, row, found)
            if person is None or talk.owner != Owner.WAITING:
                continue
            load[person.id] = load.get(person.id, 0) + 1
            actor = Actor(person.id, person.login, person.name, person.role)
            accept = now + timedelta(seconds=found.accept_s)
            own(session, talk, row, actor, now, "assigned", accept)
            line = desk.say(session, talk, "taken", now, name=person.name)
            steps.append(Step(talk_id, [line]))
    return steps


def _choose(
    people: list[AccountRow], load: dict[int, int], row: HandoverRow, found: Options
) -> AccountRow | None:
    def filled(person: AccountRow) -> float:
        return load.get(person.id, 0) / (person.cap or found.cap)

    able = [
        person
        for person in people
        if filled(person) < 1
        and (row.skill is None or row.skill in person.skills)
        and row.language in (person.languages or ["zh"])
    ]
    # Somebody without the skill is better than nobody, once all who have it
    # are full; but never without the language.
    if not able and row.skill is not None:
        able = [
            person
            for person in people
            if filled(person) < 1 and row.language in (person.languages or ["zh"])
        ]
    return min(able, key=lambda person: (filled(person), person.id), default=None)


def _present() -> Select[AccountRow]:
    return select(AccountRow).where(
        AccountRow.presence == "online",
        AccountRow.active.is_(True),
        AccountRow.role.in_(SPEAKERS),
    )


def _queue(now: datetime, found: Options) -> Select[str]:
    # Who has waited beyond the alert is no longer passed by anybody's value.
    late = HandoverRow.waiting_since <= now - timedelta(seconds=found.alert_s)
    place = case(
        (late & (HandoverRow.priority < BEFORE_OTHERS), BEFORE_OTHERS),
        else_=HandoverRow.priority,
    )
    return (
        select(HandoverRow.conversation_id)
        .join(ConversationRow, ConversationRow.id == HandoverRow.conversation_id)
        .where(
            ConversationRow.owner == Owner.WAITING,
            HandoverRow.waiting_since.is_not(None),
        )
        .order_by(place.desc(), HandoverRow.waiting_since)
    )


def _unnoticed() -> Select[str]:
    return (
        select(ConversationRow.id)
        .outerjoin(HandoverRow, HandoverRow.conversation_id == ConversationRow.id)
        .where(
            ConversationRow.owner == Owner.WAITING,
            or_(
                HandoverRow.conversation_id.is_(None),
                HandoverRow.waiting_since.is_(None),
            ),
        )
    )


def _asleep(now: datetime) -> Select[str]:
    newer = (
        select(MessageRow.id)
        .where(
            MessageRow.conversation_id == HandoverRow.conversation_id,
            MessageRow.sender == "customer",
            MessageRow.seq > HandoverRow.snoozed_seq,
        )
        .exists()
    )
    return select(HandoverRow.conversation_id).where(
        HandoverRow.snoozed.is_(True),
        or_(HandoverRow.snoozed_until <= now, newer),
    )


def _forgotten(now: datetime) -> Select[str]:
    return (
        select(HandoverRow.conversation_id)
        .join(ConversationRow, ConversationRow.id == HandoverRow.conversation_id)
        .where(
            ConversationRow.owner == Owner.HUMAN,
            HandoverRow.lease_until <= now,
        )
    )
