"""How many conversations pass ordered steps, one after the other."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Engine, false, or_, select

from aftercare.services.console.index import catch_up
from aftercare.store.review import MessageIndexRow
from aftercare.store.unit_of_work import read


def funnel(
    engine: Engine, steps: list[str], exclude: list[str], first: date, last: date
) -> list[dict[str, Any]]:
    """Return how many conversations pass ordered steps, one after the other.

    A step is "intent:name" or "action:name"; a conversation that shows an
    excluded one anywhere does not count.
    """
    catch_up(engine)
    entry = MessageIndexRow
    talks: dict[str, list[set[str]]] = defaultdict(list)
    with read(engine) as session:
        for talk_id, intent, actions in session.execute(
            select(entry.conversation_id, entry.intent, entry.actions)
            .where(
                entry.day.between(first, last),
                entry.intent.is_not(None),
                or_(false(), *(_shows(name) for name in {*steps, *exclude})),
            )
            .order_by(entry.message_id)
        ):
            done = {f"action:{name}" for name in actions.split(",") if name}
            talks[talk_id].append({f"intent:{intent}"})
            talks[talk_id].append(done)
    counts = [0] * len(steps)
    for seen in talks.values():
        if set(exclude) & set().union(*seen):
            continue
        at = 0
        for moment in seen:
            if at < len(steps) and steps[at] in moment:
                counts[at] += 1
                at += 1
    return [{"name": name, "count": n} for name, n in zip(steps, counts, strict=True)]


def _shows(step: str) -> ColumnElement[bool]:
    kind, _, name = step.partition(":")
    if kind == "intent":
        return MessageIndexRow.intent == name
    return MessageIndexRow.actions.contains(f",{name},", autoescape=True)
