"""No answer within three minutes: an honest line, and a person is called.

The fifth automatic transfer of GB/T 47746-2026, as secondary sources give it. It
reads the log alone, so it holds while Rasa is away and over restarts of the web.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, exists, select
from sqlalchemy.orm import Session

from aftercare.domain.conversation import Owner
from aftercare.services.console import desk
from aftercare.services.console.desk import Step
from aftercare.services.conversations import locked_talk
from aftercare.services.transfer import Trigger
from aftercare.services.waiting import QueueWait, queue_wait
from aftercare.store.desk import HandoverRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.unit_of_work import read, write

WITHIN = timedelta(minutes=3)
# Older than this nobody sits before the chat any more.
SINCE = timedelta(hours=24)
MOST_AT_ONCE = 50


def overdue(engine: Engine, now: datetime) -> list[Step]:
    """Hand over talks the bot left without an answer; tell those who still wait.

    Each talk is told once per wait, however many processes look after it.
    """
    with read(engine) as session:
        silent = _silent(session, now)
        waiting = _waiting(session, now)
    steps = [_hand_over(engine, talk_id, now) for talk_id in silent]
    steps += [_tell(engine, talk_id, now) for talk_id in waiting]
    return [step for step in steps if step is not None]


def _silent(session: Session, now: datetime) -> list[str]:
    """Return the bot's talks with a message that is overdue."""
    query = (
        select(MessageRow.conversation_id)
        .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        .where(
            ConversationRow.owner.in_((Owner.NEW, Owner.BOT)),
            MessageRow.sender == "customer",
            MessageRow.answered_at.is_(None),
            MessageRow.at <= now - WITHIN,
            MessageRow.at > now - SINCE,
        )
        .distinct()
        .limit(MOST_AT_ONCE)
    )
    return list(session.scalars(query))


def _waiting(session: Session, now: datetime) -> list[str]:
    """Return the talks that wait for a person too long and were not told so."""
    told = exists().where(
        MessageRow.conversation_id == HandoverRow.conversation_id,
        MessageRow.sender == "system",
        MessageRow.at >= HandoverRow.waiting_since,
    )
    query = (
        select(HandoverRow.conversation_id)
        .join(ConversationRow, ConversationRow.id == HandoverRow.conversation_id)
        .where(
            ConversationRow.owner == Owner.WAITING,
            HandoverRow.waiting_since <= now - WITHIN,
            HandoverRow.waiting_since > now - SINCE,
            ~told,
        )
        .limit(MOST_AT_ONCE)
    )
    return list(session.scalars(query))


def _hand_over(engine: Engine, talk_id: str, now: datetime) -> Step | None:
    with write(engine) as session:
        talk = locked_talk(session, talk_id)
        # Answered, taken over or handed over meanwhile: nothing is owed.
        if talk is None or talk.owner not in (Owner.NEW, Owner.BOT):
            return None
        if talk_id not in _silent_of(session, talk_id, now):
            return None
        row = desk.handover_of(session, talk)
        talk.owner = Owner.WAITING
        desk.put_in_queue(session, talk, row, Trigger.NO_ANSWER, now)
        return Step(talk_id, [desk.say(session, talk, "no_answer", now)])


def _silent_of(session: Session, talk_id: str, now: datetime) -> list[str]:
    query = select(MessageRow.conversation_id).where(
        MessageRow.conversation_id == talk_id,
        MessageRow.sender == "customer",
        MessageRow.answered_at.is_(None),
        MessageRow.at <= now - WITHIN,
    )
    return list(session.scalars(query))


def _tell(engine: Engine, talk_id: str, now: datetime) -> Step | None:
    key, words = _words(queue_wait(engine, talk_id, now))
    with write(engine) as session:
        talk = locked_talk(session, talk_id)
        if talk is None or talk.owner != Owner.WAITING:
            return None
        if talk_id not in _waiting(session, now):
            return None
        return Step(talk_id, [desk.say(session, talk, key, now, **words)])


def _words(found: QueueWait) -> tuple[str, dict[str, str]]:
    """Return the line that says no more than the forecast supports."""
    wait = found.forecast
    if wait.lo80_s is None or wait.announce_s is None:
        offline = "nobody_online" in wait.reasons
        return ("still_waiting_offline" if offline else "still_waiting_unknown"), {}
    low, high = max(1, round(wait.lo80_s / 60)), max(1, -(-wait.announce_s // 60))
    return "still_waiting", {
        "ahead": str(found.ahead),
        "low": str(low),
        "high": str(int(max(low, high))),
    }
