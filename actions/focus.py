"""Which of their things a customer asks about, also where they do not say so."""

from __future__ import annotations

from dataclasses import dataclass

from actions.base import Events, shop_engine, slots
from actions.pointing import find_lines
from actions.turn import Turn
from aftercare.services.orders import LineView, tracks


@dataclass(frozen=True, slots=True)
class Meant:
    """What a message is about.

    Attributes:
        lines: the order lines it may mean, none where it names nothing.
        named: the customer said which, by name, number or button.
        unknown: a number was given that is none of the customer's.
        stranger: a thing was named that the customer never bought.
    """

    lines: list[LineView]
    named: bool = False
    unknown: bool = False
    stranger: str | None = None

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
    found = find_lines(turn.text, turn.numbers, lines, [])
    if found or turn.numbers:
        return Meant(found, named=bool(found), unknown=not found)
    if turn.things and not any(find_lines(x, (), lines, []) for x in turn.things):
        return Meant([], stranger=turn.things[0])
    kept = turn.slot("line") if turn.requested else turn.slot("focus")
    line = by_id.get(kept or "")
    return Meant([line] if line else [])


def keep(found: Meant, topic: str) -> Events:
    """Return the events that remember what was asked about which thing."""
    if found.line is None:
        return slots(topic=topic)
    return slots(topic=topic, focus=found.line.line_id)


def _has_waybill(turn: Turn, line: LineView) -> bool:
    found = tracks(shop_engine(), turn.viewer, turn.now, line.order_no)
    return any(track.tracking_no == turn.waybill for track in found)
