"""Every route × every role; a route without a rule fails here and at the start."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from aftercare.services.console.rights import RIGHTS, Role
from aftercare.web.console import app as console_app
from aftercare.web.console.app import PUBLIC, ROUTERS, rule_of

ROUTES = [
    (method, route.path, route)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]


def fill(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "999999", path)


def test_no_route_is_without_a_rule() -> None:
    bare = {(method, path) for method, path, route in ROUTES if rule_of(route) is None}
    assert bare == PUBLIC


def test_no_route_hides_another() -> None:
    places = [(method, path) for method, path, _ in ROUTES]
    assert sorted({place for place in places if places.count(place) > 1}) == []


def test_a_route_without_a_rule_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, console: FastAPI, shop: Any, settings: Any
) -> None:
    bare = APIRouter()

    @bare.get("/open-door")
    def open_door() -> None:
        return None

    monkeypatch.setattr(console_app, "ROUTERS", (*ROUTERS, bare))
    with pytest.raises(RuntimeError, match="/open-door has no rule"):
        console_app.create_console(settings, shop, console.state.gateway)


@pytest.mark.parametrize("role", list(Role))
def test_every_route_asks_for_its_right(
    role: Role, person_of: Callable[..., Any]
) -> None:
    person = person_of(role)
    for method, path, route in ROUTES:
        guard = rule_of(route)
        if guard is None or path == "/session":
            continue
        answer = person.http.request(method, fill(path))
        allowed = guard.right is None or guard.right in RIGHTS[role]
        refused = (
            answer.status_code == 403 and answer.json().get("reason") == "forbidden"
        )
        assert refused is not allowed, (method, path, role, answer.text[:200])


def test_nobody_gets_in_without_a_session(console: FastAPI) -> None:
    web = TestClient(console)
    for method, path, route in ROUTES:
        if rule_of(route) is not None:
            assert web.request(method, fill(path)).status_code == 401, (method, path)


def test_the_description_is_complete_and_stays_in_the_house(console: FastAPI) -> None:
    web = TestClient(console)
    page = web.get("/docs").text
    for _, path, _ in ROUTES:
        assert f"/api{path}" in page
    assert not re.search(r"(src|href)=.https?:", page)
