"""The whole API under requests made from its own description: never a server error.

Schemathesis makes what fits each operation's schema and what does not; half of the
names in paths are of things that exist, so that requests come past the first lookup.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from schemathesis import GenerationMode
from sqlalchemy import Engine

from aftercare.services.console import sessions
from aftercare.settings import Settings
from aftercare.store.console import AccountRow
from aftercare.store.unit_of_work import write
from aftercare.web.console.app import create_console
from aftercare.web.gateway import Gateway
from tests.integration.stack import project_in
from tests.trust.profile import SOAK, size
from tests.trust.world import World, make_world

EXAMPLES = size("FUZZ", 4, 300)
# A commit asks every so-many-th operation: to learn a schema takes a while.
PART = 6
STORES = ["sqlite", "postgresql"] if SOAK else ["sqlite"]
KNOWN = {"talk_id": "talk", "case_no": "case", "line_id": "line", "file_id": "file"}
SECRET = "a" * 40
# What a client may not send, or a server drops before we see it.
HEADERS = ("x-csrf-token", "cookie", "host", "content-length", "transfer-encoding")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project_in(tmp_path_factory.mktemp("fuzz") / "project")


@pytest.fixture
def api(shop: Engine, project: Path, tmp_path: Path) -> Iterator[tuple[Any, World]]:
    settings = Settings(
        state_dir=tmp_path,
        project_dir=project,
        database_url=shop.url.render_as_string(hide_password=False),
        shop_jwt_secret=SECRET,
        internal_secret=SECRET[::-1] + "b",
        rasa_port=9,
    )
    made = create_console(settings, shop, Gateway(settings, shop, {"malformed": "?"}))
    yield made, make_world(shop, tmp_path)


class Boss:
    """A signed-in admin, made anew where a request has ended the one before."""

    def __init__(self, app: Any, engine: Engine) -> None:
        self.http = TestClient(app, base_url="http://console.test")
        self.http.follow_redirects = False
        self._engine = engine
        self._number = 0
        self.enter()

    def enter(self) -> None:
        """Sign in as somebody new."""
        self._number += 1
        now = datetime.now(UTC)
        with write(self._engine) as session:
            row = AccountRow(
                login=f"fuzz-{self._number}",
                name="fuzz",
                password_hash="-",
                role="admin",
                created_at=now,
            )
            session.add(row)
            session.flush()
            number = row.id
        signed = sessions.open_for(self._engine, number, "testclient", now)
        self.http.cookies.set("aftercare_console", signed.token)
        self.csrf = signed.csrf

    def ask(self, case: Any) -> Any:
        """Send a made-up request as this person; sign in again where that is over."""
        wanted = case.as_transport_kwargs(base_url="http://console.test")
        kept = {
            name: value
            for name, value in dict(wanted.pop("headers", None) or {}).items()
            if name.lower() not in HEADERS
        }
        wanted.pop("cookies", None)
        body = wanted.pop("data", None)
        if isinstance(body, bytes | str):
            wanted["content"] = body
        elif body is not None:
            wanted["data"] = body
        headers = kept | {"x-csrf-token": self.csrf}
        answer = self.http.request(**wanted, headers=headers)
        if answer.status_code == 401:
            self.enter()
        return answer


def operations(app: Any) -> list[Any]:
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    return [found.ok() for found in schema.get_all_operations()]


def fuzz(operation: Any, boss: Boss, world: World, seen: dict[int, int]) -> None:
    """Ask one operation for many things; every answer must be a decision."""
    modes = list(GenerationMode)
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])

    @hypothesis.seed(20261126)
    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(cases, st.booleans())
    def ask(case: Any, known: bool) -> None:
        for name, kind in KNOWN.items():
            if known and name in (case.path_parameters or {}):
                case.path_parameters[name] = world.name(kind, "own")
        answer = boss.ask(case)
        seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
        assert answer.status_code < 500, (case.as_curl_command(), answer.text)
        assert "Traceback" not in answer.text

    ask()


@pytest.mark.parametrize("shop", STORES, indirect=True)
def test_no_request_is_a_server_error(api: tuple[Any, World], shop: Engine) -> None:
    app, world = api
    boss = Boss(app, shop)
    seen: dict[int, int] = {}
    wrong = []
    found = operations(app)
    assert len(found) > 100
    for operation in found if SOAK else found[::PART]:
        try:
            fuzz(operation, boss, world, seen)
        except Exception as error:  # each operation's first failure, then the next's
            wrong.append((operation.label, f"{type(error).__name__}: {error}"[:600]))
    assert wrong == []
    # The walk came past the door: most kinds of answer were seen.
    assert {200, 404, 422} <= set(seen), seen


@pytest.mark.parametrize("number", [2**31, 2**63, -(2**63) - 1, 10**400])
def test_a_number_no_column_can_hold_is_refused(
    api: tuple[Any, World], shop: Engine, number: int
) -> None:
    boss = Boss(api[0], shop)
    boss.http.headers["x-csrf-token"] = boss.csrf
    for path in ("/people/{}", "/alerts/{}", "/models/{}", "/webhooks/{}/deliveries"):
        for method in ("GET", "PATCH", "DELETE"):
            answer = boss.http.request(method, path.format(number))
            assert 200 <= answer.status_code < 500, (method, path)


@pytest.mark.parametrize("text", ["a\0b", "\x01\x1b[31m", "\u202e", "\ufeff" * 9])
def test_signs_no_column_can_hold_are_refused(
    api: tuple[Any, World], shop: Engine, text: str
) -> None:
    app, world = api
    boss = Boss(app, shop)
    boss.http.headers["x-csrf-token"] = boss.csrf
    talk = world.anna.names["talk"]
    for path, body in (
        (f"/conversations/{talk}/notes", {"text": text}),
        (f"/conversations/{talk}/tags", {"tag": text}),
        ("/canned", {"short": text, "title": text, "text": text}),
    ):
        for method in ("POST", "PUT"):
            answer = boss.http.request(method, path, json=body)
            assert 200 <= answer.status_code < 500, (method, path)
    assert boss.http.get("/conversations", params={"q": text}).status_code < 500
