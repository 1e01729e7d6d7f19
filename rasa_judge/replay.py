"""What a model would make of a past message, in the state the talk was in.

Each turn is asked on its own: the turns before it happen as they were recorded, not
as this model would have had them, so that one change does not hide the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

LISTEN = "action_listen"


async def reading(agent: Agent, text: str) -> dict[str, Any]:
    """Return intent, confidence and entities of a text."""
    return _short(await _parsed(agent, text))


async def replayed(agent: Agent, talk: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the model makes of each turn of a talk that is `asked`."""
    tracker = DialogueStateTracker(talk["id"], agent.domain.slots)
    tracker.update(ActionExecuted("action_session_start"))
    tracker.update(ActionExecuted(LISTEN))
    answers = []
    for turn in talk["turns"]:
        if turn["asked"]:
            answers.append(await _asked(agent, tracker, turn))
        for event in _recorded(turn, tracker):
            tracker.update(event, agent.domain)
    return answers


async def _asked(
    agent: Agent, tracker: DialogueStateTracker, turn: dict[str, Any]
) -> dict[str, Any]:
    parsed = await _parsed(agent, turn["text"])
    trial = tracker.copy()
    trial.update(
        UserUttered(turn["text"], parsed["intent"], parsed["entities"], parsed),
        agent.domain,
    )
    found = agent.processor._predict_next_with_tracker(trial)
    action = agent.domain.action_names_or_texts[found.max_confidence_index]
    return {"message": turn["message"], "action": action} | _short(parsed)


def _recorded(turn: dict[str, Any], tracker: DialogueStateTracker) -> Iterator[Event]:
    """Yield what happened in a turn: what was understood, done, and came of it."""
    intent = {"name": turn["intent"], "confidence": 1.0}
    yield UserUttered(turn["text"], intent)
    for name in turn["actions"]:
        yield ActionExecuted(name)
    if tracker.active_loop_name != turn["loop"]:
        yield ActiveLoop(turn["loop"])
    for name, value in tracker.current_slot_values().items():
        now = turn["slots"].get(name)
        if value != now:
            yield SlotSet(name, now)
    yield ActionExecuted(LISTEN)


async def _parsed(agent: Agent, text: str) -> dict[str, Any]:
    found: dict[str, Any] = await agent.processor.parse_message(UserMessage(text))
    return found


def _short(parsed: dict[str, Any]) -> dict[str, Any]:
    intent = parsed.get("intent") or {}
    return {
        "intent": intent.get("name"),
        "confidence": round(float(intent.get("confidence") or 0.0), 4),
        "entities": [
            {key: item.get(key) for key in ("entity", "value", "start", "end")}
            for item in parsed.get("entities") or []
        ],
    }
