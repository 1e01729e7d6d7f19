"""Is it alive, can it work, what did it do.

`/healthz` is this process alone. `/readyz` tries what a customer needs: a row is
written, a sentence is read by Rasa's model, the actions answer. What it found
is kept some seconds, so that asking costs nothing.
"""

from __future__ import annotations

import asyncio
import hmac
import shutil
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import httpx
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from aftercare.services.figures import Figure, figures
from aftercare.services.jobs import beat
from aftercare.settings import Settings
from aftercare.web.metrics import Metrics

KEPT_S = 3.0
FIGURES_KEPT_S = 15.0
ASK_S = 4.0
# A request that came through a proxy is not this machine's own.
PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip")


def health_routes(settings: Settings, engine: Engine, metrics: Metrics) -> list[Route]:
    """Return /healthz (this process), /readyz (all it needs) and /metrics."""
    parts = kept(
        KEPT_S, lambda: _ready(settings, engine), lambda found: all(found.values())
    )
    numbers = kept(FIGURES_KEPT_S, lambda: _figures(settings, engine))
    # A monitor asks often and hears of a fault some seconds late; it never waits.
    watched = kept(FIGURES_KEPT_S, parts, lambda _: True)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        found = await parts()
        metrics.ready(found)
        return JSONResponse(found, status_code=200 if all(found.values()) else 503)

    async def counters(request: Request) -> Response:
        if not may_read(request, settings.metrics_token):
            return JSONResponse({"reason": "not_found"}, 404)
        found = await numbers()
        metrics.ready(await watched())
        return PlainTextResponse(metrics.text(lambda: found))

    return [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", counters),
    ]


def may_read(request: Request, token: str) -> bool:
    """Return whether this machine itself asks, or who knows the token."""
    given = request.headers.get("authorization", "").encode()
    if token and hmac.compare_digest(given, b"Bearer " + token.encode()):
        return True
    if any(name in request.headers for name in PASSED_ON) or request.client is None:
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def kept[T](
    seconds: float,
    find: Callable[[], Awaitable[T]],
    fine: Callable[[T], bool] = bool,
) -> Callable[[], Awaitable[T]]:
    """Return a way to what `find` finds, asked anew once in so many seconds.

    What is not fine is never kept: who waits for a recovery asks again.
    """
    lock = asyncio.Lock()
    at, found = float("-inf"), None

    async def get() -> T:
        nonlocal at, found
        async with lock:
            old = time.monotonic() - at >= seconds
            if found is None or old or not fine(found):
                found = await find()
                at = time.monotonic()
            return found

    return get


async def _ready(settings: Settings, engine: Engine) -> dict[str, bool]:
    secret = {"authorization": f"Bearer {settings.internal_secret}"}
    rasas = [f"{each}/webhooks/aftercare/ready" for each in settings.rasa_addresses]
    actions = {
        f"{settings.actions_address(number)}/health"
        for number in range(settings.actions_workers)
    }
    found = await asyncio.gather(
        _in_time(asyncio.to_thread(_writes, engine)),
        _any(rasas, secret),
        _any(sorted(actions), {}),
    )
    return dict(zip(("database", "rasa", "actions"), found, strict=True))


async def _any(urls: list[str], headers: dict[str, str]) -> bool:
    """Return whether one of several does its work: customers are answered then."""
    asked = [_in_time(_answers(url, headers)) for url in urls]
    return any(await asyncio.gather(*asked))


async def _in_time(work: Awaitable[bool]) -> bool:
    try:
        async with asyncio.timeout(ASK_S):
            return await work
    except TimeoutError:
        return False


def _writes(engine: Engine) -> bool:
    try:
        beat(engine, "web", datetime.now(UTC))
    except SQLAlchemyError:
        return False
    return True


async def _answers(url: str, headers: dict[str, str]) -> bool:
    try:
        async with httpx.AsyncClient(timeout=ASK_S, trust_env=False) as client:
            answer = await client.get(url, headers=headers)
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK


async def _figures(settings: Settings, engine: Engine) -> list[Figure]:
    free = Figure(
        "aftercare_disk_free_bytes",
        "Room left where files and a SQLite database stand.",
        _free(settings.state_dir),
    )
    try:
        return [free, *await asyncio.to_thread(figures, engine, datetime.now(UTC))]
    except SQLAlchemyError:
        # A monitor must go on seeing the process while the database is away.
        return [free]


def _free(folder: Path) -> float:
    return float(shutil.disk_usage(folder if folder.exists() else ".").free)
