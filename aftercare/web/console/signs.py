"""Signs of life of the customer's widget: it is being typed, this far was read.

Both are extra events of the dialect that third-party widgets never send.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine

from aftercare.services.console.composer import mark_customer_read
from aftercare.web.gateway import Gateway

# A sign says nothing new so soon after the last; more often is noise.
PAUSE_S = 0.5
Told = Callable[[str, str, Any], None]


class Signs:
    """Handlers of the customer's `typing` and `read` events."""

    def __init__(self, engine: Engine, gateway: Gateway, tell: Told) -> None:
        """Put the handlers on the gateway; `tell(talk, event, data)` passes on."""
        self._engine = engine
        self._sio = gateway.sio
        self._tell = tell
        self._sio.on("typing", self._typing)
        self._sio.on("read", self._read)

    async def _typing(self, sid: str, data: Any = None) -> None:
        talk = await self._talk(sid, "typed")
        on = bool(data.get("on")) if isinstance(data, dict) else False
        if talk is not None:
            body = {"conversation_id": talk, "who": "customer", "on": on}
            self._tell(talk, "typing", body)

    async def _read(self, sid: str, data: Any = None) -> None:
        seq = data.get("seq") if isinstance(data, dict) else None
        talk = await self._talk(sid, "seen")
        if talk is None or type(seq) is not int or not 0 <= seq < 2**31:
            return
        read = await asyncio.to_thread(mark_customer_read, self._engine, talk, seq)
        if read is not None:
            self._tell(talk, "read", {"conversation_id": talk, "seq": read})

    async def _talk(self, sid: str, sign: str) -> str | None:
        """Return the conversation of a socket; None too soon after the last sign."""
        session: dict[str, Any] = await self._sio.get_session(sid)
        now = time.monotonic()
        if now - session.get(sign, -PAUSE_S) < PAUSE_S:
            return None
        await self._sio.save_session(sid, session | {sign: now})
        talk: str | None = session["talk"]
        return talk
