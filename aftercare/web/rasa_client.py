"""Ask Rasa for one turn; tell 'away' from 'failed'."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import aiohttp

from aftercare.domain import trace
from aftercare.services.conversations import TRIAL, Message, Reply
from aftercare.settings import Settings
from aftercare.web.identity import turn_token
from aftercare.web.origins import Whence

# Rasa works on one turn at a time: more at once would only wait over there.
AT_ONCE = 8
# Rasa's own lock of a conversation lasts 60 seconds.
LIMIT_S = 55.0
CONNECT_S = 2.0
# Shorter than Rasa's server keeps a connection (30 s), so that it is never closed
# over there just while a turn is sent.
KEPT_S = 15.0
# One that was not there is not asked again so soon while others are.
SHUN_S = 3.0
# The file of the model that answers a trial, None for the one in use.
TrialOf = Callable[[str], dict[str, str] | None]


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
    """One pool of kept connections to our channel in Rasa, on loopback."""

    def __init__(self, settings: Settings, trial_of: TrialOf | None = None) -> None:
        """Keep where Rasa is, the secrets, and what says which model a trial is of."""
        self._settings = settings
        self._trial_of = trial_of
        self.whence = Whence()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._addresses = settings.rasa_addresses
        self._shunned: dict[str, float] = {}
        # Made with the first turn: a session belongs to the loop it is made in.
        self._http: aiohttp.ClientSession | None = None

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
            if self._trial_of and conversation_id.startswith(TRIAL):
                body["trial"] = await asyncio.to_thread(self._trial_of, conversation_id)
            address = self._choose(conversation_id)
            try:
                url = f"{address}/webhooks/aftercare/turn"
                headers = _trace()
                async with self._session().post(
                    url, json=body, headers=headers
                ) as answer:
                    status, found = answer.status, await answer.read()
            except (aiohttp.ClientError, TimeoutError) as error:
                self._shun(address)
                raise RasaAway(type(error).__name__) from error
        if status in (404, 503):
            # 404: the server is up but our channel is not loaded yet.
            self._shun(address)
            raise RasaAway(_reason(status, found))
        if status != HTTPStatus.OK:
            raise RasaFailed(_reason(status, found))
        return _result(found)

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_S),
                timeout=aiohttp.ClientTimeout(total=LIMIT_S, sock_connect=CONNECT_S),
                headers={"authorization": f"Bearer {self._settings.internal_secret}"},
            )
        return self._http

    def _choose(self, conversation_id: str) -> str:
        """Return the Rasa of a conversation: always the same while it is there.

        Rendezvous hashing: when one goes, only its own conversations move.
        """
        now = time.monotonic()
        there = [a for a in self._addresses if self._shunned.get(a, 0) <= now]

        def weight(address: str) -> bytes:
            return hashlib.sha256(f"{address} {conversation_id}".encode()).digest()

        return max(there or self._addresses, key=weight)

    def _shun(self, address: str) -> None:
        self._shunned[address] = time.monotonic() + SHUN_S

    def _body(
        self, conversation_id: str, customer_id: str | None, message: Message
    ) -> dict[str, Any]:
        token = turn_token(
            conversation_id,
            customer_id,
            message.seq,
            self._settings.internal_secret,
            datetime.now(UTC),
            self.whence.of(conversation_id),
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
        if self._http is not None:
            await self._http.close()


def _trace() -> dict[str, str]:
    found = trace.current()
    return {trace.HEADER: trace.header(found)} if found else {}


def _reason(status: int, answer: bytes) -> str:
    try:
        return str(json.loads(answer)["reason"])
    except (ValueError, KeyError, TypeError):
        return f"http_{status}"


def _result(answer: bytes) -> TurnResult:
    try:
        found = json.loads(answer)
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
