"""Which of their things a customer asks about, also where they do not say so."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from actions.base import Events, shop_engine, slots
from actions.fault import can_have
from actions.pointing import find_lines, names_it
from actions.speech import Button, Speaker
from actions.texts import texts
from actions.turn import Turn
from actions.understand import find_reason, has_any
from actions.wish import human, own_lines
from aftercare.services.orders import LineView, tracks

# The topic of a talk in which the orders were listed.
ORDERS = "action_order_status"


@dataclass(frozen=True, slots=True)
class Meant:
    """What a message is about.

    Attributes:
        lines: the order lines it may mean, none where it names nothing.
        named: the customer said which, by name, number or button.
        unknown: a number was given that is none of the customer's.
        stranger: a thing was named that the customer never bought.
        another: it is about somebody else's order, which nobody else may see.
        near: a thing of the customer's that `stranger` may stand for, and the
            payload that asks the same of it.
    """

    lines: list[LineView]
    named: bool = False
    unknown: bool = False
    stranger: str | None = None
    another: bool = False
    near: Button | None = None

    @property
    def line(self) -> LineView | None:
        """The one line meant, None where it is none or several."""
        return self.lines[0] if len(self.lines) == 1 else None


def meant(turn: Turn, lines: list[LineView]) -> Meant:
    """Return what is meant: what is named, else what the talk is about."""
    by_id = {line.line_id: line for line in lines}
    pressed = by_id.get(turn.given.get("line", ""))
    if pressed:
        return Meant([pressed], named=True)
    if turn.waybill:
        found = [line for line in lines if _has_waybill(turn, line)]
        return Meant(found, named=bool(found), unknown=not found)
    found = find_lines(turn.text, turn.numbers, lines, listed(turn))
    found = can_have(found, find_reason(turn.text, turn.intent))
    spoken = turn.slot("line") if turn.requested else turn.slot("focus")
    if spoken in by_id and not listed(turn) and not turn.numbers:
        # A colour alone names nothing while the talk is about a thing.
        found = [x for x in found if names_it(turn.text, x)]
    if asks_for_another(turn) and not turn.numbers:
        return Meant([], another=True)
    if found or turn.numbers:
        return Meant(found, named=bool(found), unknown=not found)
    # What one bought for the family is one's own and was found by its name.
    if _is_of(turn, "of_kin"):
        return Meant([], another=True)
    strange = _never_bought(turn, lines)
    gifts = find_lines(turn.text, (), own_lines(turn, gifts=True), [])
    if strange is not None and gifts:
        return Meant(gifts, named=True)
    if strange is not None:
        return Meant([], stranger=strange, near=_near(turn, strange, lines))
    line = by_id.get(spoken or "")
    return Meant([line] if line else [])


def listed(turn: Turn) -> list[str]:
    """Return the line ids of the list of orders shown last, else none."""
    shown = turn.slot("topic") == ORDERS and turn.requested is None
    return list(turn.slots.get("offered") or []) if shown else []


def asks_for_another(turn: Turn) -> bool:
    """Return whether a message speaks of what a friend or colleague bought."""
    return _is_of(turn, "of_another") and not turn.given


def stranger(turn: Turn) -> str | None:
    """Return the thing a message names that this customer never bought, else None."""
    if turn.given or turn.numbers or turn.viewer.customer_id is None:
        return None
    lines = own_lines(turn, gifts=True)
    named = find_lines(turn.text, (), lines, [])
    return None if named else _never_bought(turn, lines)


def tell_stranger(turn: Turn, speaker: Speaker, values: dict[str, Any]) -> bool:
    """Say that the thing named is none of the customer's, before others are shown."""
    strange = None if values.get("line") else stranger(turn)
    if strange is not None:
        speaker.say("thing_unknown", thing=strange)
    return strange is not None


def _never_bought(turn: Turn, lines: list[LineView]) -> str | None:
    if any(find_lines(x, (), lines, []) for x in turn.things):
        return None
    return next(iter(turn.things), None)


def _near(turn: Turn, strange: str, lines: list[LineView]) -> Button | None:
    """Return the one thing like the strange one, with the payload to ask of it."""
    titles = [
        named
        for said, named in texts()["words"]["near_things"]
        if any(word in strange for word in said)
    ]
    found = [x for x in lines if any(w in x.title for row in titles for w in row)]
    if len(found) != 1 or not turn.intent:
        return None
    return found[0].title, f"/{turn.intent}" + json.dumps({"line": found[0].line_id})


def cannot_show(speaker: Speaker, found: Meant) -> bool:
    """Say why nothing can be told of what is meant; False where something can."""
    person = [human(speaker)]
    if found.unknown:
        speaker.say("number_unknown", person)
    elif found.another:
        speaker.say("of_another", person)
    elif found.stranger and found.near:
        title = found.near[0]
        ways = [found.near, *person]
        speaker.say("thing_near", ways, thing=found.stranger, title=title)
    elif found.stranger:
        speaker.say("thing_unknown", person, thing=found.stranger)
    return found.unknown or found.another or bool(found.stranger)


def keep(found: Meant, topic: str) -> Events:
    """Return the events that remember what was asked about which thing."""
    if found.line is None:
        return slots(topic=topic)
    return slots(topic=topic, focus=found.line.line_id)


def _is_of(turn: Turn, whose: str) -> bool:
    words = texts()["words"]
    theirs = has_any(turn.text, words[whose])
    return theirs and not has_any(turn.text, words["bought_for"])


def _has_waybill(turn: Turn, line: LineView) -> bool:
    found = tracks(shop_engine(), turn.viewer, turn.now, line.order_no)
    return any(track.tracking_no == turn.waybill for track in found)
