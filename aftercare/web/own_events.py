"""A Socket.IO server whose own events cannot be sent by clients.

The library calls the handlers of "connect" and "disconnect" through the same table as
those of messages, and does not look whether a client has sent that name itself. With
`42["connect", {"asgi.scope": {"client": ["192.0.2.1", 1]}}]` a client gave itself
another address, and with it fresh limits.
"""

from __future__ import annotations

from typing import Any

import socketio

RESERVED = frozenset({"connect", "connect_error", "disconnect", "*"})


class OwnEvents(socketio.AsyncServer):  # type: ignore[misc]
    """Drops events that are no list with a name, or bear a name of the library's."""

    async def _handle_event(
        self, eio_sid: str, namespace: str, id: Any, data: Any
    ) -> None:
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            return
        if data[0] not in RESERVED:
            # Every event of ours has one argument.
            await super()._handle_event(eio_sid, namespace, id, data[:2])
