"""What a customer and the assistant say, through the services of every message."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aftercare.demo_month.world import Talk
from aftercare.domain import trace
from aftercare.services.conversations import Message, Reply, answer, receive

SECOND = timedelta(seconds=1)


def said(talk: Talk, text: str, title: str | None = None) -> Message:
    """Let the customer say something, or press a button with a title."""
    trace.begin()
    return receive(
        talk.world.engine,
        conversation_id=talk.id,
        customer_id=talk.customer_id,
        client_id=talk.key(),
        text=text,
        now=talk.at,
        title=title,
    )


def answered(
    talk: Talk, message: Message, replies: list[Reply], seen: dict[str, Any]
) -> None:
    """Let the assistant answer a message."""
    trace.join(message.trace)
    answer(
        talk.world.engine,
        conversation_id=talk.id,
        to_seq=message.seq,
        replies=replies,
        now=talk.at,
        understanding=seen,
    )


def passes(talk: Talk, least_s: float, most_s: float) -> None:
    """Let some seconds of the talk go by."""
    talk.at += talk.random.uniform(least_s, most_s) * SECOND
