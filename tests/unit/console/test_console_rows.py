"""A conversation as a row: how long the customer waits, and what was said last."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from aftercare.services.console import composer, inbox, takeover, transcript
from aftercare.services.console.audit import Actor
from aftercare.services.conversations import Reply, answer
from aftercare.services.transfer import Trigger, transfer

LATER = timedelta(seconds=200)


def handed_over(shop: Engine, talks: Any, agent: Actor, now: datetime) -> str:
    """Make a talk whose last word the bot has answered, and have it taken."""
    talk = answered(shop, talks, now)
    assert transfer(shop, talk, Trigger.ASKED, now)
    takeover.take(shop, agent, talk, now)
    return talk


def answered(shop: Engine, talks: Any, now: datetime) -> str:
    """Make a talk in which the bot has had the last word."""
    talk = str(talks.make("hello", now=now))
    answer(
        shop, conversation_id=talk, to_seq=1, replies=[Reply("a person comes")], now=now
    )
    return talk


def test_who_was_handed_over_waits_for_the_persons_first_word(
    shop: Engine, now: datetime, talks: Any, actor_of: Any
) -> None:
    agent = actor_of("first-word")
    talk = handed_over(shop, talks, agent, now)
    row = inbox.row(shop, talk, now + LATER)
    assert (row["waiting_since"], row["level"]) == (now, "alert")
    composer.send(shop, agent, talk, client_id="1", text="here", now=now + LATER)
    assert inbox.row(shop, talk, now + LATER)["waiting_since"] is None


def test_who_was_taken_unasked_waits_for_nobody(
    shop: Engine, now: datetime, talks: Any, actor_of: Any
) -> None:
    talk = answered(shop, talks, now)
    takeover.take(shop, actor_of("unasked"), talk, now)
    assert inbox.row(shop, talk, now + LATER)["waiting_since"] is None


def test_a_row_tells_what_was_said_and_the_desks_lines_name_the_agent(
    shop: Engine, now: datetime, talks: Any, actor_of: Any, words: dict[str, str]
) -> None:
    agent = actor_of(words["agent_name"])
    talk = handed_over(shop, talks, agent, now)
    last = inbox.row(shop, talk, now)["last"]
    assert (last["sender"], last["text"]) == ("bot", "a person comes")
    other = actor_of("reader")
    said = transcript.messages(shop, other, talk)["messages"]
    assert words["agent_name"] in said[-1]["text"]
