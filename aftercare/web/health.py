"""Is it alive, can it work, what did it do."""

from __future__ import annotations

import asyncio

import httpx
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from aftercare.settings import Settings
from aftercare.store.unit_of_work import read
from aftercare.web.metrics import Metrics


def health_routes(settings: Settings, engine: Engine, metrics: Metrics) -> list[Route]:
    """Return /healthz (this process), /readyz (all it needs) and /metrics."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        actions = f"http://127.0.0.1:{settings.actions_port}/health"
        found = await asyncio.gather(
            asyncio.to_thread(_database_answers, engine),
            _answers(f"{settings.rasa_url}/webhooks/aftercare/"),
            _answers(actions),
        )
        parts = dict(zip(("database", "rasa", "actions"), found, strict=True))
        return JSONResponse(parts, status_code=200 if all(found) else 503)

    async def counters(_: Request) -> Response:
        return PlainTextResponse(metrics.text())

    return [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", counters),
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
