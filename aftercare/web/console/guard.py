"""The one door of every route: the session, the right it needs, the CSRF token."""

import hmac
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import Engine

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console import sessions
from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import RIGHTS, Right, Role

COOKIE = "aftercare_console"
# A browser takes this name only over HTTPS, from this very host, for all paths.
SECURE_COOKIE = "__Host-aftercare_console"
CSRF_HEADER = "x-csrf-token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """A dependency that lets in who has a right; without one, who is signed in."""

    def __init__(self, right: Right | None, enrolling: bool = False) -> None:
        """Keep the right; `enrolling` routes are open before TOTP is set up."""
        self.right = right
        self._enrolling = enrolling

    def __call__(self, request: Request) -> Actor:
        """Return who is signed in.

        Raises:
            AftercareError: UNAUTHORISED, CSRF, TOTP_REQUIRED or FORBIDDEN.
        """
        engine: Engine = request.app.state.engine
        token = cookie_of(request)
        address = address_of(request)
        signed = (
            sessions.find_session(engine, token, address, datetime.now(UTC))
            if token
            else None
        )
        if signed is None:
            raise AftercareError(Reason.UNAUTHORISED)
        if request.method not in SAFE:
            given = request.headers.get(CSRF_HEADER, "")
            if not hmac.compare_digest(given.encode(), signed.csrf.encode()):
                raise AftercareError(Reason.CSRF)
        if self.right is not None and not may(signed.actor, self.right):
            raise AftercareError(Reason.FORBIDDEN)
        if not self._enrolling and sessions.must_enrol(engine, signed.actor):
            raise AftercareError(Reason.TOTP_REQUIRED)
        return signed.actor


def cookie_name(env: str) -> str:
    """Return the cookie's name in an installation of this kind."""
    return SECURE_COOKIE if env == "production" else COOKIE


def cookie_of(request: Request) -> str:
    """Return the session's token, empty where there is none."""
    name = cookie_name(request.app.state.settings.env)
    return request.cookies.get(name, "")


def may(actor: Actor, right: Right) -> bool:
    """Return whether a person's role has a right."""
    return right in RIGHTS[Role(actor.role)]


def allow(right: Right | None = None, *, enrolling: bool = False) -> Any:
    """Return the dependency for a route's `who` parameter."""
    return Depends(Guard(right, enrolling))


def address_of(request: Request) -> str:
    """Return the address of the peer; headers a client may write are not read."""
    return request.client.host if request.client else "unknown"


def engine_of(request: Request) -> Engine:
    """Return the database."""
    engine: Engine = request.app.state.engine
    return engine


def now_of() -> datetime:
    """Return the moment of the request."""
    return datetime.now(UTC)


Db = Annotated[Engine, Depends(engine_of)]
Now = Annotated[datetime, Depends(now_of)]
