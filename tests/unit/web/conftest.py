"""A real gateway on a real socket, with a Rasa that fails as it is told."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import socketio
import uvicorn
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from aftercare.settings import Settings
from aftercare.store.engine import make_engine
from aftercare.store.migrations import upgrade
from aftercare.web import turns
from aftercare.web.app import create_app

SECRET = "x" * 40
WAIT_S = 60


@contextmanager
def serving(app: Any, port: int) -> Iterator[uvicorn.Server]:
    """Serve an application in a thread for the time of the block."""
    config = uvicorn.Config(
        app, port=port, log_level="error", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the server did not start")
        thread.join(0.01)
    try:
        yield server
    finally:
        server.should_exit = True
        thread.join(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class FakeRasa:
    """Answers each turn with its own text, or fails as `behave` says."""

    port: int = field(default_factory=free_port)
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    behave: Callable[[dict[str, Any]], tuple[int, Any]] | None = None
    hold: threading.Event = field(default_factory=threading.Event)

    def app(self) -> Starlette:
        self.hold.set()

        async def turn(request: Request) -> JSONResponse:
            body = await request.json()
            self.asked.append(body)
            self.headers.append(dict(request.headers))
            await asyncio.to_thread(self.hold.wait, WAIT_S)
            status, answer = self.behave(body) if self.behave else (200, echo(body))
            return JSONResponse(answer, status_code=status)

        return Starlette(
            routes=[Route("/webhooks/aftercare/turn", turn, methods=["POST"])]
        )


def echo(body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return what the channel answers: the text again, and an understanding."""
    reply = {"text": f"re: {body['text']}", **more}
    understanding = {"intent": {"name": "inform", "confidence": 0.9}}
    return {"replies": [reply], "understanding": understanding}


@dataclass
class Gate:
    """Where the gateway is and what is behind it."""

    url: str
    settings: Settings
    engine: Engine
    rasa: FakeRasa


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(
        state_dir=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'web.db'}",
        shop_jwt_secret=SECRET,
        internal_secret=SECRET[::-1] + "y",
        turn_deadline_s=0.4,
    )
    upgrade(make_engine(found.database_url))
    return found


@pytest.fixture
def rasa(settings: Settings) -> FakeRasa:
    fake = FakeRasa()
    settings.rasa_port = fake.port
    return fake


@pytest.fixture
def gate(
    settings: Settings, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Gate]:
    """A running gateway; Rasa is served by the test that wants it up."""
    monkeypatch.setattr(turns, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(turns, "LONGEST_PAUSE_S", 0.1)
    monkeypatch.setattr(turns, "AWAY_AFTER_S", 0.2)
    monkeypatch.setattr(turns, "RECOVER_EVERY_S", 0.2)
    port = free_port()
    with serving(create_app(settings), port):
        engine = make_engine(settings.database_url)
        yield Gate(f"http://127.0.0.1:{port}", settings, engine, rasa)


@pytest.fixture
def up(gate: Gate) -> Iterator[Gate]:
    """A running gateway with its Rasa there."""
    with serving(gate.rasa.app(), gate.rasa.port):
        yield gate


EVENTS = (
    "connect_error",
    "session_confirm",
    "bot_uttered",
    "state",
    "refused",
    "typing",
)


class Visitor:
    """A browser: keeps every event it is sent."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.io = socketio.AsyncClient(reconnection=False)
        self.events: list[tuple[str, Any]] = []
        self.session = ""
        for name in EVENTS:
            self.io.on(name, self._keep(name))

    def _keep(self, name: str) -> Callable[..., Any]:
        async def keep(data: Any) -> None:
            self.events.append((name, data))

        return keep

    async def open(
        self,
        session_id: Any = None,
        token: str | None = None,
        notice: bool = True,
        **options: Any,
    ) -> Visitor:
        """Connect; `notice`: whether this page shows the notice itself."""
        auth = {"notice": notice} | ({} if token is None else {"token": token})
        options = {"wait_timeout": WAIT_S, "transports": ["websocket"]} | options
        await self.io.connect(self._url, auth=auth, **options)
        before = len(self.of("session_confirm"))
        await self.io.emit("session_request", {"session_id": session_id})
        await self.until(lambda: len(self.of("session_confirm")) > before)
        self.session = self.of("session_confirm")[-1]
        return self

    async def say(self, text: Any, client_id: str | None = None) -> dict[str, Any]:
        data = {"message": text, "session_id": self.session}
        if client_id:
            data["client_id"] = client_id
        answer: dict[str, Any] = await self.io.call(
            "user_uttered", data, timeout=WAIT_S
        )
        return answer

    async def history(self, after: int = 0) -> list[dict[str, Any]]:
        asked = {"session_id": self.session, "after_seq": after}
        answer = await self.io.call("history_request", asked, timeout=WAIT_S)
        found: list[dict[str, Any]] = answer["messages"]
        return found

    def of(self, name: str) -> list[Any]:
        return [data for event, data in self.events if event == name]

    def texts(self) -> list[str]:
        return [data.get("text", "") for data in self.of("bot_uttered")]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not condition():
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        await self.io.disconnect()


@pytest.fixture
def visitor_of() -> type[Visitor]:
    return Visitor


@pytest.fixture(name="serving")
def serving_fixture() -> Any:
    """The context manager that serves an application on a port."""
    return serving


@pytest.fixture
def port() -> int:
    """A port nobody uses now."""
    return free_port()
