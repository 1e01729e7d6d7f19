"""A foreign page: it signs nobody in, changes nothing, hears and shows nothing.

A shop's own site is such a page to the console: it is of the same *site*, so a
browser sends an agent's cookie with what it asks (SameSite does not stop it).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio
from fastapi.routing import APIRoute
from sqlalchemy import Engine

from aftercare.services.console import accounts, secrets
from aftercare.services.console.rights import Role
from aftercare.settings import Settings
from aftercare.store.engine import make_engine
from aftercare.store.migrations import upgrade
from aftercare.web.app import create_app
from aftercare.web.console.app import ROUTERS
from aftercare.web.console.guard import COOKIE, SAFE
from tests.trust.doors import http_doors
from tests.trust.serving import serving

PASSWORD = "correct horse 1"
SHOP = "https://www.shop.example"
FOREIGN = (
    {"origin": SHOP},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
)
CHANGING = [
    (method, re.sub(r"\{[^}]+\}", "999999", route.path))
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(set(route.methods or ()) - SAFE)
]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(f"sqlite:///{tmp_path / 'pages.db'}")
    upgrade(made)
    yield made
    made.dispose()


@pytest.fixture
def app(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    from argon2 import PasswordHasher

    monkeypatch.setattr(secrets, "_HASHER", PasswordHasher(1, 64, 1))
    accounts.add(engine, "wang", "wang", PASSWORD, Role("agent"), datetime.now(UTC))
    settings = Settings(
        state_dir=tmp_path,
        database_url=str(engine.url),
        shop_jwt_secret="s" * 40,
        internal_secret="i" * 40,
        allowed_origins=[SHOP],
        rasa_port=9,
    )
    return create_app(settings)


@pytest.fixture
def url(app: Any) -> Iterator[str]:
    with serving(app) as found:
        yield found


@pytest.fixture
def agent(url: str) -> Iterator[httpx.Client]:
    """A signed-in browser with the right CSRF token."""
    with httpx.Client(base_url=f"{url}/api", trust_env=False, timeout=60) as client:
        body = {"login": "wang", "password": PASSWORD}
        signed = client.post("/session", json=body)
        assert signed.status_code == 200
        client.headers["x-csrf-token"] = signed.json()["csrf"]
        yield client


def is_refused(answer: httpx.Response) -> bool:
    return (
        answer.status_code == 403
        and answer.json().get("reason") == "csrf"
        and "set-cookie" not in answer.headers
    )


def test_no_foreign_page_changes_anything(agent: httpx.Client) -> None:
    """Cookie and token are the right ones: only where it comes from is not."""
    assert len(CHANGING) > 50 and ("POST", "/session") in CHANGING
    for number, (method, path) in enumerate(CHANGING):
        # Every route by one way, sign-in by all of them.
        ways = FOREIGN if path == "/session" else (FOREIGN[number % len(FOREIGN)],)
        for headers in ways:
            answer = agent.request(method, path, headers=headers)
            assert is_refused(answer), (method, path, headers, answer.text)
    assert agent.get("/session").status_code == 200


def test_our_own_page_is_let_in(agent: httpx.Client, url: str) -> None:
    own = {"origin": url, "sec-fetch-site": "same-origin"}
    answer = agent.post("/nothing", headers=own)
    assert answer.status_code == 404
    assert agent.delete("/session", headers=own).status_code < 300


def test_every_change_needs_the_token(agent: httpx.Client) -> None:
    del agent.headers["x-csrf-token"]
    for method, path in CHANGING:
        if path == "/session" and method == "POST":
            continue
        if path.startswith(("/invitations/", "/share/")):
            continue
        answer = agent.request(method, path)
        assert is_refused(answer), (method, path, answer.text)


def opened(url: str, origin: str | None, **more: Any) -> socketio.SimpleClient:
    """Open a socket as a page of this origin would."""
    # Else the client's library adds an Origin of its own.
    client = socketio.SimpleClient(websocket_extra_options={"suppress_origin": True})
    headers = more.pop("headers", {}) | ({"Origin": origin} if origin else {})
    client.connect(url, headers=headers, transports=["websocket"], **more)
    return client


@pytest.mark.parametrize("origin", [None, "own", SHOP, "https://evil.example"])
def test_a_foreign_page_hears_nothing_of_the_desk(
    agent: httpx.Client, url: str, origin: str | None
) -> None:
    cookie = {"Cookie": f"{COOKIE}={agent.cookies[COOKIE]}"}
    asked = {"namespace": "/console", "headers": cookie}
    if origin in (None, "own"):
        opened(url, url if origin else None, **asked).disconnect()
        return
    with pytest.raises(socketio.exceptions.ConnectionError):
        opened(url, origin, **asked)


def test_the_shops_page_may_open_the_customers_socket_alone(url: str) -> None:
    opened(url, SHOP).disconnect()
    with pytest.raises(socketio.exceptions.ConnectionError):
        opened(url, "https://evil.example")


def test_nothing_may_be_framed(app: Any, url: str) -> None:
    """Every page and answer there is, read from the router."""
    places = [door.split(" ", 1) for door in http_doors(app)]
    tried = 0
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        for method, path in places:
            if method not in ("GET", "MOUNT"):
                continue
            headers = client.get(re.sub(r"\{[^}]+\}", "x", path)).headers
            assert "frame-ancestors 'none'" in headers["content-security-policy"], path
            assert headers["x-frame-options"] == "DENY", path
            tried += 1
    assert tried > 50
