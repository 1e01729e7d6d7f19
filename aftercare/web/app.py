"""The ASGI application: Socket.IO for customers, HTTP for the rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import socketio
import yaml
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from aftercare.settings import ROOT, Settings, get_settings
from aftercare.store.engine import make_engine
from aftercare.store.unit_of_work import read
from aftercare.web.demo import demo_routes
from aftercare.web.gateway import Gateway

DIST = ROOT / "frontend" / "dist"


def create_app(settings: Settings | None = None) -> socketio.ASGIApp:
    """Return the whole application; every part of it is made here."""
    settings = settings or get_settings()
    engine = make_engine(settings.database_url)
    path = Path(__file__).with_name("messages.yml")
    texts: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
    gateway = Gateway(settings, engine, texts)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await gateway.turns.recover()
        yield
        await gateway.turns.stop()
        await gateway.rasa.close()

    site = Starlette(
        routes=[
            *_health_routes(settings, engine),
            *demo_routes(settings, engine),
            *_page_routes(),
        ],
        lifespan=lifespan,
    )
    return socketio.ASGIApp(gateway.sio, site)


def _health_routes(settings: Settings, engine: Engine) -> list[Route]:
    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        parts = {
            "database": await asyncio.to_thread(_database_answers, engine),
            "rasa": await _answers(f"{settings.rasa_url}/"),
            "actions": await _answers(
                f"http://127.0.0.1:{settings.actions_port}/health"
            ),
        }
        status = 200 if all(parts.values()) else 503
        return JSONResponse(parts, status_code=status)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


def _page_routes() -> list[Route | Mount]:
    async def index(_: Request) -> Response:
        return FileResponse(DIST / "index.html")

    async def widget(_: Request) -> Response:
        return FileResponse(DIST / "widget.js", media_type="text/javascript")

    static = StaticFiles(directory=DIST / "static", check_dir=False)
    return [
        Route("/", index),
        Route("/widget.js", widget),
        Mount("/static", static),
    ]


def _database_answers(engine: Engine) -> bool:
    try:
        with read(engine) as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


async def _answers(url: str) -> bool:
    try:
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
