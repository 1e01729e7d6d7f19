"""Three minutes without an answer: said once, and a person is called."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from aftercare.domain.conversation import Owner
from aftercare.services import unanswered
from aftercare.services.console.mask import TEXTS
from aftercare.services.conversations import (
    Reply,
    answer,
    hand_to,
    open_conversation,
    receive,
)
from aftercare.services.transfer import Trigger, transfer
from aftercare.store.desk import HandoverRow
from aftercare.store.messages import ConversationRow
from aftercare.store.unit_of_work import read

ASKED_AGO = timedelta(minutes=3)


def asked(engine: Engine, at: datetime) -> str:
    talk = open_conversation(engine, None)
    receive(
        engine, conversation_id=talk, customer_id=None, client_id="1", text="x", now=at
    )
    return talk


def state(engine: Engine, talk: str) -> tuple[str, str | None]:
    with read(engine) as session:
        row = session.get(HandoverRow, talk)
        owner = session.scalar(
            select(ConversationRow.owner).where(ConversationRow.id == talk)
        )
        return str(owner), row.trigger if row else None


def test_a_message_nobody_answered_calls_a_person(empty: Engine, now: datetime) -> None:
    talk = asked(empty, now - ASKED_AGO)
    (step,) = unanswered.overdue(empty, now)
    assert [m.text for m in step.said] == [TEXTS["no_answer"]]
    assert state(empty, talk) == (Owner.WAITING, Trigger.NO_ANSWER)
    assert unanswered.overdue(empty, now + timedelta(seconds=30)) == []


@pytest.mark.parametrize("ago", [timedelta(seconds=179), timedelta(hours=25)])
def test_in_time_or_long_gone_calls_nobody(
    empty: Engine, now: datetime, ago: timedelta
) -> None:
    talk = asked(empty, now - ago)
    assert unanswered.overdue(empty, now) == []
    assert state(empty, talk) == (Owner.BOT, None)


def test_an_answered_message_calls_nobody(empty: Engine, now: datetime) -> None:
    talk = asked(empty, now - ASKED_AGO)
    answer(
        empty,
        conversation_id=talk,
        to_seq=1,
        replies=[Reply("y")],
        now=now - ASKED_AGO,
    )
    assert unanswered.overdue(empty, now) == []


def test_a_person_who_owns_the_talk_is_not_called(empty: Engine, now: datetime) -> None:
    talk = asked(empty, now - ASKED_AGO)
    hand_to(empty, talk, Owner.BOT, Owner.WAITING)
    hand_to(empty, talk, Owner.WAITING, Owner.HUMAN)
    assert unanswered.overdue(empty, now) == []


def test_who_waits_in_the_queue_is_told_once_how_it_stands(
    empty: Engine, now: datetime
) -> None:
    talk = asked(empty, now - ASKED_AGO)
    transfer(empty, talk, Trigger.ASKED, now - ASKED_AGO)
    (step,) = unanswered.overdue(empty, now)
    assert [m.text for m in step.said] == [TEXTS["still_waiting_offline"]]
    assert state(empty, talk) == (Owner.WAITING, Trigger.ASKED)
    assert unanswered.overdue(empty, now + timedelta(minutes=5)) == []
