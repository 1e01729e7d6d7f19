"""Signing in and out, one's own password and one-time codes."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from limits import RateLimitItemPerSecond
from pydantic import BaseModel, Field
from sqlalchemy import Engine

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console import accounts, people, sessions
from aftercare.services.console.audit import Actor
from aftercare.services.console.options import options
from aftercare.services.console.rights import RIGHTS, Role
from aftercare.services.console.sessions import SignedIn
from aftercare.web.console.guard import (
    Db,
    Now,
    address_of,
    allow,
    cookie_name,
    cookie_of,
)
from aftercare.web.origins import network_of

router = APIRouter(tags=["session"])
PER_LOGIN = RateLimitItemPerSecond(10, 300)
PER_ADDRESS = RateLimitItemPerSecond(100, 300)
Me = Annotated[Actor, allow(enrolling=True)]


class Login(BaseModel):
    """Who wants to sign in."""

    login: str = Field(max_length=64)
    password: str = Field(max_length=200)
    totp: str = Field("", max_length=8)


class NewPassword(BaseModel):
    """One's own password, old and new."""

    old: str = Field(max_length=200)
    new: str = Field(max_length=200)


class Code(BaseModel):
    """A one-time code."""

    code: str = Field(max_length=8)


class Joining(BaseModel):
    """What an invited person chooses."""

    login: str = Field("", max_length=64)
    name: str = Field("", max_length=64)
    password: str = Field(max_length=200)


def _slow_down(request: Request, login: str) -> None:
    window = request.app.state.window
    address = network_of(address_of(request))
    for item, kind, key in (
        (PER_LOGIN, "login", login.strip().lower()),
        (PER_ADDRESS, "address", address),
    ):
        if not window.hit(item, kind, key):
            raise AftercareError(Reason.TOO_MANY_TRIES)


def _opened(
    request: Request, response: Response, engine: Engine, signed: SignedIn
) -> dict[str, Any]:
    response.set_cookie(
        cookie_name(request.app.state.settings.env),
        signed.token,
        max_age=int(sessions.VALID_FOR.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.app.state.settings.env == "production",
        path="/",
    )
    return _session_view(engine, signed)


def _session_view(engine: Engine, signed: SignedIn) -> dict[str, Any]:
    actor = signed.actor
    person = people.person(engine, actor.account_id or 0)
    advice = ["totp"] if actor.role == "admin" and not person["totp"] else []
    return {
        "account": person,
        "csrf": signed.csrf,
        "rights": sorted(RIGHTS[Role(actor.role)]),
        "presence": person["presence"],
        "settings": options(engine).model_dump(mode="json"),
        "advice": advice,
    }


@router.post("/session")
def sign_in(
    body: Login, request: Request, response: Response, engine: Db, now: Now
) -> dict[str, Any]:
    """Sign in; the answer sets the cookie and holds the CSRF token."""
    _slow_down(request, body.login)
    signed = sessions.sign_in(
        engine, body.login, body.password, body.totp, address_of(request), now
    )
    return _opened(request, response, engine, signed)


@router.get("/session")
def session(who: Me, request: Request, engine: Db, now: Now) -> dict[str, Any]:
    """Say who is signed in, with the rights and the settings."""
    token = cookie_of(request)
    signed = sessions.find_session(engine, token, who.address, now)
    if signed is None:
        raise AftercareError(Reason.UNAUTHORISED)
    return _session_view(engine, signed)


@router.delete("/session", status_code=204)
def sign_out(
    who: Me, request: Request, response: Response, engine: Db, now: Now
) -> None:
    """Sign out: the session ends on the server."""
    sessions.sign_out(engine, who, cookie_of(request), now)
    request.app.state.live.session_ended()
    secure = request.app.state.settings.env == "production"
    name = cookie_name(request.app.state.settings.env)
    response.delete_cookie(name, path="/", secure=secure, httponly=True)


@router.post("/session/password", status_code=204)
def password(
    body: NewPassword, who: Me, request: Request, engine: Db, now: Now
) -> None:
    """Change one's own password; other sessions end."""
    _slow_down(request, who.login)
    token = cookie_of(request)
    sessions.change_password(engine, who, token, body.old, body.new, now)
    request.app.state.live.session_ended()


@router.post("/session/totp")
def offer_totp(who: Me, engine: Db) -> dict[str, str]:
    """Make a one-time-code secret to scan; in force once confirmed."""
    secret, uri = sessions.offer_totp(engine, who)
    return {"secret": secret, "uri": uri}


@router.post("/session/totp/confirm", status_code=204)
def confirm_totp(body: Code, who: Me, request: Request, engine: Db, now: Now) -> None:
    """Put the scanned secret in force by its first code."""
    _slow_down(request, who.login)
    sessions.confirm_totp(engine, who, body.code, now)


@router.get("/invitations/{token}")
def invitation(token: str, engine: Db, now: Now) -> dict[str, Any]:
    """Say what an invitation offers."""
    return accounts.look_at_invitation(engine, token, now)


@router.post("/invitations/{token}")
def join(
    token: str,
    body: Joining,
    request: Request,
    response: Response,
    engine: Db,
    now: Now,
) -> dict[str, Any]:
    """Make the account an invitation offers and sign in, or set its password anew."""
    _slow_down(request, f"invitation {token[:16]}")
    offered = accounts.look_at_invitation(engine, token, now)
    made = accounts.accept(engine, token, body.login, body.name, body.password, now)
    if offered["password_only"]:
        # Signing in comes after it, with the one-time code where one is set.
        request.app.state.live.signed_out(made)
        return {"password_set": True, "login": offered["login"]}
    signed = sessions.open_for(engine, made, address_of(request), now)
    return _opened(request, response, engine, signed)
