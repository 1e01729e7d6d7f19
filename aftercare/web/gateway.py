"""The customer's socket: Rasa's Socket.IO dialect, with history and typing."""

from __future__ import annotations

import asyncio
import logging
import secrets
from datetime import UTC, datetime
from typing import Any

import jwt
import socketio
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from aftercare.domain.conversation import check_text
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services import history
from aftercare.services.conversations import Message, open_conversation, receive
from aftercare.settings import Settings
from aftercare.web.identity import customer_of
from aftercare.web.rasa_client import RasaClient
from aftercare.web.turns import TurnRunner

log = logging.getLogger("aftercare.gateway")
MAX_FRAME = 16 * 1024
PER_SOCKET = RateLimitItemPerSecond(10, 10)
# A host page may open with these without having been offered them.
OPENING = {"/greet": "/greet", "/get_started": "/greet"}
ALWAYS = frozenset({"/request_human", "/greet"})


class Gateway:
    """Handlers of the default namespace."""

    def __init__(
        self, settings: Settings, engine: Engine, texts: dict[str, str]
    ) -> None:
        """Make the socket server and the runner behind it."""
        self._settings = settings
        self._engine = engine
        self._texts = texts
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self.sio = socketio.AsyncServer(
            async_mode="asgi",
            cors_allowed_origins=settings.allowed_origins or None,
            max_http_buffer_size=MAX_FRAME,
        )
        self.rasa = RasaClient(settings)
        self.turns = TurnRunner(engine, self.rasa, self.publish, self.typing, texts)
        for event, handler in (
            ("connect", self.on_connect),
            ("session_request", self.on_session_request),
            ("user_uttered", self.on_user_uttered),
            ("history_request", self.on_history_request),
        ):
            self.sio.on(event, handler)

    async def on_connect(self, sid: str, _environ: Any, auth: Any) -> None:
        """Let in a guest or a customer whose token the shop has signed."""
        token = auth.get("token") if isinstance(auth, dict) else None
        customer: str | None = None
        if token:
            try:
                customer = customer_of(str(token), self._settings.shop_jwt_secret)
            except jwt.InvalidTokenError as error:
                raise socketio.exceptions.ConnectionRefusedError(
                    "unauthorised"
                ) from error
        await self.sio.save_session(sid, {"customer": customer, "talk": None})

    async def on_session_request(self, sid: str, data: Any = None) -> None:
        """Confirm the visitor's own session, or issue a new one."""
        session = await self.sio.get_session(sid)
        asked = data.get("session_id") if isinstance(data, dict) else None
        customer = session["customer"]
        talk = asked if isinstance(asked, str) else ""
        if not talk or not await asyncio.to_thread(
            history.owns, self._engine, talk, customer
        ):
            talk = await asyncio.to_thread(open_conversation, self._engine, customer)
        if session["talk"] and session["talk"] != talk:
            await self.sio.leave_room(sid, session["talk"])
        await self.sio.save_session(sid, {"customer": customer, "talk": talk})
        await self.sio.enter_room(sid, talk)
        await self.sio.emit("session_confirm", talk, to=sid)
        owner = await asyncio.to_thread(history.owner_of, self._engine, talk)
        await self.sio.emit("state", {"owner": owner}, to=sid)

    async def on_user_uttered(self, sid: str, data: Any = None) -> dict[str, Any]:
        """Store a message, then acknowledge it, then have it answered."""
        try:
            message = await self._accept(sid, data)
        except AftercareError as error:
            return await self._refuse(sid, error.reason)
        except SQLAlchemyError as error:
            log.error("message not stored: %s", type(error).__name__)
            return await self._refuse(sid, "failed")
        session = await self.sio.get_session(sid)
        self.turns.wake(session["talk"])
        return {"ok": True, "seq": message.seq}

    async def on_history_request(self, sid: str, data: Any = None) -> dict[str, Any]:
        """Return what was said after a sequence number."""
        session = await self.sio.get_session(sid)
        after = data.get("after_seq", 0) if isinstance(data, dict) else 0
        if session["talk"] is None or not isinstance(after, int):
            return {"messages": []}
        found = await asyncio.to_thread(
            history.history, self._engine, session["talk"], after
        )
        return {"messages": [as_history(item) for item in found]}

    async def publish(self, conversation_id: str, messages: list[Message]) -> None:
        """Send committed messages to every socket of a conversation."""
        for message in messages:
            for payload in as_bot_uttered(message):
                await self.sio.emit("bot_uttered", payload, room=conversation_id)
        owner = await asyncio.to_thread(history.owner_of, self._engine, conversation_id)
        await self.sio.emit("state", {"owner": owner}, room=conversation_id)

    async def typing(self, conversation_id: str, on: bool) -> None:
        """Tell the customer that an answer is being made."""
        await self.sio.emit("typing", {"on": on}, room=conversation_id)

    async def _accept(self, sid: str, data: Any) -> Message:
        session = await self.sio.get_session(sid)
        if not self._limiter.hit(PER_SOCKET, sid):
            raise AftercareError(Reason.TOO_MANY_MESSAGES)
        talk = session["talk"]
        text = data.get("message") if isinstance(data, dict) else None
        if talk is None or data.get("session_id", talk) not in (talk, None):
            raise AftercareError(Reason.NOT_FOUND)
        if not isinstance(text, str):
            raise AftercareError(Reason.MESSAGE_EMPTY)
        text = OPENING.get(text, text)
        issued = ALWAYS
        if text.startswith("/"):
            issued |= await asyncio.to_thread(
                history.issued_payloads, self._engine, talk
            )
        client_id = data.get("client_id")
        if not isinstance(client_id, str) or not 0 < len(client_id) <= 64:
            client_id = secrets.token_hex(16)
        return await asyncio.to_thread(
            receive,
            self._engine,
            conversation_id=talk,
            customer_id=session["customer"],
            client_id=client_id,
            text=check_text(text, issued),
            now=datetime.now(UTC),
        )

    async def _refuse(self, sid: str, reason: str) -> dict[str, Any]:
        said = self._texts.get(reason, self._texts["bad_message"])
        # Third-party widgets know no acknowledgement: they are told in the chat.
        await self.sio.emit("refused", {"reason": reason, "message": said}, to=sid)
        return {"ok": False, "reason": reason, "message": said}


def as_bot_uttered(message: Message) -> list[dict[str, Any]]:
    """Return a message in Rasa's dialect; what is ours goes under `metadata`."""
    extra = message.payload or {}
    metadata: dict[str, Any] = {"seq": message.seq, "sender": message.sender}
    if "card" in extra:
        metadata["card"] = extra["card"]
    sent: list[dict[str, Any]] = []
    if message.text or "quick_replies" in extra:
        item: dict[str, Any] = {"text": message.text, "metadata": metadata}
        if extra.get("quick_replies"):
            item["quick_replies"] = extra["quick_replies"]
        sent.append(item)
    if "image" in extra:
        source = {"type": "image", "payload": {"src": extra["image"]}}
        sent.append({"attachment": source, "metadata": metadata})
    return sent


def as_history(message: Message) -> dict[str, Any]:
    """Return a message as our own widget reads it after a reconnect."""
    return {
        "seq": message.seq,
        "sender": message.sender,
        "text": message.text,
        "at": message.at.isoformat(),
        **(message.payload or {}),
    }
