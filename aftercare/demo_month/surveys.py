"""Whom the shop asks how it was, and what those who answer say."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from aftercare.demo_month.clock import Story
from aftercare.demo_month.words import one_of
from aftercare.demo_month.world import World
from aftercare.services.conversations import Message, Reply, answer, receive
from aftercare.services.surveys import answer_here, ask_due, plan

ASK_AFTER = timedelta(minutes=2)
ANSWERS, REASONS, COMMENTS = 0.62, 0.6, 0.3
SECOND = timedelta(seconds=1)


def soon(world: World, at: datetime) -> None:
    """Have the shop look in a moment whom to ask."""
    world.clock.begin(at + ASK_AFTER, _ask(world, at + ASK_AFTER))


def _ask(world: World, at: datetime) -> Story:
    plan(world.engine, at)
    for step in ask_due(world.engine, at):
        visit = world.talks.get(step.conversation_id)
        if visit is None:
            continue  # not one of our invented customers
        random = world.random("survey", visit.number, step.said[0].seq)
        if random.random() < ANSWERS:
            begins = at + random.uniform(10, 500) * SECOND
            asked = step.said[0]
            world.clock.begin(
                begins, _reply(world, step.conversation_id, asked, random, begins)
            )
    yield from ()


def _reply(
    world: World, talk_id: str, asked: Message, random: Random, at: datetime
) -> Story:
    """Press a score, perhaps a reason, perhaps write a few words."""
    visit = world.talks[talk_id]
    score = random.choice(visit.script.scores)
    scores = _buttons(asked.payload)
    # The first button is the best score; the last one asks for peace.
    told = _press(world, talk_id, scores[5 - score], at)
    if told is None or random.random() >= REASONS:
        return
    at += random.uniform(4, 15) * SECOND
    yield at
    *reasons, comment = _buttons(told.payload)
    told = _press(world, talk_id, random.choice(reasons), at)
    if random.random() >= COMMENTS:
        return
    at += random.uniform(4, 15) * SECOND
    yield at
    _press(world, talk_id, comment, at)
    at += random.uniform(10, 40) * SECOND
    yield at
    _say(world, talk_id, one_of("comments", random), None, at)


def _buttons(payload: dict[str, Any] | None) -> list[dict[str, str]]:
    found: list[dict[str, str]] = (payload or {})["quick_replies"]
    return found


def _press(
    world: World, talk_id: str, button: dict[str, str], at: datetime
) -> Reply | None:
    return _say(world, talk_id, button["payload"], button["title"], at)


def _say(
    world: World, talk_id: str, text: str, title: str | None, at: datetime
) -> Reply | None:
    """Say it as the gateway does with what is said to a survey."""
    piece = world.talks[talk_id].piece
    message = receive(
        world.engine,
        conversation_id=talk_id,
        customer_id=piece.customer_id if piece else None,
        client_id=f"survey-{at.timestamp():.3f}",
        text=text,
        now=at,
        title=title,
    )
    replies = answer_here(world.engine, talk_id, message, at) or []
    answer(
        world.engine,
        conversation_id=talk_id,
        to_seq=message.seq,
        replies=replies,
        now=at + SECOND,
        understanding={"survey": True},
    )
    return replies[0] if replies else None
