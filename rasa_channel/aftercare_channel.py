"""Our input channel: one turn in, the replies and what Rasa did about it out.

Rasa's own REST channel answers `200 []` when a turn fails; this one says so.
Runs on Python 3.10 in Rasa's environment, on loopback.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import (
    CollectingOutputChannel,
    InputChannel,
    UserMessage,
)
from rasa.shared.core.events import ActionExecuted, UserUttered
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

log = logging.getLogger(__name__)
MAX_BODY = 64 * 1024
MAX_TEXT = 1_000
LISTEN = "action_listen"


class AftercareInput(InputChannel):
    """`POST /webhooks/aftercare/turn`, for the gateway alone."""

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return "aftercare"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        """Read the shared secret; without one the channel does not start."""
        secret = (credentials or {}).get("secret") or ""
        if len(secret) < 32:
            raise ValueError("the channel needs a secret of 32 characters or more")
        return cls(secret)

    def __init__(self, secret: str) -> None:
        """Keep the secret that only the gateway knows."""
        self._secret = secret.encode()

    def blueprint(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("aftercare_channel")

        @routes.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            refusal = self._refuse(request)
            if refusal is not None:
                return refusal
            body = request.json
            collector = CollectingOutputChannel()
            message = UserMessage(
                body["text"],
                collector,
                body["conversation_id"],
                input_channel=self.name(),
                metadata={"turn_token": body["turn_token"]},
            )
            try:
                await on_new_message(message)
                understanding = await _understanding(
                    request.app.ctx.agent, body["conversation_id"]
                )
            except Exception as error:
                log.error("turn failed: %s", type(error).__name__)
                return _error(500, "turn_failed")
            if not collector.messages:
                return _error(502, "no_reply")
            replies = [_reply(item) for item in collector.messages]
            return response.json({"replies": replies, "understanding": understanding})

        return routes

    def _refuse(self, request: Request) -> HTTPResponse | None:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, b"Bearer " + self._secret):
            return _error(401, "unauthorised")
        if len(request.body) > MAX_BODY:
            return _error(413, "too_large")
        try:
            body = request.json
        except Exception:
            return _error(400, "not_json")
        needed = ("conversation_id", "text", "turn_token")
        if not isinstance(body, dict) or any(
            not isinstance(body.get(name), str) or not body[name] for name in needed
        ):
            return _error(400, "fields_missing")
        if len(body["text"]) > MAX_TEXT:
            return _error(413, "too_long")
        if body["text"].lstrip().startswith("/") and body.get("payload") is not True:
            return _error(422, "payload_not_issued")
        return None


async def _understanding(agent: Any, conversation_id: str) -> dict[str, Any]:
    tracker = await agent.tracker_store.retrieve(conversation_id)
    if tracker is None:
        raise LookupError("the turn was not stored")
    actions = []
    for event in reversed(tracker.applied_events()):
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
    return {
        "intent": parsed.get("intent"),
        "intent_ranking": (parsed.get("intent_ranking") or [])[:5],
        "entities": parsed.get("entities"),
        "slots": {
            name: value
            for name, value in tracker.current_slot_values().items()
            if value is not None
        },
        "actions": actions[::-1],
        "active_loop": tracker.active_loop_name,
    }


def _reply(item: dict[str, Any]) -> dict[str, Any]:
    kept = ("text", "buttons", "image", "custom")
    return {key: item[key] for key in kept if item.get(key)}


def _error(status: int, reason: str) -> HTTPResponse:
    return response.json({"reason": reason}, status=status)
