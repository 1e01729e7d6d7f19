"""A customer's socket ends with the token that opened it.

A token is looked at when a socket opens. A socket that nobody closes would else speak
for the customer for weeks after, on a computer that somebody else sits at by now.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import socketio


class TokenEnds:
    """Closes each socket at its token's end, and says why just before."""

    def __init__(self, sio: socketio.AsyncServer) -> None:
        """Start with nobody here."""
        self._sio = sio
        self._waiting: dict[str, asyncio.Task[None]] = {}

    def watch(self, sid: str, until: datetime) -> None:
        """Have a socket closed at a moment."""
        self._waiting[sid] = asyncio.create_task(self._close(sid, until))

    def forget(self, sid: str) -> None:
        """Leave alone a socket that went away by itself."""
        task = self._waiting.pop(sid, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    async def _close(self, sid: str, until: datetime) -> None:
        await asyncio.sleep((until - datetime.now(UTC)).total_seconds())
        await self._sio.emit("signed_out", {"reason": "unauthorised"}, to=sid)
        await self._sio.disconnect(sid)
