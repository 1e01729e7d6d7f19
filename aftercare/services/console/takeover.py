"""Who speaks with the customer: taken, given back, closed, in one step each."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from aftercare.domain.conversation import Owner
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console import desk
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.desk import Step
from aftercare.services.console.options import options_in
from aftercare.services.console.people import loads
from aftercare.store.console import AccountRow
from aftercare.store.desk import HandoverRow
from aftercare.store.messages import ConversationRow
from aftercare.store.unit_of_work import write

# Only listed moves are legal; these are the ways to a person from each state.
TO_HUMAN: dict[Owner, tuple[Owner, ...]] = {
    Owner.NEW: (Owner.WAITING, Owner.HUMAN),
    Owner.BOT: (Owner.HUMAN,),
    Owner.WAITING: (Owner.HUMAN,),
    Owner.HUMAN: (),
    Owner.CLOSED: (Owner.BOT, Owner.HUMAN),
}
SPEAKERS = ("admin", "supervisor", "agent")


def take(
    engine: Engine, actor: Actor, talk_id: str, now: datetime, *, force: bool = False
) -> Step:
    """Make the actor the one owner; of two rivals one wins, a repeat is no change.

    `force` takes it from a colleague (a supervisor's step-in).

    Raises:
        AftercareError: NOT_FOUND; ALREADY_TAKEN with the owner's name.
    """
    with write(engine) as session:
        talk = desk.locked(session, talk_id)
        row = desk.handover_of(session, talk)
        holder = row.agent_id if talk.owner == Owner.HUMAN else None
        if holder == actor.account_id:
            row.lease_until = now + _lease(session)
            return Step(talk_id)
        if holder is not None and not force:
            name = session.get_one(AccountRow, holder).name
            raise AftercareError(Reason.ALREADY_TAKEN, name)
        kind = "taken" if holder is None else "stepped_in"
        own(session, talk, row, actor, now, kind, now + _lease(session))
        if holder is not None:
            record(session, actor, "talk.step_in", now, talk_id, holder=holder)
        return Step(talk_id, [desk.say(session, talk, "taken", now, name=actor.name)])


def own(
    session: Session,
    talk: ConversationRow,
    row: HandoverRow,
    actor: Actor,
    now: datetime,
    kind: str,
    lease_until: datetime,
) -> None:
    """Make an actor the owner of a locked conversation."""
    before = talk.owner
    desk.move(talk, *TO_HUMAN[Owner(before)])
    if before != Owner.WAITING:
        row.trigger = row.trigger if before == Owner.HUMAN else "manual"
        row.summary = desk.summary(session, talk)
        desk.carry(session, talk, row)
    row.agent_id = actor.account_id
    row.taken_at = now
    row.lease_until = lease_until
    row.waiting_since = None
    row.closed_at = None
    row.snoozed, row.snoozed_until = False, None
    desk.step(session, talk.id, kind, actor, now, before, Owner.HUMAN)


def give_back(
    engine: Engine,
    actor: Actor,
    talk_id: str,
    now: datetime,
    *,
    to: Owner = Owner.BOT,
    answer_waiting: bool = True,
) -> Step:
    """Give a conversation back to the bot or to the queue.

    `answer_waiting`: what the customer said meanwhile is left for the bot to
    answer; otherwise it counts as answered.

    Raises:
        AftercareError: NOT_FOUND; NOT_OWNER; ILLEGAL_MOVE.
    """
    with write(engine) as session:
        talk, row = owned(session, actor, talk_id)
        desk.move(talk, to)
        row.lease_until = None
        row.snoozed = False
        if to is Owner.WAITING:
            desk.put_in_queue(session, talk, row, row.trigger or "manual", now, actor)
            line = "queued"
        else:
            if not answer_waiting:
                desk.mark_answered(session, talk_id, now)
            desk.step(session, talk_id, "given_back", actor, now, Owner.HUMAN, to)
            line = "given_back"
        return Step(talk_id, [desk.say(session, talk, line, now)])


def close(
    engine: Engine,
    actor: Actor,
    talk_id: str,
    now: datetime,
    *,
    reason: str,
    summary: str = "",
) -> Step:
    """End a conversation with the reason why; the next message opens it again.

    One that waits for a person may be closed by whoever sees it.

    Raises:
        AftercareError: NOT_FOUND; NOT_OWNER where a colleague has it;
            ILLEGAL_MOVE where it is closed; MALFORMED for an unknown reason.
    """
    with write(engine) as session:
        if reason not in options_in(session).close_reasons:
            raise AftercareError(Reason.MALFORMED, "reason")
        talk = desk.locked(session, talk_id)
        if talk.owner == Owner.HUMAN:
            talk, row = owned(session, actor, talk_id)
        row = desk.handover_of(session, talk)
        before = talk.owner
        desk.move(talk, Owner.CLOSED)
        desk.mark_answered(session, talk_id, now)
        row.closed_at = now
        row.close_reason, row.close_summary = reason, summary
        row.lease_until = row.waiting_since = None
        row.snoozed = False
        desk.step(
            session, talk_id, "closed", actor, now, before, Owner.CLOSED, reason=reason
        )
        return Step(talk_id, [desk.say(session, talk, "closed", now)])


def snooze(
    engine: Engine, actor: Actor, talk_id: str, until: datetime | None, now: datetime
) -> Step:
    """Put an own conversation aside until a moment, or the next message.

    Raises:
        AftercareError: NOT_FOUND; NOT_OWNER; MALFORMED for a moment gone by.
    """
    if until is not None and until <= now:
        raise AftercareError(Reason.MALFORMED, "until")
    with write(engine) as session:
        talk, row = owned(session, actor, talk_id)
        row.snoozed, row.snoozed_until = True, until
        row.snoozed_seq = talk.next_seq - 1
        row.lease_until = None
        desk.step(session, talk_id, "snoozed", actor, now)
    return Step(talk_id)


def wake(engine: Engine, actor: Actor, talk_id: str, now: datetime) -> Step:
    """Take a conversation out of its snooze; a repeat changes nothing.

    Raises:
        AftercareError: NOT_FOUND; NOT_OWNER.
    """
    with write(engine) as session:
        _, row = owned(session, actor, talk_id)
        if row.snoozed:
            row.snoozed, row.snoozed_until = False, None
            row.lease_until = now + _lease(session)
            desk.step(session, talk_id, "woken", actor, now)
    return Step(talk_id)


def assign(
    engine: Engine,
    actor: Actor,
    talk_id: str,
    agent_id: int,
    now: datetime,
    *,
    others: bool,
) -> Step:
    """Hand a conversation to a person; one's own, or with `others` anybody's.

    Raises:
        AftercareError: NOT_FOUND; NOT_OWNER; CAP_REACHED; FORBIDDEN for a person
            who may not speak to customers.
    """
    with write(engine) as session:
        talk = desk.locked(session, talk_id)
        row = desk.handover_of(session, talk)
        mine = talk.owner == Owner.HUMAN and row.agent_id == actor.account_id
        if not mine and not others:
            raise AftercareError(Reason.NOT_OWNER)
        person = session.get(AccountRow, agent_id)
        if person is None or not person.active or person.role not in SPEAKERS:
            raise AftercareError(Reason.FORBIDDEN, "no speaker")
        found = options_in(session)
        if loads(session).get(agent_id, 0) >= (person.cap or found.cap):
            raise AftercareError(Reason.CAP_REACHED)
        to = Actor(person.id, person.login, person.name, person.role)
        accept = now + timedelta(seconds=found.accept_s)
        own(session, talk, row, to, now, "assigned", accept)
        record(session, actor, "talk.assign", now, talk_id, agent=person.login)
        return Step(talk_id, [desk.say(session, talk, "taken", now, name=person.name)])


def set_priority(
    engine: Engine, actor: Actor, talk_id: str, priority: int, now: datetime
) -> Step:
    """Let a conversation come before others in the queue (0, 1 or 2)."""
    with write(engine) as session:
        talk = desk.locked(session, talk_id)
        desk.handover_of(session, talk).priority = priority
        desk.step(session, talk_id, "priority", actor, now, priority=priority)
    return Step(talk_id)


def renew(engine: Engine, actor: Actor, talk_id: str, now: datetime) -> datetime:
    """Renew the lease of an own conversation and return its end.

    Raises:
        AftercareError: NOT_FOUND; NOT_OWNER.
    """
    with write(engine) as session:
        _, row = owned(session, actor, talk_id)
        row.lease_until = now + _lease(session)
        return row.lease_until


def owned(
    session: Session, actor: Actor, talk_id: str
) -> tuple[ConversationRow, HandoverRow]:
    """Return a locked conversation the actor owns, with the desk's row.

    Raises:
        AftercareError: NOT_FOUND; NOT_OWNER.
    """
    talk = desk.locked(session, talk_id)
    row = desk.handover_of(session, talk)
    if talk.owner != Owner.HUMAN or row.agent_id != actor.account_id:
        raise AftercareError(Reason.NOT_OWNER)
    return talk, row


def _lease(session: Session) -> timedelta:
    return timedelta(seconds=options_in(session).lease_s)
