"""Each request of the console begins a trace, and says which."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aftercare.domain import trace

HEADER = "x-trace-id"


class Traced:
    """Puts a trace into the context of a request and into its answer."""

    def __init__(self, app: ASGIApp) -> None:
        """Keep the application inside."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request through under a trace of its own."""
        found = trace.begin()

        async def with_trace(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = found
            await send(message)

        await self._app(scope, receive, with_trace)
