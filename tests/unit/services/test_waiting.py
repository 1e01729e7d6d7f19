"""The announced wait follows the real queue and people, and may be unknown."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from aftercare.domain.conversation import Owner
from aftercare.services.conversations import open_conversation
from aftercare.services.waiting import queue_wait
from aftercare.store.console import AccountRow
from aftercare.store.desk import DeskEventRow, HandoverRow
from aftercare.store.messages import ConversationRow
from aftercare.store.unit_of_work import write


def agent(shop: Engine, now: datetime, login: str, cap: int = 1) -> None:
    with write(shop) as session:
        session.add(
            AccountRow(
                login=login,
                name=login,
                password_hash="x",
                role="agent",
                presence="online",
                cap=cap,
                created_at=now,
            )
        )


def queued(shop: Engine, now: datetime, owner: Owner, agent_id: int | None) -> str:
    talk = open_conversation(shop, "C-DEMO-1")
    with write(shop) as session:
        session.get_one(ConversationRow, talk).owner = owner
        session.add(
            HandoverRow(conversation_id=talk, agent_id=agent_id, waiting_since=now)
        )
    return talk


def talked(shop: Engine, now: datetime, minutes: int, count: int) -> None:
    for number in range(count):
        talk = open_conversation(shop, None)
        begin = now - timedelta(hours=number + 2)
        with write(shop) as session:
            for kind, at in (
                ("taken", begin),
                ("closed", begin + timedelta(minutes=minutes)),
            ):
                session.add(
                    DeskEventRow(conversation_id=talk, at=at, kind=kind, actor="a")
                )


def test_while_nobody_is_online_nothing_is_promised(
    shop: Engine, now: datetime
) -> None:
    found = queue_wait(shop, open_conversation(shop, None), now)
    assert not found.forecast.known
    assert "nobody_online" in found.forecast.reasons


def test_a_free_agent_is_there_at_once(shop: Engine, now: datetime) -> None:
    agent(shop, now, "anna")
    found = queue_wait(shop, open_conversation(shop, None), now)
    assert (found.forecast.basis, found.ahead) == ("immediate", 0)


def test_who_comes_later_waits_longer(shop: Engine, now: datetime) -> None:
    agent(shop, now, "anna")
    queued(shop, now, Owner.HUMAN, 1)
    waits = []
    for place in range(3):
        talk = queued(shop, now + timedelta(seconds=place), Owner.WAITING, None)
        found = queue_wait(shop, talk, now)
        assert found.ahead == place
        waits.append(found.forecast.expected_s or 0)
    assert 0 < waits[0] < waits[1] < waits[2]


def test_the_shops_own_talks_say_how_long_one_takes(
    shop: Engine, now: datetime
) -> None:
    agent(shop, now, "anna")
    queued(shop, now, Owner.HUMAN, 1)
    talk = queued(shop, now, Owner.WAITING, None)
    before = queue_wait(shop, talk, now).forecast.expected_s
    talked(shop, now, minutes=20, count=40)
    later = now + timedelta(minutes=30)
    after = queue_wait(shop, talk, later).forecast.expected_s
    assert before is not None and after is not None and after > 2 * before
