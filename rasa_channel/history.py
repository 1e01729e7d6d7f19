"""What of a conversation Rasa has to remember: the last turns and what holds since.

Pure: events are plain dictionaries as Rasa writes them (`Event.as_dict`). The log of
the conversation is the gateway's; this is working memory, so it may forget. A rule
looks back three steps at most, a form until it began.
"""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]
# Turns kept, at least: twice what the longest rule looks back.
KEPT_TURNS = 6
# Turns kept, at most: a form that never ends must not grow for ever.
MOST_TURNS = 40
# Events that say "take back": what they take back must stay where it is.
TAKING_BACK = frozenset({"undo", "rewind", "restart"})
STAMPED = ("model_id", "assistant_id")
# Known to the gateway, which keeps it with the message; a token must not be kept.
SECRET = "turn_token"


def shortened(events: list[Event]) -> list[Event]:
    """Return the events Rasa needs for the next turn, in their order.

    What was said before the kept turns is replaced by what it left: the slots that
    are set and the form that is open. The bot's own words are left out: no rule
    and no action reads them.
    """
    kept = [_light(event) for event in events if event["event"] != "bot"]
    kept = kept[_session_start(kept) :]
    cut = _cut(kept)
    return _left_by(kept[:cut]) + kept[cut:] if cut else kept


def _session_start(events: list[Event]) -> int:
    """Return where the newest session begins, its action included."""
    for place in range(len(events) - 1, -1, -1):
        if events[place]["event"] == "session_started":
            before = place and events[place - 1].get("name") == "action_session_start"
            return place - 1 if before else place
    return 0


def _cut(events: list[Event]) -> int:
    """Return how many of the first events are replaced, 0 for none."""
    if any(event["event"] in TAKING_BACK for event in events):
        return 0
    turns = [i for i, event in enumerate(events) if event["event"] == "user"]
    if len(turns) <= KEPT_TURNS:
        return 0
    first = turns[-KEPT_TURNS]
    opened = _form_opened(events)
    if opened is not None:
        # Keep the turn before the one in which the form was opened.
        earlier = [turn for turn in turns if turn <= opened]
        first = min(first, earlier[-2] if len(earlier) > 1 else 0)
    first = max(first, turns[-MOST_TURNS] if len(turns) >= MOST_TURNS else 0)
    # A turn begins with the listening before it.
    return (
        first - 1 if first and events[first - 1].get("name") == "action_listen" else 0
    )


def _form_opened(events: list[Event]) -> int | None:
    """Return where the form that is open now was opened."""
    for place in range(len(events) - 1, -1, -1):
        if events[place]["event"] == "active_loop":
            return place if events[place].get("name") else None
    return None


def _left_by(events: list[Event]) -> list[Event]:
    """Return a session start and what the events left set."""
    at = events[-1].get("timestamp")
    slots: dict[str, Any] = {}
    form: Any = None
    for event in events:
        if event["event"] == "slot":
            slots[event["name"]] = event.get("value")
        elif event["event"] == "reset_slots":
            slots.clear()
        elif event["event"] == "active_loop":
            form = event.get("name")
    left: list[Event] = [
        {"event": "action", "name": "action_session_start"},
        {"event": "session_started"},
    ]
    left += [
        {"event": "slot", "name": name, "value": value}
        for name, value in slots.items()
        if value is not None
    ]
    if form:
        left.append({"event": "active_loop", "name": form})
    return [event | {"timestamp": at} for event in left]


def _light(event: Event) -> Event:
    """Return an event without what the next turn does not read."""
    light = dict(event)
    if isinstance(light.get("metadata"), dict):
        drop = (*STAMPED, SECRET)
        light["metadata"] = {
            k: v for k, v in light["metadata"].items() if k not in drop
        }
    if not light.get("metadata"):
        light.pop("metadata", None)
    if light["event"] == "user":
        parsed = light.get("parse_data") or {}
        names = ("intent", "entities", "text")
        light["parse_data"] = {k: parsed[k] for k in names if k in parsed}
    return light
