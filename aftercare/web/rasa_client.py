"""Ask Rasa for one turn; tell 'away' from 'failed'."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from aftercare.services.conversations import Message, Reply
from aftercare.settings import Settings
from aftercare.web.identity import turn_token


class RasaAway(Exception):
    """Rasa is not there or too slow: the message must be tried again."""


class RasaFailed(Exception):
    """Rasa took the message and could not answer it: trying again may harm."""


@dataclass(frozen=True, slots=True)
class TurnResult:
    """The replies to one message and what Rasa understood and did."""

    replies: list[Reply]
    understanding: dict[str, Any]


class RasaClient:
    """One connection pool to our channel in Rasa, on loopback."""

    def __init__(self, settings: Settings) -> None:
        """Keep where Rasa is and the secrets of this installation."""
        self._settings = settings
        self._http = httpx.AsyncClient(
            base_url=settings.rasa_url,
            timeout=settings.turn_deadline_s,
            trust_env=False,
            headers={"authorization": f"Bearer {settings.internal_secret}"},
        )

    async def turn(
        self, conversation_id: str, customer_id: str | None, message: Message
    ) -> TurnResult:
        """Return the answer to one stored message.

        Raises:
            RasaAway: no connection or no answer before the deadline.
            RasaFailed: an answer that says the turn failed.
        """
        token = turn_token(
            conversation_id,
            customer_id,
            message.seq,
            self._settings.internal_secret,
            datetime.now(UTC),
        )
        body = {
            "conversation_id": conversation_id,
            "seq": message.seq,
            "text": message.text,
            "turn_token": token,
            "payload": message.text.startswith("/"),
        }
        try:
            answer = await self._http.post("/webhooks/aftercare/turn", json=body)
        except httpx.TransportError as error:
            raise RasaAway(type(error).__name__) from error
        if answer.status_code in (404, 503):
            # The server is up but our channel is not loaded yet.
            raise RasaAway(str(answer.status_code))
        if answer.status_code != httpx.codes.OK:
            raise RasaFailed(str(answer.status_code))
        found = answer.json()
        return TurnResult(
            [_reply(item) for item in found["replies"]], found["understanding"]
        )

    async def close(self) -> None:
        """Close the pool."""
        await self._http.aclose()


def _reply(item: dict[str, Any]) -> Reply:
    payload: dict[str, Any] = {}
    if item.get("buttons"):
        payload["quick_replies"] = [
            {"content_type": "text", "title": b["title"], "payload": b["payload"]}
            for b in item["buttons"]
        ]
    if item.get("custom"):
        payload["card"] = item["custom"]
    if item.get("image"):
        payload["image"] = item["image"]
    return Reply(item.get("text", ""), payload or None)
