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
        # How far each socket has read, until that may be written down.
        self._latest: dict[str, tuple[str, int]] = {}
        self._sio.on("typing", self._typing)
        self._sio.on("read", self._read)

    async def _typing(self, sid: str, data: Any = None) -> None:
        session: dict[str, Any] = await self._sio.get_session(sid)
        if await self._wait_due(sid, session, "typed"):
            return
        on = bool(data.get("on")) if isinstance(data, dict) else False
        talk: str | None = session["talk"]
        if talk is not None:
            body = {"conversation_id": talk, "who": "customer", "on": on}
            self._tell(talk, "typing", body)

    async def _read(self, sid: str, data: Any = None) -> None:
        """Note how far was read; the widget says each number once, so none is lost."""
        seq = data.get("seq") if isinstance(data, dict) else None
        if type(seq) is not int or not 0 <= seq < 2**31:
            return
        session: dict[str, Any] = await self._sio.get_session(sid)
        talk: str | None = session["talk"]
        if talk is None:
            return
        waits = self._latest.get(sid)
        if waits is not None and waits[0] == talk:
            self._latest[sid] = (talk, max(seq, waits[1]))
            return
        self._latest[sid] = (talk, seq)
        await asyncio.sleep(await self._wait_due(sid, session, "seen"))
        talk, seq = self._latest.pop(sid, (talk, seq))
        read = await asyncio.to_thread(mark_customer_read, self._engine, talk, seq)
        if read is not None:
            self._tell(talk, "read", {"conversation_id": talk, "seq": read})

    async def _wait_due(self, sid: str, session: dict[str, Any], sign: str) -> float:
        """Return how long a sign comes too soon, 0 if it does not; note its time."""
        now = time.monotonic()
        early = PAUSE_S - (now - float(session.get(sign, -PAUSE_S)))
        if early > 0 and sign == "typed":
            return early
        await self._sio.save_session(sid, session | {sign: now + max(0.0, early)})
        return max(0.0, early)
