"""One turn inside Rasa: run it, notice what failed, read what was understood."""

from __future__ import annotations

import json
import logging
import time
from contextvars import ContextVar
from typing import Any, cast

from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.lock_store import LockError
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_channel.parts import Reader, parts_of
from rasa_channel.trace import Watch, watch
from rasa_channel.tracker_store import ANSWER, RivalTurn

log = logging.getLogger(__name__)
LISTEN = "action_listen"
RANKED = 5
# Rasa logs its failures here and goes on as if nothing had happened.
SILENT = "rasa.core.processor"
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
        error = record.exc_info[1] if record.exc_info else None
        away = "Couldn't connect" in str(error)
        failures.append("actions_away" if away else "action_failed")


def overhear() -> None:
    """Listen to what Rasa only logs; call once per process."""
    logger = logging.getLogger(SILENT)
    if not any(isinstance(item, _Overhear) for item in logger.handlers):
        logger.addHandler(_Overhear(logging.ERROR))


async def run_turn(agent: Any, message: UserMessage) -> dict[str, Any]:
    """Handle one message and return its replies and understanding.

    A message with several matters is handled as several, in one turn. Rasa's memory
    is read once and written once, when all is done: after a turn that failed it is
    as it was, so that asking again meets the same dialogue.

    Raises:
        TurnError: no model, an exception, a failed action, no reply, no memory.
    """
    if agent is None or not agent.is_ready():
        raise TurnError(503, "no_model")
    # Rasa's wrapper would answer a broken store with an empty memory.
    store = getattr(agent.tracker_store, "_tracker_store", agent.tracker_store)
    watching = watch((message.metadata or {}).get("trace"))
    started = time.perf_counter()
    try:
        async with agent.lock_store.lock(message.sender_id):
            locked = time.perf_counter()
            return await _once(agent, store, message, watching, locked - started)
    except LockError as error:
        # Its ticket ran out while it waited: nothing was done yet.
        raise TurnError(503, "locked") from error


async def _once(
    agent: Any, store: Any, message: UserMessage, watching: Watch, waited: float
) -> dict[str, Any]:
    """Do the turn of a message, or return the answer it already has.

    The gateway asks again after a crash, perhaps another worker: the answer is
    kept in the row that the turn wrote, so that no message is dealt with twice.
    """
    started = time.perf_counter()
    seq = (message.metadata or {}).get("seq")
    tracker = await _remembered(agent, store, message.sender_id)
    known = _answered(tracker, seq)
    if known is not None:
        return known
    read = time.perf_counter()
    answer = await _run_parts(agent.processor, tracker, message)
    ran = time.perf_counter()
    calls = watching.calls_ms / 1000
    answer["understanding"]["stages_ms"] = {
        "lock": round(waited * 1000, 1),
        "memory": round((read - started) * 1000, 1),
        "actions": round(watching.calls_ms, 1),
        "dialogue": round((ran - read - calls) * 1000, 1),
    }
    if seq is not None:
        setattr(tracker, ANSWER, (seq, json.dumps(answer, ensure_ascii=False)))
    try:
        await store.save(tracker)
    except RivalTurn as error:
        # Another worker had the same conversation: its turn stands, not this one.
        known = _answered(await _remembered(agent, store, message.sender_id), seq)
        if known is None:
            raise TurnError(503, "rival_turn") from error
        return known
    except Exception as error:
        log.error("turn not stored: %s", type(error).__name__)
        raise TurnError(500, "not_stored") from error
    return answer


def _answered(tracker: DialogueStateTracker, seq: int | None) -> dict[str, Any] | None:
    kept: tuple[int, str] | None = getattr(tracker, ANSWER, None)
    if kept is None or seq is None or kept[0] != seq:
        return None
    found: dict[str, Any] = json.loads(kept[1])
    return found


async def _remembered(agent: Any, store: Any, talk: str) -> DialogueStateTracker:
    try:
        tracker = await store.get_or_create_tracker(talk, append_action_listen=False)
    except Exception as error:
        log.error("memory not read: %s", type(error).__name__)
        raise TurnError(500, "not_stored") from error
    return cast(DialogueStateTracker, tracker)


async def _run_parts(
    processor: Any, tracker: DialogueStateTracker, message: UserMessage
) -> dict[str, Any]:
    replies: list[dict[str, Any]] = []
    understandings: list[dict[str, Any]] = []
    parts = await parts_of(Reader(processor), tracker, message)
    for part in parts:
        said, understood = await _run_part(processor, tracker, part)
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
    processor: Any, tracker: DialogueStateTracker, message: UserMessage
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Do what `MessageProcessor.handle_message` does, without reading and saving."""
    collector = message.output_channel
    assert isinstance(collector, CollectingOutputChannel)
    failures: list[str] = []
    _failures.set(failures)
    started = time.perf_counter()
    try:
        await processor._update_tracker_session(tracker, collector, message.metadata)
        await processor._handle_message_with_tracker(message, tracker)
        await processor.run_action_extract_slots(collector, tracker)
        await processor._run_prediction_loop(collector, tracker)
    except Exception as error:
        # The error's text may hold what the customer wrote: its class only.
        log.error("turn failed: %s", type(error).__name__)
        raise TurnError(500, "turn_failed") from error
    if failures or not collector.messages:
        reason = failures[0] if failures else "no_reply"
        raise TurnError(503 if reason == "actions_away" else 502, reason)
    understood = _understanding(tracker)
    understood["took_ms"] = round((time.perf_counter() - started) * 1000, 1)
    return [_reply(item) for item in collector.messages], understood


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
