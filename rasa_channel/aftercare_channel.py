"""Our input channel: one turn in, the replies and what Rasa did about it out.

Rasa's own REST channel answers `200 []` when a turn fails; this one says so.
Runs on Python 3.10 in Rasa's environment, on loopback.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import (
    CollectingOutputChannel,
    InputChannel,
    UserMessage,
)
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from aftercare.cover import cover_logs
from aftercare.heap import settle
from rasa_channel.lean import lean
from rasa_channel.logs import json_logs
from rasa_channel.ready import parses
from rasa_channel.swap import Swapper, SwapRefused, name_of
from rasa_channel.trace import HEADER, trace_of
from rasa_channel.turn import TurnError, overhear, run_turn

log = logging.getLogger(__name__)
MAX_BODY = 64 * 1024
MAX_TEXT = 1_000
MIN_SECRET = 32
REMEMBERED = 512
Turn = tuple[str, int]


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
        if len(secret) < MIN_SECRET:
            raise ValueError("the channel needs a secret of 32 characters or more")
        return cls(secret)

    def __init__(self, secret: str) -> None:
        """Keep the secret that only the gateway knows."""
        self._secret = secret.encode()
        self._settled = False
        self._turns: OrderedDict[Turn, asyncio.Task[dict[str, Any]]] = OrderedDict()

    def blueprint(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> Blueprint:
        """Return the routes."""
        cover_logs()
        overhear()
        lean()
        self._swapper = Swapper()
        json_logs()
        routes = Blueprint("aftercare_channel")

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            agent = request.app.ctx.agent
            ready = agent is not None and agent.is_ready()
            body = {"model": ready, "name": name_of(agent)}
            return response.json(body, status=200 if ready else 503)

        @routes.route("/ready", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            if not self._knows(request):
                return _error(401, "unauthorised")
            fine = await parses(request.app.ctx.agent)
            if fine:
                self._settle()
            return response.json({"parses": fine}, status=200 if fine else 503)

        @routes.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            refusal = self._refuse(request)
            if refusal is not None:
                return refusal
            try:
                # The gateway may give up and ask again while the turn still
                # runs: it goes on, and the second asker gets the same answer.
                return response.json(await asyncio.shield(self._once(request)))
            except TurnError as error:
                return _error(error.status, error.reason)
            except SwapRefused as refused:
                # Not 404 or 503: asking again would not bring the model back.
                return _error(422, f"trial_{refused.reason}")
            except Exception as error:
                log.error("turn broke: %s", type(error).__name__)
                return _error(500, "turn_failed")

        @routes.route("/model", methods=["PUT"])
        async def model(request: Request) -> HTTPResponse:
            if not self._knows(request):
                return _error(401, "unauthorised")
            asked = request.json if request.body else None
            wanted = asked if isinstance(asked, dict) else {}
            path, sha256 = wanted.get("path"), wanted.get("sha256")
            if not isinstance(path, str) or not isinstance(sha256, str):
                return _error(400, "fields_missing")
            try:
                name = await self._swapper.use(request.app, path, sha256)
            except SwapRefused as refused:
                return _error(refused.status, refused.reason)
            return response.json({"name": name})

        return routes

    def _settle(self) -> None:
        """Set the model aside, once: it is kept for ever."""
        if not self._settled:
            self._settled = True
            settle()

    def _knows(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").encode()
        return hmac.compare_digest(given, b"Bearer " + self._secret)

    def _once(self, request: Request) -> asyncio.Task[dict[str, Any]]:
        body = request.json
        key = (body["conversation_id"], body["seq"])
        known = self._turns.get(key)
        if known is not None and not _failed(known):
            return known
        message = UserMessage(
            body["text"],
            CollectingOutputChannel(),
            body["conversation_id"],
            input_channel=self.name(),
            metadata={
                "turn_token": body["turn_token"],
                "seq": body["seq"],
                "trace": trace_of(request.headers.get(HEADER)),
            },
        )
        work = self._run(request.app, message, body.get("trial"))
        task = asyncio.ensure_future(work)
        self._turns[key] = task
        while len(self._turns) > REMEMBERED:
            self._turns.popitem(last=False)
        return task

    async def _run(
        self, app: Any, message: UserMessage, trial: dict[str, str] | None
    ) -> dict[str, Any]:
        """Run a turn by the model in use, or by the one a guest tries, and say so."""
        agent = await self._swapper.agent_for(app, trial)
        answer = await run_turn(agent, message)
        if trial:
            answer["understanding"]["model"] = name_of(agent)
        return answer

    def _refuse(self, request: Request) -> HTTPResponse | None:
        if not self._knows(request):
            return _error(401, "unauthorised")
        if len(request.body) > MAX_BODY:
            return _error(413, "too_large")
        try:
            body = request.json
        except Exception:
            return _error(400, "not_json")
        if not isinstance(body, dict) or not _complete(body):
            return _error(400, "fields_missing")
        if len(body["text"]) > MAX_TEXT:
            return _error(413, "too_long")
        if body["text"].lstrip().startswith("/") and body.get("payload") is not True:
            return _error(422, "payload_not_issued")
        return None


def _complete(body: dict[str, Any]) -> bool:
    needed = ("conversation_id", "text", "turn_token")
    texts = all(isinstance(body.get(name), str) and body[name] for name in needed)
    return texts and type(body.get("seq")) is int


def _failed(task: asyncio.Task[dict[str, Any]]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


def _error(status: int, reason: str) -> HTTPResponse:
    return response.json({"reason": reason}, status=status)
