"""The customer's socket: Rasa's Socket.IO dialect, with history and typing."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import jwt
import socketio
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from aftercare.domain import trace
from aftercare.domain.conversation import MAX_MESSAGE_CHARS, check_text
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services import history
from aftercare.services.assistant import trials
from aftercare.services.conversations import Message, open_conversation, receive
from aftercare.services.history import Talk
from aftercare.services.surveys import ask_on_visit
from aftercare.settings import Settings
from aftercare.web.bus import Bus
from aftercare.web.delivery import Delivery
from aftercare.web.dialect import as_bot_uttered, as_history
from aftercare.web.identity import customer_until
from aftercare.web.limits import Limits
from aftercare.web.metrics import Metrics
from aftercare.web.origins import address_of, origin_check
from aftercare.web.own_events import OwnEvents
from aftercare.web.rasa_client import RasaClient
from aftercare.web.shared import manager_of
from aftercare.web.token_end import TokenEnds
from aftercare.web.turn_lease import TurnLease
from aftercare.web.turns import TurnRunner

log = logging.getLogger("aftercare.gateway")
# Big enough to be read and refused with a reason; what is bigger is cut off.
MAX_FRAME = 1_000_000
MAX_CLIENT_ID = 64
# A host page may open with these without having been offered them.
OPENING = {"/greet": "/greet", "/get_started": "/greet"}
ALWAYS = {"/request_human": "", "/greet": ""}


class Gateway:
    """Handlers of the default namespace."""

    def __init__(
        self, settings: Settings, engine: Engine, texts: dict[str, str]
    ) -> None:
        """Make the socket server and the runner behind it."""
        self.settings = settings
        self._engine = engine
        self.texts = texts
        self.limits = Limits(settings)
        self.metrics = Metrics()
        self.sio = OwnEvents(
            self.limits.may_knock,
            async_mode="asgi",
            client_manager=manager_of(settings),
            cors_allowed_origins=origin_check(settings.allowed_origins),
            max_http_buffer_size=MAX_FRAME,
            # One event of a client at a time: its messages keep their order.
            async_handlers=False,
        )
        # Told of every conversation in which something has changed.
        self.listener: Callable[[str], None] = lambda _: None
        # Told of those in which another process has changed something.
        self.others: Callable[[str], None] = lambda _: None
        self.rasa = RasaClient(settings, partial(trials.file_of, engine, settings))
        self.turns = TurnRunner(
            engine,
            self.rasa,
            self,
            texts,
            self.metrics,
            settings.turn_deadline_s,
            TurnLease(engine, settings),
        )
        self._delivery = Delivery(engine, self.sio)
        self._ends = TokenEnds(self.sio)
        self.bus = Bus(settings, engine, self._heard)
        for event, handler in (
            ("connect", self.on_connect),
            ("disconnect", self.on_disconnect),
            ("session_request", self.on_session_request),
            ("user_uttered", self.on_user_uttered),
            ("history_request", self.on_history_request),
        ):
            self.sio.on(event, handler)

    async def on_connect(self, sid: str, environ: Any, auth: Any = None) -> None:
        """Let in a guest or a customer whose token the shop has signed."""
        address = address_of(environ)
        token = auth.get("token") if isinstance(auth, dict) else None
        customer: str | None = None
        until: datetime | None = None
        try:
            if not self.limits.may_connect(address):
                raise socketio.exceptions.ConnectionRefusedError("too_many_messages")
            if token:
                secret = self.settings.shop_jwt_secret
                customer, until = customer_until(str(token), secret)
        except jwt.InvalidTokenError as error:
            self.metrics.count("refused", "unauthorised")
            raise socketio.exceptions.ConnectionRefusedError("unauthorised") from error
        shows_notice = isinstance(auth, dict) and auth.get("notice") is True
        await self.sio.save_session(
            sid,
            {
                "customer": customer,
                "talk": None,
                "address": address,
                "noticed": shows_notice,
            },
        )
        if until is not None:
            self._ends.watch(sid, until)
        self.metrics.sockets += 1

    async def on_disconnect(self, sid: str, _reason: Any = None) -> None:
        """Count a socket that went away."""
        self._ends.forget(sid)
        session = await self.sio.get_session(sid)
        self._delivery.leave(sid, session.get("talk"))
        self.metrics.sockets -= 1

    async def on_session_request(self, sid: str, data: Any = None) -> None:
        """Confirm the visitor's own session, or issue a new one."""
        session = await self.sio.get_session(sid)
        asked = data.get("session_id") if isinstance(data, dict) else None
        try:
            if not self.limits.may_ask(session["address"]):
                raise AftercareError(Reason.TOO_MANY_MESSAGES)
            talk_id = await self._talk_for(session, asked)
            last = await asyncio.to_thread(history.last_seq, self._engine, talk_id)
        except AftercareError as error:
            await self._refuse(sid, error.reason, in_chat=True)
            return
        except SQLAlchemyError as error:
            log.error("no session: %s", type(error).__name__)
            await self._refuse(sid, "busy", in_chat=True)
            return
        if session["talk"] and session["talk"] != talk_id:
            await self.sio.leave_room(sid, session["talk"])
            self._delivery.leave(sid, session["talk"])
        await self.sio.save_session(sid, session | {"talk": talk_id})
        await self._delivery.join(sid, talk_id)
        await self.sio.enter_room(sid, talk_id)
        await self.sio.emit("session_confirm", talk_id, to=sid)
        if last == 0 and not session["noticed"]:
            await self._tell_notice(sid)
        talk = await asyncio.to_thread(history.find_talk, self._engine, talk_id)
        if talk is not None:
            await self.state(sid, talk, self.turns.is_away(talk_id))
        await self._ask_how_it_was(talk_id)

    async def _tell_notice(self, sid: str) -> None:
        """Say what is stored and why, before anything is (PIPL art. 14, 17).

        A message is taken only after this handler: a client has one event at a time.
        Our own widget shows the notice itself and says so when it connects.
        """
        metadata = {"sender": "system", "notice": True}
        line = {"text": self.texts["privacy"], "metadata": metadata}
        await self.sio.emit("bot_uttered", line, to=sid)

    async def _ask_how_it_was(self, talk_id: str) -> None:
        """Ask a customer who is back about a service that has ended since."""
        try:
            now = datetime.now(UTC)
            step = await asyncio.to_thread(ask_on_visit, self._engine, talk_id, now)
        except SQLAlchemyError as error:
            log.error("no survey: %s", type(error).__name__)
            return
        if step is not None:
            await self.publish(talk_id, step.said)

    async def on_user_uttered(self, sid: str, data: Any = None) -> dict[str, Any]:
        """Store a message, then acknowledge it, then have it answered."""
        trace.begin()
        in_chat = not (isinstance(data, dict) and data.get("client_id"))
        session = await self.sio.get_session(sid)
        try:
            message = await self._accept(session, data)
        except AftercareError as error:
            return await self._refuse(sid, error.reason, in_chat)
        except SQLAlchemyError as error:
            log.error("message not stored: %s", type(error).__name__)
            return await self._refuse(sid, "busy", in_chat)
        self.taken(session["talk"])
        # A repeat is the message that was stored the first time, and its trace.
        return {"ok": True, "seq": message.seq, "trace": message.trace}

    def taken(self, conversation_id: str) -> None:
        """Have a stored message of a customer's answered, and show it at the desk."""
        self.metrics.count("received")
        self.turns.wake(conversation_id)
        # A person who answers sees it at once: nothing else would tell of it.
        self._changed(conversation_id)

    async def on_history_request(self, sid: str, data: Any = None) -> dict[str, Any]:
        """Return what was said after a sequence number."""
        session = await self.sio.get_session(sid)
        after = data.get("after_seq") if isinstance(data, dict) else 0
        after = after if type(after) is int and 0 <= after < 2**31 else 0
        if session["talk"] is None:
            return {"messages": []}
        if not self.limits.may_speak(session["talk"] + " history", session["address"]):
            return await self._refuse(sid, Reason.TOO_MANY_MESSAGES, False)
        found = await asyncio.to_thread(
            history.history, self._engine, session["talk"], after
        )
        return {"messages": [as_history(item) for item in found]}

    async def publish(self, conversation_id: str, messages: list[Message]) -> None:
        """Send committed messages to every socket of a conversation."""
        if self.settings.shared:
            await self._delivery.deliver(conversation_id)
        else:
            for message in messages:
                for payload in as_bot_uttered(message):
                    await self.sio.emit("bot_uttered", payload, room=conversation_id)
        self._changed(conversation_id)

    async def _heard(self, conversation_id: str) -> None:
        """Show here what another process has changed."""
        await self._delivery.deliver(conversation_id)
        self.others(conversation_id)

    def _changed(self, conversation_id: str) -> None:
        self.listener(conversation_id)
        self.bus.tell(conversation_id)

    async def typing(self, conversation_id: str, on: bool) -> None:
        """Tell the customer that an answer is being made."""
        await self.sio.emit("typing", {"on": on}, room=conversation_id)

    async def read(self, conversation_id: str, seq: int) -> None:
        """Tell the customer how far the person who answers has read."""
        await self.sio.emit("read", {"seq": seq}, room=conversation_id)

    async def state(self, conversation_id: str, talk: Talk, rasa: str) -> None:
        """Tell who answers and whether Rasa is there."""
        # A conversation nobody has spoken in yet is the bot's to answer.
        owner = "bot" if talk.owner == "new" else talk.owner
        state = {"owner": owner, "rasa": rasa}
        await self.sio.emit("state", state, room=conversation_id)
        self._changed(conversation_id)

    async def _talk_for(self, session: dict[str, Any], asked: Any) -> str:
        customer = session["customer"]
        if isinstance(asked, str) and 0 < len(asked) <= 64:
            if await asyncio.to_thread(history.owns, self._engine, asked, customer):
                return asked
        if not self.limits.may_open(session["address"]):
            raise AftercareError(Reason.TOO_MANY_MESSAGES)
        return await asyncio.to_thread(open_conversation, self._engine, customer)

    async def _accept(self, session: dict[str, Any], data: Any) -> Message:
        talk = session["talk"]
        if talk is None or not isinstance(data, dict):
            raise AftercareError(Reason.NOT_FOUND if talk is None else Reason.MALFORMED)
        if not self.limits.may_speak(talk, session["address"]):
            raise AftercareError(Reason.TOO_MANY_MESSAGES)
        if data.get("session_id") not in (talk, None):
            raise AftercareError(Reason.NOT_FOUND)
        text = data.get("message")
        if not isinstance(text, str) or not _is_unicode(text):
            raise AftercareError(Reason.MALFORMED)
        if len(text) > MAX_MESSAGE_CHARS:
            raise AftercareError(Reason.MESSAGE_TOO_LONG)
        text = OPENING.get(text, text)
        issued = dict(ALWAYS)
        if text.startswith("/"):
            issued |= await asyncio.to_thread(
                history.issued_payloads, self._engine, talk
            )
        client_id = data.get("client_id")
        if not isinstance(client_id, str) or not 0 < len(client_id) <= MAX_CLIENT_ID:
            client_id = secrets.token_hex(16)
        self.rasa.whence.note(talk, session["address"])
        return await asyncio.to_thread(
            receive,
            self._engine,
            conversation_id=talk,
            customer_id=session["customer"],
            client_id=client_id,
            text=check_text(text, frozenset(issued)),
            now=datetime.now(UTC),
            title=issued.get(text),
        )

    async def _refuse(self, sid: str, reason: str, in_chat: bool) -> dict[str, Any]:
        """Say why not: as the acknowledgement, and where none is read, in the chat.

        Third-party widgets send no client id and read no acknowledgement.
        """
        said = self.texts.get(reason, self.texts["malformed"])
        self.metrics.count("refused", reason)
        if not self.limits.bears(sid):
            await self.sio.disconnect(sid)
        elif in_chat:
            await self.sio.emit("refused", {"reason": reason, "message": said}, to=sid)
            metadata = {"sender": "system", "refused": reason}
            line = {"text": said, "metadata": metadata}
            await self.sio.emit("bot_uttered", line, to=sid)
        return {"ok": False, "reason": reason, "message": said}


def _is_unicode(text: str) -> bool:
    """Return whether a text can be stored: half a surrogate pair or NUL cannot."""
    try:
        return "\0" not in text and bool(text.encode() or True)
    except UnicodeEncodeError:
        return False
