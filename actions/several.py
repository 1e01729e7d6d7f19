"""Several things in one wish: the first is dealt with, the others wait."""

from __future__ import annotations

from collections.abc import Sequence

from actions.pointing import LATIN
from actions.texts import texts
from actions.turn import Turn
from actions.understand import has_any
from aftercare.services.orders import LineView

SHORTEST_NAME = 2


def named_apart(text: str, lines: Sequence[LineView]) -> list[LineView]:
    """Return the lines a text names one by one, in its order; none if fewer than two.

    A word counts for the line that alone has it: "the phone" of somebody with two
    phones names neither. Without a word that joins them nothing is listed.
    """
    if not has_any(text, texts()["words"]["listed_by"]):
        return []
    words = {line.line_id: _names(line) for line in lines}
    found: list[tuple[int, LineView]] = []
    for line in lines:
        others = {w for other, ws in words.items() if other != line.line_id for w in ws}
        own = [text.find(w) for w in words[line.line_id] - others if w in text]
        if own:
            found.append((min(own), line))
    found.sort(key=lambda item: item[0])
    return [line for _, line in found] if len(found) > 1 else []


def waiting(turn: Turn, lines: Sequence[LineView]) -> list[dict[str, str]]:
    """Return the same wish about further things, as `later` keeps it."""
    return [
        {"text": line.title, "intent": turn.intent, "line": line.line_id}
        for line in lines
    ]


def _names(line: LineView) -> set[str]:
    parts = [part for part in line.title.split() if not LATIN.fullmatch(part)]
    names = {part for part in parts if len(part) >= SHORTEST_NAME}
    for row in texts()["words"]["same_things"]:
        if any(word in part for part in parts for word in row):
            names |= {word for word in row if len(word) >= SHORTEST_NAME}
    return names
