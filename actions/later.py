"""A second wish of one message: kept, and offered when the first is done."""

from __future__ import annotations

import json
from collections.abc import Sequence

from actions.base import Events, slots
from actions.pointing import find_line, find_lines
from actions.speech import Speaker
from actions.texts import texts
from actions.turn import Turn
from actions.understand import find_reason, has_any
from actions.wish import KIND_OF_INTENT, own_lines

MAX_KEPT = 4


def remember(turn: Turn, more: Sequence[dict[str, str]] = ()) -> Events:
    """Return the event that keeps this message's further wishes."""
    new = [*more, *turn.later]
    if not new:
        return []
    kept = [*(turn.slots.get("later") or []), *new][-MAX_KEPT:]
    return slots(later=kept)


def hear_reason(turn: Turn, current: object) -> Events:
    """Return the event that keeps why a thing that waits is wished back; mostly none.

    "The dress I do not like", while the shoes are being dealt with, is no change
    from the shoes to the dress.
    """
    kept = [dict(wish) for wish in turn.slots.get("later") or []]
    reason = find_reason(turn.text, "")
    awaited = has_any(turn.text, texts()["words"]["not_come"])
    if turn.given or not kept or not (reason or awaited):
        return []
    named = find_lines(turn.text, turn.numbers, own_lines(turn), [])
    if len(named) != 1 or named[0].line_id == current:
        return []
    waits = [wish for wish in kept if _is_of(turn, wish, named[0].line_id)]
    for wish in waits:
        if reason:
            wish["reason"] = reason
    return slots(later=kept) if waits else []


def _is_of(turn: Turn, wish: dict[str, str], line_id: str) -> bool:
    line = find_line(wish["text"], (), own_lines(turn), [])
    return line_id in (wish.get("line"), line and line.line_id)


def is_all_of(turn: Turn) -> bool:
    """Return whether the whole message is a wish for later."""
    return any(turn.text.endswith(item["text"]) for item in turn.later)


def offer(turn: Turn, speaker: Speaker) -> Events:
    """Offer the next kept wish by a button that says what it would begin."""
    kept = list(turn.slots.get("later") or [])
    if not kept:
        return []
    wish = kept.pop(0)
    lines = own_lines(turn)
    line = next((x for x in lines if x.line_id == wish.get("line")), None)
    line = line or find_line(wish["text"], (), lines, [])
    given = {} if line is None else {"line": line.line_id}
    if wish.get("reason"):
        given["reason"] = wish["reason"]
    suffix = json.dumps(given, separators=(",", ":")) if given else ""
    # A fault says nothing yet of what should be done about it.
    kind = KIND_OF_INTENT.get(wish["intent"])
    kind = (
        speaker.label("kind", kind) if kind else speaker.label("intent", wish["intent"])
    )
    title = kind if line is None else f"{line.title} {kind}"
    speaker.say(
        "offer_later", [(title, f"/{wish['intent']}{suffix}")], text=wish["text"]
    )
    return slots(later=kept or None)
