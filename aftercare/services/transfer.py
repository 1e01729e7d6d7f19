"""Hand a conversation over to people, with the reason and its history.

The five automatic reasons are those of GB/T 47746-2026 as secondary sources give
them: turns that fail again and again, a customer who refuses the bot, personal
data, safety, and no answer within a set time.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine

from aftercare.domain.conversation import Owner
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console import desk
from aftercare.services.console.audit import SYSTEM
from aftercare.services.conversations import locked_talk
from aftercare.services.waiting import queue_note
from aftercare.store.messages import ConversationRow
from aftercare.store.unit_of_work import read, write

URGENT = 2


class Trigger(StrEnum):
    """Why a conversation goes to a person; the console knows the words."""

    ASKED = "asked"
    REFUSED_BOT = "refused_bot"
    REPEATED_FAILURE = "repeated_failure"
    PERSONAL_DATA = "personal_data"
    SAFETY = "safety"
    NO_ANSWER = "no_answer"
    SENTIMENT = "sentiment"


def transfer(
    engine: Engine, conversation_id: str, trigger: Trigger, now: datetime
) -> bool:
    """Put a conversation into the waiting room; return whether it is new there.

    A repeat changes nothing, except that danger makes a waiting one urgent.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        talk = locked_talk(session, conversation_id)
        if talk is None:
            raise AftercareError(Reason.NOT_FOUND)
        new = talk.owner in (Owner.NEW, Owner.BOT)
        if not new and not (talk.owner == Owner.WAITING and trigger is Trigger.SAFETY):
            return False
        row = desk.handover_of(session, talk)
        if trigger is Trigger.SAFETY:
            row.priority = URGENT
        if new:
            queue = queue_note(session, conversation_id, now)
            talk.owner = Owner.WAITING
            desk.put_in_queue(session, talk, row, trigger, now, queue=queue)
        elif row.trigger != trigger:
            row.trigger = trigger
            desk.step(session, talk.id, "priority", SYSTEM, now, priority=URGENT)
        return new


def is_waiting(engine: Engine, conversation_id: str) -> bool:
    """Return whether a conversation waits for a person, while the bot speaks."""
    with read(engine) as session:
        talk = session.get(ConversationRow, conversation_id)
        return talk is not None and talk.owner == Owner.WAITING
