"""Headers that tell a browser what our own pages may do."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The widget's styles live in a style element of its shadow root.
POLICY = (
    "default-src 'self'; img-src 'self' data: https:; connect-src 'self' ws: wss:; "
    "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}
# A year, as browsers' lists ask; only where the installation is behind HTTPS.
SECURE_ONLY = {"strict-transport-security": "max-age=31536000; includeSubDomains"}
# Answers with somebody's data stay in no cache.
PRIVATE = ("/api/", "/demo/")


class SafeHeaders:
    """Adds the headers to every answer."""

    def __init__(self, app: ASGIApp, secure: bool = False) -> None:
        """Keep the application inside; `secure` where browsers come by HTTPS."""
        self._app = app
        self._headers = HEADERS | (SECURE_ONLY if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through, with the headers on the way out."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                if str(scope.get("path", "")).startswith(PRIVATE):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)
