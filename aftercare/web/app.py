"""The ASGI application: Socket.IO for customers, HTTP for the rest."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import socketio
import yaml
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
)
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from aftercare import heap, telemetry
from aftercare.cover import cover_logs
from aftercare.services.console import transcript
from aftercare.settings import ROOT, Settings, get_settings
from aftercare.store.engine import make_engine
from aftercare.web.bodies import SmallBodies
from aftercare.web.console.app import create_console
from aftercare.web.demo import demo_routes
from aftercare.web.gateway import MAX_FRAME, Gateway
from aftercare.web.headers import SafeHeaders, with_nonce
from aftercare.web.health import health_routes
from aftercare.web.keeper import ModelKeeper
from aftercare.web.uploads import upload_routes

HERE = Path(__file__).parent
Endpoint = Callable[[Request], Awaitable[Response]]
DIST = ROOT / "frontend" / "dist"


class Entrance(socketio.ASGIApp):  # type: ignore[misc]
    """The socket and the site, behind the limit for bodies."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is not too large."""
        await SmallBodies(super().__call__, MAX_FRAME)(scope, receive, send)


def create_app(settings: Settings | None = None) -> Entrance:
    """Return the whole application; every part of it is made here."""
    settings = settings or get_settings()
    cover_logs()
    engine = make_engine(settings.database_url)
    source = (HERE / "messages.yml").read_text(encoding="utf-8")
    texts: dict[str, str] = yaml.safe_load(source)
    gateway = Gateway(settings, engine, texts)
    console = create_console(settings, engine, gateway)
    keeper = ModelKeeper(settings, engine)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        gateway.turns.start()
        gateway.bus.start()
        console.state.live.start()
        keeper.start()
        # What reads Chinese takes a second to load; no agent should wait for it.
        threading.Thread(target=_warm, daemon=True).start()
        yield
        await keeper.stop()
        await console.state.live.stop()
        await gateway.bus.stop()
        await gateway.turns.stop()
        await gateway.rasa.close()
        engine.dispose()
        telemetry.close()

    site = Starlette(
        routes=[
            *health_routes(settings, engine, gateway.metrics),
            *demo_routes(settings, engine),
            *upload_routes(settings, engine, gateway),
            Route("/api/socket", _socket_page),
            Mount("/api", console),
            *_page_routes(),
        ],
        middleware=[Middleware(SafeHeaders, secure=settings.env == "production")],
        lifespan=lifespan,
    )
    return Entrance(gateway.sio, site)


def _warm() -> None:
    transcript.warm()
    heap.settle()


async def _socket_page(_: Request) -> Response:
    return FileResponse(HERE / "api.html")


def _page_routes() -> list[Route | Mount]:
    async def index(_: Request) -> Response:
        page = DIST / "index.html"
        if not page.exists():
            return PlainTextResponse("the front end is not built: run make run", 503)
        return FileResponse(page)

    async def console(_: Request) -> Response:
        page = DIST / "console" / "index.html"
        if not page.exists():
            return PlainTextResponse("the front end is not built: run make run", 503)
        text, headers = with_nonce(page.read_text(encoding="utf-8"))
        return HTMLResponse(text, headers=headers)

    async def protocol(_: Request) -> Response:
        # Where Rasa's own Socket.IO channel answers to health checks.
        return JSONResponse({"status": "ok"})

    return [
        Route("/", index),
        Route("/console", console),
        Route("/console/", console),
        Route("/webhooks/socketio/", protocol),
        Mount("/", StaticFiles(directory=DIST, check_dir=False)),
    ]
