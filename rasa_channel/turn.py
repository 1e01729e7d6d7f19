"""One turn inside Rasa: run it, notice what failed, read what was understood."""

from __future__ import annotations

import logging
import time
from contextvars import ContextVar
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.events import ActionExecuted, UserUtteranceReverted, UserUttered

from rasa_channel.parts import parts_of

log = logging.getLogger(__name__)
LISTEN = "action_listen"
RANKED = 5
# Rasa logs these failures and goes on as if nothing had happened.
SILENT = ("rasa.core.processor", "rasa.core.tracker_store")
_failures: ContextVar[list[str] | None] = ContextVar("failures", default=None)


class TurnError(Exception):
    """A turn that must not look like an answered one.

    Attributes:
        status: HTTP status; 503 means that asking again later is safe and useful.
        reason: a code for the gateway.
    """

    def __init__(self, status: int, reason: str) -> None:
        """Keep what the gateway is told."""
        super().__init__(reason)
        self.status = status
        self.reason = reason


class _Overhear(logging.Handler):
    """Notes, per turn, the errors that Rasa only writes to its log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the reason for the turn that runs in this context."""
        failures = _failures.get()
        if failures is None:
            return
        if record.name != SILENT[0]:
            failures.append("not_stored")
            return
        error = record.exc_info[1] if record.exc_info else None
        away = "Couldn't connect" in str(error)
        failures.append("actions_away" if away else "action_failed")


def overhear() -> None:
    """Listen to what Rasa only logs; call once per process."""
    for name in SILENT:
        logger = logging.getLogger(name)
        if not any(isinstance(item, _Overhear) for item in logger.handlers):
            logger.addHandler(_Overhear(logging.ERROR))


async def run_turn(agent: Any, message: UserMessage) -> dict[str, Any]:
    """Handle one message and return its replies and understanding.

    A message with several matters is handled as several, in one turn. A turn
    that failed is taken back in Rasa's memory, so that asking again meets the
    dialogue as it was.

    Raises:
        TurnError: no model, an exception, a failed action, no reply.
    """
    if agent is None or not agent.is_ready():
        raise TurnError(503, "no_model")
    parts = await parts_of(agent, message)
    done: list[UserMessage] = []
    replies: list[dict[str, Any]] = []
    understandings: list[dict[str, Any]] = []
    for part in parts:
        done.append(part)
        try:
            said, understood = await _run_part(agent, part)
        except TurnError:
            for item in reversed(done):
                await _take_back(agent, item)
            raise
        # A question asked again after a digression replaces the first asking.
        replies = [item for item in replies if item not in said] + said
        understandings.append(understood)
    answer = understandings[-1]
    if len(parts) > 1:
        answer["parts"] = [
            {"text": part.text, "intent": item["intent"]}
            for part, item in zip(parts, understandings, strict=True)
        ]
        actions = [action for item in understandings for action in item["actions"]]
        answer["actions"] = actions
    return {"replies": replies, "understanding": answer}


async def _run_part(
    agent: Any, message: UserMessage
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    collector = message.output_channel
    assert isinstance(collector, CollectingOutputChannel)
    failures: list[str] = []
    _failures.set(failures)
    started = time.perf_counter()
    try:
        await agent.handle_message(message)
    except Exception as error:
        # The error's text may hold what the customer wrote: its class only.
        log.error("turn failed: %s", type(error).__name__)
        raise TurnError(500, "turn_failed") from error
    if failures or not collector.messages:
        reason = failures[0] if failures else "no_reply"
        raise TurnError(503 if reason == "actions_away" else 502, reason)
    tracker = await agent.tracker_store.retrieve(message.sender_id)
    if tracker is None:
        raise TurnError(500, "not_stored")
    understood = _understanding(tracker)
    understood["took_ms"] = round((time.perf_counter() - started) * 1000, 1)
    return [_reply(item) for item in collector.messages], understood


async def _take_back(agent: Any, message: UserMessage) -> None:
    async with agent.lock_store.lock(message.sender_id):
        tracker = await agent.tracker_store.retrieve(message.sender_id)
        said = tracker and tracker.get_last_event_for(UserUttered)
        if not said or said.message_id != message.message_id:
            return
        tracker.update(UserUtteranceReverted())
        # Taking a message back also takes back the listening before it.
        tracker.update(ActionExecuted(LISTEN))
        await agent.tracker_store.save(tracker)


def _understanding(tracker: Any) -> dict[str, Any]:
    actions = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, ActionExecuted) and event.action_name != LISTEN:
            actions.append(
                {
                    "name": event.action_name,
                    "policy": event.policy,
                    "confidence": event.confidence,
                }
            )
    parsed = tracker.latest_message.parse_data
    filled = tracker.current_slot_values().items()
    return {
        "intent": parsed.get("intent"),
        "intent_ranking": (parsed.get("intent_ranking") or [])[:RANKED],
        "entities": parsed.get("entities") or [],
        "explanation": parsed.get("explanation"),
        "slots": {name: value for name, value in filled if value is not None},
        "actions": actions[::-1],
        "active_loop": tracker.active_loop_name,
    }


def _reply(item: dict[str, Any]) -> dict[str, Any]:
    kept = ("text", "buttons", "image", "custom")
    return {key: item[key] for key in kept if item.get(key)}
