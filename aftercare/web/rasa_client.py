"""Ask Rasa for one turn; tell 'away' from 'failed'."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from aftercare.services.conversations import Message, Reply
from aftercare.settings import Settings
from aftercare.web.identity import turn_token

# Rasa works on one turn at a time: more at once would only wait over there.
AT_ONCE = 8
# Rasa's own lock of a conversation lasts 60 seconds.
LIMIT_S = 55.0


class RasaAway(Exception):
    """Rasa (or what it needs) is not there: the message must be tried again."""


class RasaFailed(Exception):
    """Rasa took the message and could not answer it: trying again is no use."""


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
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._http = httpx.AsyncClient(
            base_url=settings.rasa_url,
            timeout=httpx.Timeout(LIMIT_S, connect=2.0),
            trust_env=False,
            headers={"authorization": f"Bearer {settings.internal_secret}"},
        )

    async def turn(
        self, conversation_id: str, customer_id: str | None, message: Message
    ) -> TurnResult:
        """Return the answer to one stored message.

        Raises:
            RasaAway: no connection, no answer in time, or an answer that says
                so; our channel takes a repeat of the same message for the same.
            RasaFailed: an answer that says the turn failed.
        """
        async with self._slots:
            body = self._body(conversation_id, customer_id, message)
            try:
                answer = await self._http.post("/webhooks/aftercare/turn", json=body)
            except httpx.TransportError as error:
                raise RasaAway(type(error).__name__) from error
        if answer.status_code in (404, 503):
            # 404: the server is up but our channel is not loaded yet.
            raise RasaAway(_reason(answer))
        if answer.status_code != httpx.codes.OK:
            raise RasaFailed(_reason(answer))
        return _result(answer)

    def _body(
        self, conversation_id: str, customer_id: str | None, message: Message
    ) -> dict[str, Any]:
        token = turn_token(
            conversation_id,
            customer_id,
            message.seq,
            self._settings.internal_secret,
            datetime.now(UTC),
        )
        return {
            "conversation_id": conversation_id,
            "seq": message.seq,
            "text": message.text,
            "turn_token": token,
            # Only what this conversation was offered is ever stored with a slash.
            "payload": message.text.startswith("/"),
        }

    async def close(self) -> None:
        """Close the pool."""
        await self._http.aclose()


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["reason"])
    except (ValueError, KeyError, TypeError):
        return f"http_{answer.status_code}"


def _result(answer: httpx.Response) -> TurnResult:
    try:
        found = answer.json()
        replies = _replies(found["replies"])
        understanding: dict[str, Any] = found["understanding"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RasaFailed("not_understood") from error
    if not replies:
        raise RasaFailed("no_reply")
    return TurnResult(replies, understanding)


def _replies(items: list[dict[str, Any]]) -> list[Reply]:
    """Return the replies; a card joins the text Rasa sent just before it."""
    replies: list[Reply] = []
    for item in items:
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
        last = replies[-1] if replies else None
        if "card" in payload and last and "card" not in (last.payload or {}):
            replies[-1] = Reply(last.text, (last.payload or {}) | payload)
        elif payload or item.get("text"):
            replies.append(Reply(item.get("text", ""), payload or None))
    return replies
