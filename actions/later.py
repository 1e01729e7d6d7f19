"""A second wish of one message: kept, and offered when the first is done."""

from __future__ import annotations

import json

from actions.base import Events, slots
from actions.pointing import find_line
from actions.speech import Speaker
from actions.turn import Turn
from actions.wish import KIND_OF_INTENT, own_lines

MAX_KEPT = 3


def remember(turn: Turn) -> Events:
    """Return the event that keeps this message's further wishes."""
    if not turn.later:
        return []
    kept = [*(turn.slots.get("later") or []), *turn.later][-MAX_KEPT:]
    return slots(later=kept)


def is_all_of(turn: Turn) -> bool:
    """Return whether the whole message is a wish for later."""
    return any(turn.text.endswith(item["text"]) for item in turn.later)


def offer(turn: Turn, speaker: Speaker) -> Events:
    """Offer the next kept wish by a button that says what it would begin."""
    kept = list(turn.slots.get("later") or [])
    if not kept:
        return []
    wish = kept.pop(0)
    line = find_line(wish["text"], (), own_lines(turn), [])
    given = {} if line is None else {"line": line.line_id}
    suffix = json.dumps(given, separators=(",", ":")) if given else ""
    kind = speaker.label("kind", KIND_OF_INTENT[wish["intent"]])
    title = kind if line is None else f"{line.title} {kind}"
    speaker.say(
        "offer_later", [(title, f"/{wish['intent']}{suffix}")], text=wish["text"]
    )
    return slots(later=kept or None)
