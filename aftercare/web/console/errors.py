"""Every refusal as `{"reason", "message"}` with its HTTP status."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, SQLAlchemyError
from starlette.exceptions import HTTPException

from aftercare.domain.errors import AftercareError, Reason

log = logging.getLogger("aftercare.console")
TEXTS: dict[str, str] = yaml.safe_load(
    (Path(__file__).parent / "messages.yml").read_text(encoding="utf-8")
)
STATUS = {
    Reason.UNAUTHORISED: 401,
    Reason.WRONG_LOGIN: 401,
    Reason.TOTP_REQUIRED: 401,
    Reason.CSRF: 403,
    Reason.FORBIDDEN: 403,
    Reason.NOT_FOUND: 404,
    Reason.EXPIRED: 410,
    Reason.MALFORMED: 422,
    Reason.NOT_AN_INTENT: 422,
    Reason.MESSAGE_EMPTY: 422,
    Reason.MESSAGE_TOO_LONG: 422,
    Reason.PASSWORD_WEAK: 422,
    Reason.TOO_MANY_TRIES: 429,
    Reason.TOO_MANY_MESSAGES: 429,
}
# Details that are safe and useful to whoever was refused.
TOLD = frozenset(
    {
        Reason.ALREADY_TAKEN,
        Reason.ILLEGAL_MOVE,
        Reason.MALFORMED,
        Reason.FORBIDDEN,
        Reason.REFUSED_BY_POLICY,
    }
)


def refusal(error: AftercareError) -> tuple[int, dict[str, Any]]:
    """Return the status and body of a refusal; 409 where nothing else fits."""
    body: dict[str, Any] = said(error.reason)
    if error.reason in TOLD and error.detail:
        body["detail"] = error.detail
    if error.reason is Reason.SENSITIVE_WORDS:
        body["words"] = error.detail.split("\n")
    return STATUS.get(error.reason, 409), body


def said(reason: str) -> dict[str, Any]:
    """Return a reason code with its sentence."""
    return {"reason": str(reason), "message": TEXTS.get(reason, TEXTS["malformed"])}


def add_handlers(app: FastAPI) -> None:
    """Let the application answer every failure in the one shape."""

    @app.exception_handler(AftercareError)
    async def refused(_: Request, error: AftercareError) -> JSONResponse:
        status, body = refusal(error)
        return JSONResponse(body, status)

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        # What was sent may hold a password: its place and the fault only.
        fields = [
            {"loc": [str(part) for part in item["loc"]], "msg": item["msg"]}
            for item in error.errors()
        ]
        return JSONResponse(said(Reason.MALFORMED) | {"fields": fields}, 422)

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        reason = "not_found" if error.status_code == 404 else "malformed"
        return JSONResponse(said(reason), error.status_code)

    @app.exception_handler(OverflowError)
    @app.exception_handler(DataError)
    async def unstorable(_: Request, error: Exception) -> JSONResponse:
        # A number or a sign that no column of the database can hold.
        return JSONResponse(said(Reason.MALFORMED), 422)

    @app.exception_handler(SQLAlchemyError)
    async def busy(_: Request, error: SQLAlchemyError) -> JSONResponse:
        log.error("database: %s", type(error).__name__)
        return JSONResponse(said("busy"), 503)
