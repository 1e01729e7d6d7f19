"""Which messages this process has sent to the customers whose sockets it holds.

Several web processes share a conversation: an agent's words are written by one and
must reach the customer's socket at another. The database numbers the messages of a
conversation without gaps, so each process sends what follows the last number it
sent, whoever wrote it: nothing is left out, nothing comes twice, order is kept,
however late or often it is told that something has changed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import socketio
from sqlalchemy import Engine

from aftercare.services import history
from aftercare.web.dialect import as_bot_uttered


@dataclass
class _Here:
    """A conversation with sockets in this process."""

    sent: int
    sids: set[str] = field(default_factory=set)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Delivery:
    """Sends stored messages to this process's own sockets, in order, once."""

    def __init__(self, engine: Engine, sio: socketio.AsyncServer) -> None:
        """Start with nobody here."""
        self._engine = engine
        self._sio = sio
        self._here: dict[str, _Here] = {}

    async def join(self, sid: str, talk_id: str) -> None:
        """Count a socket in, before it enters its room.

        What was said before is the client's to ask for (`history_request`).
        """
        if talk_id not in self._here:
            last = await asyncio.to_thread(history.last_seq, self._engine, talk_id)
            self._here.setdefault(talk_id, _Here(last))
        self._here[talk_id].sids.add(sid)

    def leave(self, sid: str, talk_id: str | None) -> None:
        """Count a socket out."""
        found = self._here.get(talk_id or "")
        if found is not None and talk_id is not None:
            found.sids.discard(sid)
            if not found.sids:
                del self._here[talk_id]

    async def deliver(self, talk_id: str) -> None:
        """Send what this process has not sent yet of a conversation."""
        found = self._here.get(talk_id)
        if found is None:
            return
        async with found.lock:
            fresh = await asyncio.to_thread(
                history.after, self._engine, talk_id, found.sent
            )
            for message in fresh:
                if message.sender != "customer":
                    for payload in as_bot_uttered(message):
                        await self._sio.emit(
                            "bot_uttered", payload, room=talk_id, ignore_queue=True
                        )
                found.sent = message.seq
