"""A talk goes to a person once, with the reason it went for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from aftercare.domain.conversation import Owner
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.conversations import hand_to, open_conversation, receive
from aftercare.services.transfer import URGENT, Trigger, transfer
from aftercare.store.desk import DeskEventRow, HandoverRow
from aftercare.store.messages import ConversationRow
from aftercare.store.unit_of_work import read


@pytest.fixture
def talk(empty: Engine, now: datetime) -> str:
    made = open_conversation(empty, None)
    receive(
        empty, conversation_id=made, customer_id=None, client_id="1", text="x", now=now
    )
    return made


def row_of(engine: Engine, talk: str) -> HandoverRow:
    with read(engine) as session:
        return session.get_one(HandoverRow, talk)


def owner_of(engine: Engine, talk: str) -> str:
    with read(engine) as session:
        return session.get_one(ConversationRow, talk).owner


def steps(engine: Engine, talk: str) -> list[str]:
    with read(engine) as session:
        query = select(DeskEventRow.kind).where(DeskEventRow.conversation_id == talk)
        return list(session.scalars(query.order_by(DeskEventRow.id)))


@pytest.mark.parametrize("trigger", list(Trigger))
def test_it_waits_from_now_on_for_this_reason(
    empty: Engine, now: datetime, talk: str, trigger: Trigger
) -> None:
    assert transfer(empty, talk, trigger, now)
    row = row_of(empty, talk)
    assert (row.trigger, row.waiting_since) == (trigger, now)
    assert row.summary and "x" in row.summary
    assert owner_of(empty, talk) == Owner.WAITING


def test_a_repeat_changes_nothing(empty: Engine, now: datetime, talk: str) -> None:
    transfer(empty, talk, Trigger.ASKED, now)
    later = now + timedelta(minutes=1)
    assert not transfer(empty, talk, Trigger.SENTIMENT, later)
    row = row_of(empty, talk)
    assert (row.trigger, row.waiting_since) == (Trigger.ASKED, now)
    assert steps(empty, talk) == ["asked"]


def test_danger_passes_the_queue_once(empty: Engine, now: datetime, talk: str) -> None:
    transfer(empty, talk, Trigger.ASKED, now)
    for _ in range(2):
        assert not transfer(empty, talk, Trigger.SAFETY, now)
    row = row_of(empty, talk)
    assert (row.trigger, row.priority) == (Trigger.SAFETY, URGENT)
    assert steps(empty, talk) == ["asked", "priority"]


def test_a_person_who_has_the_talk_keeps_it(
    empty: Engine, now: datetime, talk: str
) -> None:
    transfer(empty, talk, Trigger.ASKED, now)
    hand_to(empty, talk, Owner.WAITING, Owner.HUMAN)
    assert not transfer(empty, talk, Trigger.SAFETY, now)
    assert owner_of(empty, talk) == Owner.HUMAN


def test_no_such_talk(empty: Engine, now: datetime) -> None:
    with pytest.raises(AftercareError) as refused:
        transfer(empty, "nobody", Trigger.ASKED, now)
    assert refused.value.reason is Reason.NOT_FOUND
