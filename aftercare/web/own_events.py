"""A Socket.IO server whose own events cannot be sent by clients.

The library calls the handlers of "connect" and "disconnect" through the same table as
those of messages, and does not look whether a client has sent that name itself. With
`42["connect", {"asgi.scope": {"client": ["192.0.2.1", 1]}}]` a client gave itself
another address, and with it fresh limits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import socketio

from aftercare.web.origins import address_of

RESERVED = frozenset({"connect", "connect_error", "disconnect", "*"})


class OwnEvents(socketio.AsyncServer):  # type: ignore[misc]
    """Drops events that are no list with a name, or bear a name of the library's.

    `may_knock` is asked of each new transport's address, before anything is sent on
    it: the library keeps one that never says who it is, with a timer, for 45 seconds.
    """

    def __init__(self, may_knock: Callable[[str], bool], **options: Any) -> None:
        """Make the server with the library's own options."""
        super().__init__(**options)
        self._may_knock = may_knock

    async def _handle_eio_connect(
        self, eio_sid: str, environ: dict[str, Any]
    ) -> bool | None:
        if not self._may_knock(address_of(environ)):
            return False
        await super()._handle_eio_connect(eio_sid, environ)
        return None

    async def _handle_event(
        self, eio_sid: str, namespace: str, id: Any, data: Any
    ) -> None:
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            return
        if data[0] not in RESERVED:
            # Every event of ours has one argument.
            await super()._handle_event(eio_sid, namespace, id, data[:2])
