"""Headers that tell a browser what our own pages may do."""

from __future__ import annotations

import secrets

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# No inline script and no inline style: pages that make style elements themselves
# give them the nonce of their own answer (`with_nonce`).
POLICY = (
    "default-src 'self'; img-src 'self' data: https:; connect-src 'self' ws: wss:; "
    "style-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "same-origin",
}
# A year, as browsers' lists ask; only where the installation is behind HTTPS.
SECURE_ONLY = {"strict-transport-security": "max-age=31536000; includeSubDomains"}
# Answers with somebody's data stay in no cache.
PRIVATE = ("/api/", "/demo/")
# Where a page's file wants the nonce of this one answer.
PLACE = "%NONCE%"


class SafeHeaders:
    """Adds the headers to every answer; what an answer says itself stays."""

    def __init__(self, app: ASGIApp, secure: bool = False) -> None:
        """Keep the application inside; `secure` where browsers come by HTTPS."""
        self._app = app
        self._headers = HEADERS | (SECURE_ONLY if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through, with the headers on the way out."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if str(scope.get("path", "")).startswith(PRIVATE):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


def with_nonce(page: str) -> tuple[str, dict[str, str]]:
    """Return a page whose own style elements may stand, and the headers for it.

    The nonce is new for every answer, so no cache may keep it (CSP level 3, 7.1).
    """
    nonce = secrets.token_urlsafe(16)
    policy = POLICY.replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
    headers = {"content-security-policy": policy, "cache-control": "no-store"}
    return page.replace(PLACE, nonce), headers
