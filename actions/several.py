"""Several things in one wish: the first is dealt with, the others wait."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.pointing import LATIN, find_lines
from actions.texts import texts
from actions.turn import Turn
from actions.understand import find_reason, has_any
from aftercare.services.drafts import FAULTY
from aftercare.services.orders import LineView

SHORTEST_NAME = 2
CLAUSE = re.compile("[\\s,\uff0c\u3001\u3002;\uff1b]+")


def named_apart(text: str, lines: Sequence[LineView]) -> list[LineView]:
    """Return the lines a text names one by one, in its order; none if fewer than two.

    A word counts for the line that alone has it: "the phone" of somebody with two
    phones names neither. Without a word that joins them nothing is listed.
    """
    found = _named_alone(text, lines)
    return found if len(found) > 1 else []


def one_of_many(
    text: str, lines: Sequence[LineView]
) -> tuple[list[LineView], list[LineView]]:
    """Return the lines to choose among, and the one named beside them; mostly none.

    "The phone and the earphones" of somebody with two phones: which phone is asked,
    the earphones wait.
    """
    alone = _named_alone(text, lines)
    if len(alone) != 1:
        return [], []
    for name in sorted(_own_names(alone[0]) | _other_names(alone[0]), key=len)[::-1]:
        text = text.replace(name, " ")
    among = find_lines(text, (), [x for x in lines if x not in alone], [])
    return (among, alone) if len(among) > 1 else ([], [])


def _named_alone(text: str, lines: Sequence[LineView]) -> list[LineView]:
    if not has_any(text, texts()["words"]["listed_by"]):
        return []
    own = {line.line_id: _own_names(line) for line in lines}
    other = {line.line_id: _other_names(line) for line in lines}
    found: list[tuple[int, LineView]] = []
    for line in lines:
        rest = [x.line_id for x in lines if x.line_id != line.line_id]
        taken: set[str] = set().union(*(own[x] for x in rest))
        alike: set[str] = taken.union(*(other[x] for x in rest))
        names = (own[line.line_id] - taken) | (other[line.line_id] - alike)
        places = [text.find(name) for name in names if name in text]
        if places:
            found.append((min(places), line))
    found.sort(key=lambda item: item[0])
    return [line for _, line in found]


def waiting(turn: Turn, lines: Sequence[LineView]) -> list[dict[str, str]]:
    """Return the same wish about further things, as `later` keeps it."""
    return [
        {"text": line.title, "intent": turn.intent, "line": line.line_id}
        | ({} if reason is None else {"reason": reason})
        for line in lines
        for reason in [find_reason(clause_of(turn.text, line), "")]
    ]


def told_of(turn: Turn, line: LineView) -> dict[str, str | None]:
    """Return what a list tells of one of its things: why, and the fault in words.

    What is told of another thing of the list is none of its faults.
    """
    clause = clause_of(turn.text, line)
    reason = find_reason(clause, "")
    return {"reason": reason, "detail": clause} if reason in FAULTY else {}


def clause_of(text: str, line: LineView) -> str:
    """Return the part of a list that names a thing; the whole where none does."""
    names = _own_names(line) | _other_names(line)
    parts = [part for part in CLAUSE.split(text) if any(n in part for n in names)]
    return parts[0] if parts else text


def _own_names(line: LineView) -> set[str]:
    parts = [part for part in line.title.split() if not LATIN.fullmatch(part)]
    return {part for part in parts if len(part) >= SHORTEST_NAME}


def _other_names(line: LineView) -> set[str]:
    words = texts()["words"]
    rows = [(row, row) for row in words["same_things"]] + words["kinds_of_things"]
    fitting = (said for said, named in rows if any(x in line.title for x in named))
    long = {word for said in fitting for word in said if len(word) >= SHORTEST_NAME}
    return long | {word for word in words["one_sign_names"] if word in line.title}
