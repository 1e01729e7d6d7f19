"""Only the console's own pages may change anything, signed in or not.

The session's CSRF token guards who is signed in. This guards the ways in as well:
a foreign page could else sign an agent in as somebody else (login CSRF).
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from aftercare.domain.errors import Reason
from aftercare.web.console.errors import said, spoken_by
from aftercare.web.console.guard import SAFE
from aftercare.web.origins import is_own

# What a browser says of a request by a page of ours, or by no page at all.
OWN_SITES = ("same-origin", "none")


class OwnPages:
    """Refuses what a browser sends for another page (OWASP, CSRF: Fetch Metadata)."""

    def __init__(self, app: ASGIApp) -> None:
        """Keep the application inside."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what only reads, and what no foreign page has sent."""
        app = self._app
        if scope["type"] == "http" and scope["method"] not in SAFE:
            headers = Headers(scope=scope)
            origin = headers.get("origin", "")
            foreign = origin and not is_own(origin, headers.get("host", ""))
            if foreign or headers.get("sec-fetch-site", "none") not in OWN_SITES:
                app = JSONResponse(said(Reason.CSRF, spoken_by(headers)), 403)
        await app(scope, receive, send)
