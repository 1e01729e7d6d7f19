"""How much one request may carry, whoever sends it and wherever to.

The frameworks read a whole body before anything looks at who has sent it: a stranger's
gigabyte would be held in memory, or on the disk, for a route they may not even use.
A reverse proxy has a limit of its own; not every installation has one in front.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A file of eight megabytes, and the form around it.
MOST = 9 * 1024 * 1024
SOCKET = "/socket.io"
TOO_LARGE = 413


class SmallBodies:
    """Refuses what says it is too large, and cuts off what turns out to be."""

    def __init__(self, app: ASGIApp, most_of_socket: int) -> None:
        """Keep the application inside, and what a socket's long polling may send."""
        self._app = app
        self._most_of_socket = most_of_socket

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request through as long as its body is small enough."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        of_socket = str(scope.get("path", "")).startswith(SOCKET)
        most = self._most_of_socket if of_socket else MOST
        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdecimal() or len(said) > 15 or int(said) > most:
            await _refuse(scope, receive, send)
            return
        got, begun = 0, False

        async def counted() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > most:
                # What every framework inside answers, or lets through to us.
                raise HTTPException(TOO_LARGE)
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except HTTPException as error:
            if begun or error.status_code != TOO_LARGE:
                raise
            await _refuse(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    # The rest of the body is not waited for.
    answer = JSONResponse(
        {"reason": "too_large"}, TOO_LARGE, headers={"connection": "close"}
    )
    await answer(scope, receive, send)
