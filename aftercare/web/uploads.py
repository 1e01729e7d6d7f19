"""A customer's picture comes in, and pictures are shown."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import jwt
from sqlalchemy import Engine
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from aftercare.domain import trace
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services import history
from aftercare.services.conversations import Message, receive
from aftercare.services.files import MAX_BYTES, find_file, store_picture
from aftercare.settings import Settings
from aftercare.web.gateway import MAX_CLIENT_ID, Gateway
from aftercare.web.identity import customer_of

# Eight megabytes may unfold to 160: so many are drawn at once, the others wait.
DRAWN_AT_ONCE = 2
STATUS = {
    Reason.FILE_TOO_LARGE: 413,
    Reason.FILE_NOT_AN_IMAGE: 415,
    Reason.TOO_MANY_MESSAGES: 429,
    Reason.NOT_FOUND: 404,
}


def upload_routes(settings: Settings, engine: Engine, gateway: Gateway) -> list[Route]:
    """Return `POST /upload` (session and client id in headers) and `GET /files/…`."""

    drawing = asyncio.Semaphore(DRAWN_AT_ONCE)

    async def upload(request: Request) -> Response:
        trace.begin()
        try:
            talk, customer = await _whose(request, settings, engine)
            address = request.client.host if request.client else "unknown"
            if not gateway.limits.may_speak(talk, address):
                raise AftercareError(Reason.TOO_MANY_MESSAGES)
            raw = await _body(request)
            client_id = request.headers.get("x-client-id", "")
            if not 0 < len(client_id) <= MAX_CLIENT_ID:
                raise AftercareError(Reason.MALFORMED)
            before = await asyncio.to_thread(history.sent, engine, talk, client_id)
            if before is not None and (before.payload or {}).get("image"):
                # Sent again by a client that heard no answer: one picture, not two.
                return _stored(before)
            now = datetime.now(UTC)
            async with drawing:
                path = await asyncio.to_thread(
                    store_picture, engine, settings.state_dir, talk, raw, now
                )
            message = await asyncio.to_thread(
                receive,
                engine,
                conversation_id=talk,
                customer_id=customer,
                client_id=client_id,
                text=gateway.texts["picture"],
                now=now,
                image=path,
            )
        except AftercareError as error:
            said = gateway.texts.get(error.reason, gateway.texts["malformed"])
            body = {"ok": False, "reason": error.reason, "message": said}
            return JSONResponse(body, STATUS.get(error.reason, 400))
        gateway.taken(talk)
        return _stored(message)

    async def show(request: Request) -> Response:
        found = await asyncio.to_thread(
            find_file, engine, settings.state_dir, request.path_params["file_id"]
        )
        if found is None:
            return JSONResponse({"reason": "not_found"}, 404)
        # What is no picture (an agent's PDF) is saved, not opened on our own site.
        shown = "inline" if found.type.startswith("image/") else "attachment"
        return FileResponse(
            found.path,
            media_type=found.type,
            filename=found.name,
            content_disposition_type=shown,
            headers={"cache-control": "private, max-age=3600"},
        )

    pages = Middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_methods=["POST"],
        allow_headers=["authorization", "x-session", "x-client-id", "content-type"],
    )
    return [
        Route("/upload", upload, methods=["POST", "OPTIONS"], middleware=[pages]),
        Route("/files/{file_id}", show),
    ]


def _stored(message: Message) -> JSONResponse:
    image = (message.payload or {}).get("image")
    return JSONResponse({"ok": True, "seq": message.seq, "image": image})


async def _whose(
    request: Request, settings: Settings, engine: Engine
) -> tuple[str, str | None]:
    """Return the conversation and its customer, if both are the sender's own."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    talk = request.headers.get("x-session", "")
    try:
        customer = customer_of(token, settings.shop_jwt_secret) if token else None
    except jwt.InvalidTokenError as error:
        raise AftercareError(Reason.NOT_FOUND) from error
    if not await asyncio.to_thread(history.owns, engine, talk, customer):
        raise AftercareError(Reason.NOT_FOUND)
    return talk, customer


async def _body(request: Request) -> bytes:
    """Read at most what a picture may weigh; more is not even read."""
    parts: list[bytes] = []
    size = 0
    stream: Any = request.stream()
    async for part in stream:
        size += len(part)
        if size > MAX_BYTES:
            raise AftercareError(Reason.FILE_TOO_LARGE)
        parts.append(part)
    return b"".join(parts)
