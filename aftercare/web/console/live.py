"""Live events of the console: the namespace /console of the gateway's socket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any

import socketio
from fastapi.encoders import jsonable_encoder
from sqlalchemy import Engine

from aftercare.domain.errors import AftercareError
from aftercare.services.console import sessions
from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import Right
from aftercare.web.console.guard import cookie_name, may
from aftercare.web.origins import address_of, is_own

log = logging.getLogger("aftercare.console")
NAMESPACE = "/console"
# Everybody who may see the inbox.
DESK = "desk"


class Live:
    """Tells the browsers of the console what has changed; callable from threads."""

    def __init__(
        self,
        engine: Engine,
        sio: socketio.AsyncServer,
        env: str,
        may_connect: Callable[[str], bool],
    ) -> None:
        """Put the handlers on the gateway's server; addresses ask `may_connect`."""
        self._may_connect = may_connect
        self._engine = engine
        self._sio = sio
        self._cookie = cookie_name(env)
        self._loop: asyncio.AbstractEventLoop | None = None
        # By which session each socket of this process was opened.
        self._tokens: dict[str, str] = {}
        for event, handler in (
            ("connect", self._connect),
            ("disconnect", self._disconnect),
            ("watch", self._watch),
            ("unwatch", self._unwatch),
        ):
            sio.on(event, handler, namespace=NAMESPACE)

    def start(self) -> None:
        """Remember the loop, so that a thread can send through it."""
        self._loop = asyncio.get_running_loop()

    async def stop(self) -> None:
        """Send nothing any more."""
        self._loop = None

    def has_audience(self) -> bool:
        """Return whether a browser of the console is connected to this process.

        Where several web processes share their events, each hears of each change and
        tells its own browsers: those of the others are no reason to work it out here.
        """
        return bool(self._sio.manager.rooms.get(NAMESPACE))

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run a coroutine on the server's loop, from any thread."""
        if self._loop is None or self._loop.is_closed():
            work.close()
            return
        asyncio.run_coroutine_threadsafe(work, self._loop).add_done_callback(_logged)

    def send(self, event: str, data: Any, room: str = DESK) -> None:
        """Send an event to a room, from any thread."""
        body = jsonable_encoder(data)
        self.run(self._sio.emit(event, body, room=room, namespace=NAMESPACE))

    def to_account(self, account_id: int, event: str, data: Any) -> None:
        """Send an event to one person's browsers."""
        self.send(event, data, account_room(account_id))

    def to_watchers(self, conversation_id: str, event: str, data: Any) -> None:
        """Send an event to whoever has a conversation open."""
        self.send(event, data, talk_room(conversation_id))

    def signed_out(self, account_id: int) -> None:
        """Close a person's sockets: their sessions have ended."""
        self.run(self._close(account_id))

    async def _close(self, account_id: int) -> None:
        room = account_room(account_id)
        body = {"reason": "unauthorised"}
        await self._sio.emit("signed_out", body, room=room, namespace=NAMESPACE)
        members = list(self._sio.manager.get_participants(NAMESPACE, room))
        for sid, _ in members:
            await self._sio.disconnect(sid, namespace=NAMESPACE)

    def session_ended(self) -> None:
        """Close at once the sockets whose session somebody has just ended."""
        self.run(self.close_ended())

    async def close_ended(self) -> None:
        """Close the sockets of sessions that ended: here, elsewhere, or by their age.

        A thief's socket would else outlive the sign-out, and the new password.
        """
        known = dict(self._tokens)
        if not known:
            return
        open_still = await asyncio.to_thread(
            sessions.still_open, self._engine, set(known.values()), datetime.now(UTC)
        )
        for sid, token in known.items():
            if token not in open_still:
                body = {"reason": "unauthorised"}
                await self._sio.emit("signed_out", body, to=sid, namespace=NAMESPACE)
                await self._sio.disconnect(sid, namespace=NAMESPACE)

    async def _disconnect(self, sid: str, _reason: Any = None) -> None:
        self._tokens.pop(sid, None)

    async def _connect(self, sid: str, environ: Any, _auth: Any = None) -> None:
        origin = str(environ.get("HTTP_ORIGIN", ""))
        # The shop's own pages may open the socket, but not this namespace: they are
        # of the same site, so the browser would send an agent's cookie with them.
        if origin and not is_own(origin, str(environ.get("HTTP_HOST", ""))):
            raise socketio.exceptions.ConnectionRefusedError("unauthorised")
        if not self._may_connect(address_of(environ)):
            raise socketio.exceptions.ConnectionRefusedError("too_many_messages")
        token = _cookie(str(environ.get("HTTP_COOKIE", "")), self._cookie)
        actor = await asyncio.to_thread(self._actor, token) if token else None
        if actor is None:
            raise socketio.exceptions.ConnectionRefusedError("unauthorised")
        data = {"token": token, "actor": actor, "watching": None}
        await self._sio.save_session(sid, data, namespace=NAMESPACE)
        self._tokens[sid] = token
        room = account_room(actor.account_id or 0)
        await self._sio.enter_room(sid, room, namespace=NAMESPACE)
        if may(actor, Right.INBOX_VIEW):
            await self._sio.enter_room(sid, DESK, namespace=NAMESPACE)

    def _actor(self, token: str) -> Actor | None:
        found = sessions.find_session(self._engine, token, "", datetime.now(UTC))
        return None if found is None else found.actor

    async def _watch(self, sid: str, data: Any = None) -> dict[str, Any]:
        await self._unwatch(sid)
        kept = await self._sio.get_session(sid, namespace=NAMESPACE)
        wanted = data.get("conversation_id") if isinstance(data, dict) else None
        if not isinstance(wanted, str) or not may(kept["actor"], Right.REVIEW_VIEW):
            return {"ok": False}
        await self._sio.enter_room(sid, talk_room(wanted), namespace=NAMESPACE)
        kept = kept | {"watching": wanted}
        await self._sio.save_session(sid, kept, namespace=NAMESPACE)
        return {"ok": True}

    async def _unwatch(self, sid: str, _data: Any = None) -> dict[str, Any]:
        kept = await self._sio.get_session(sid, namespace=NAMESPACE)
        if kept["watching"]:
            room = talk_room(kept["watching"])
            await self._sio.leave_room(sid, room, namespace=NAMESPACE)
            kept = kept | {"watching": None}
            await self._sio.save_session(sid, kept, namespace=NAMESPACE)
        return {"ok": True}


def account_room(account_id: int) -> str:
    """Return the room of one person's browsers."""
    return f"account:{account_id}"


def talk_room(conversation_id: str) -> str:
    """Return the room of those who have a conversation open."""
    return f"talk:{conversation_id}"


def _cookie(header: str, name: str) -> str:
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def _logged(done: Future[Any]) -> None:
    error = None if done.cancelled() else done.exception()
    if error is not None and not isinstance(error, AftercareError):
        log.error("event not sent: %s", type(error).__name__)
