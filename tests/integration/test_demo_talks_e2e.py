"""Invented customers talk with the real stack, and the console has what to show."""

from __future__ import annotations

from sqlalchemy import func, select

from aftercare import demo_talks
from aftercare.store.messages import MessageRow
from aftercare.store.unit_of_work import read
from tests.integration.stack import Stack

TALKS = 4


def test_the_talks_are_understood_and_answered(stack: Stack) -> None:
    with read(stack.engine) as session:
        before = session.scalar(select(func.count(MessageRow.id))) or 0
    done = demo_talks.hold(stack.engine, stack.settings, stack.url, most=TALKS)
    assert (done.talks, done.unanswered) == (TALKS, 0)
    assert done.said > 2 * TALKS
    with read(stack.engine) as session:
        rows = session.scalars(select(MessageRow).order_by(MessageRow.id)).all()
        said = [row for row in rows[before:] if row.sender == "customer"]
        assert len(said) == done.said
        assert all((row.understanding or {}).get("intent_ranking") for row in said)
