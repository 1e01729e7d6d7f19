"""The log: nothing lost, nothing doubled, in order, nobody else's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import Engine

from aftercare.domain.conversation import Owner
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.conversations import (
    MAX_WAITING,
    Message,
    Reply,
    answer,
    hand_to,
    open_conversation,
    receive,
    unanswered,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def engine(empty: Engine) -> Engine:
    return empty


def say(
    engine: Engine, talk: str, client_id: str, text: str = "hi", who: str = "anna"
) -> Message:
    return receive(
        engine,
        conversation_id=talk,
        customer_id=who,
        client_id=client_id,
        text=text,
        now=NOW,
    )


def reply(engine: Engine, talk: str, seq: int) -> list[Message]:
    return answer(
        engine,
        conversation_id=talk,
        to_seq=seq,
        replies=[Reply("a"), Reply("b")],
        now=NOW,
    )


def test_messages_are_numbered_in_order_and_wait_for_an_answer(engine: Engine) -> None:
    talk = open_conversation(engine, "anna")
    say(engine, talk, "c1")
    say(engine, talk, "c2", "more")
    assert [m.seq for m in unanswered(engine, talk)] == [1, 2]
    assert [m.seq for m in reply(engine, talk, 1)] == [3, 4]
    assert [m.seq for m in unanswered(engine, talk)] == [2]


def test_a_resent_message_is_the_same_message(engine: Engine) -> None:
    talk = open_conversation(engine, "anna")
    barrier = Barrier(8)

    def send(_: int) -> Message:
        barrier.wait()
        return say(engine, talk, "c1")

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(8))) == {Message(1, "customer", "hi", NOW)}
    assert len(unanswered(engine, talk)) == 1


def test_a_client_id_with_another_text_is_refused(engine: Engine) -> None:
    talk = open_conversation(engine, "anna")
    say(engine, talk, "c1")
    with pytest.raises(AftercareError) as caught:
        say(engine, talk, "c1", "other")
    assert caught.value.reason is Reason.KEY_REUSED
    assert [m.text for m in unanswered(engine, talk)] == ["hi"]


def test_a_message_is_answered_once(engine: Engine) -> None:
    talk = open_conversation(engine, "anna")
    say(engine, talk, "c1")
    assert len(reply(engine, talk, 1)) == 2
    assert reply(engine, talk, 1) == []


def test_anothers_conversation_looks_like_none(engine: Engine) -> None:
    talk = open_conversation(engine, "anna")
    for place, who in ((talk, "bob"), ("no-such-talk", "anna")):
        with pytest.raises(AftercareError) as caught:
            say(engine, place, "c1", who=who)
        assert caught.value.reason is Reason.NOT_FOUND
    assert unanswered(engine, talk) == []


def test_two_agents_take_over_at_once_and_one_wins(engine: Engine) -> None:
    talk = open_conversation(engine, "anna")
    hand_to(engine, talk, Owner.NEW, Owner.BOT)
    say(engine, talk, "c1")
    barrier = Barrier(2)

    def take(_: int) -> bool:
        barrier.wait()
        try:
            hand_to(engine, talk, Owner.BOT, Owner.HUMAN)
        except AftercareError as error:
            assert error.reason is Reason.ILLEGAL_MOVE
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, range(2))) == [False, True]
    assert reply(engine, talk, 1) == []
    assert [m.seq for m in unanswered(engine, talk)] == [1]


def test_nobody_is_refused_for_writing_much_to_a_person(engine: Engine) -> None:
    talk = open_conversation(engine, "anna")
    hand_to(engine, talk, Owner.NEW, Owner.BOT)
    for n in range(MAX_WAITING):
        say(engine, talk, f"c{n}")
    with pytest.raises(AftercareError) as caught:
        say(engine, talk, "one too many")
    assert caught.value.reason is Reason.TOO_MANY_MESSAGES
    hand_to(engine, talk, Owner.BOT, Owner.HUMAN)
    assert say(engine, talk, "heard by a person").seq == MAX_WAITING + 1
