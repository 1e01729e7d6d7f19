"""The demo shop: three customers to sign in as. Development only."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import jwt
from sqlalchemy import Engine, select
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from aftercare.services.access import Viewer
from aftercare.services.orders import recent_lines
from aftercare.settings import Settings
from aftercare.store.models import CustomerRow
from aftercare.store.unit_of_work import read
from aftercare.web.identity import customer_of, shop_token

DEMO_PREFIX = "C-DEMO-"


def demo_routes(settings: Settings, engine: Engine) -> list[Route]:
    """Return the routes; none outside development."""
    if settings.env != "development":
        return []

    async def customers(_: Request) -> JSONResponse:
        return JSONResponse(await asyncio.to_thread(_customers, engine))

    async def login(request: Request) -> JSONResponse:
        try:
            body = await request.json()
        except ValueError:
            return JSONResponse({"reason": "malformed"}, status_code=400)
        asked = body.get("customer_id") if isinstance(body, dict) else None
        known = [item["id"] for item in await asyncio.to_thread(_customers, engine)]
        if asked not in known:
            return JSONResponse({"reason": "not_found"}, status_code=404)
        token = shop_token(asked, settings.shop_jwt_secret, datetime.now(UTC))
        return JSONResponse({"token": token})

    async def orders(request: Request) -> JSONResponse:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            customer = customer_of(token, settings.shop_jwt_secret)
        except jwt.InvalidTokenError:
            return JSONResponse({"reason": "unauthorised"}, status_code=401)
        lines = await asyncio.to_thread(recent_lines, engine, Viewer("", customer), 20)
        return JSONResponse([_line(line) for line in lines])

    return [
        Route("/demo/customers", customers),
        Route("/demo/login", login, methods=["POST"]),
        Route("/demo/orders", orders),
    ]


def _customers(engine: Engine) -> list[dict[str, str]]:
    with read(engine) as session:
        rows = session.scalars(
            select(CustomerRow)
            .where(CustomerRow.id.startswith(DEMO_PREFIX))
            .order_by(CustomerRow.id)
        )
        return [{"id": row.id, "name": row.name} for row in rows]


def _line(line: Any) -> dict[str, Any]:
    return {
        "order_no": line.order_no,
        "title": line.title,
        "variant": line.variant,
        "quantity": line.quantity,
        "paid_fen": line.paid_fen,
        "image": line.image,
        "fulfilment": line.fulfilment,
        "placed_at": line.placed_at.isoformat(),
    }
