"""Every refusal as `{"reason", "message"}` with its HTTP status."""

from __future__ import annotations

import logging
from collections.abc import Mapping
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
LANGUAGES = {"zh": "messages.yml", "en": "messages_en.yml"}
TEXTS: dict[str, dict[str, str]] = {
    language: yaml.safe_load((Path(__file__).parent / name).read_text("utf-8"))
    for language, name in LANGUAGES.items()
}
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


def refusal(error: AftercareError, language: str) -> tuple[int, dict[str, Any]]:
    """Return the status and body of a refusal; 409 where nothing else fits."""
    body: dict[str, Any] = said(error.reason, language)
    if error.reason in TOLD and error.detail:
        body["detail"] = error.detail
    if error.reason is Reason.SENSITIVE_WORDS:
        body["words"] = error.detail.split("\n")
    return STATUS.get(error.reason, 409), body


def said(reason: str, language: str) -> dict[str, Any]:
    """Return a reason code with its sentence, in "zh" or "en"."""
    texts = TEXTS[language]
    return {"reason": str(reason), "message": texts.get(reason, texts["malformed"])}


def spoken_by(headers: Mapping[str, str]) -> str:
    """Return the language a request asks for first; Chinese where it is not English."""
    first = headers.get("accept-language", "").strip().casefold()
    return "en" if first.startswith("en") else "zh"


def add_handlers(app: FastAPI) -> None:
    """Let the application answer every failure in the one shape."""

    @app.exception_handler(AftercareError)
    async def refused(asked: Request, error: AftercareError) -> JSONResponse:
        status, body = refusal(error, spoken_by(asked.headers))
        return JSONResponse(body, status)

    @app.exception_handler(RequestValidationError)
    async def malformed(asked: Request, error: RequestValidationError) -> JSONResponse:
        # What was sent may hold a password: its place and the fault only.
        fields = [
            {"loc": [str(part) for part in item["loc"]], "msg": item["msg"]}
            for item in error.errors()
        ]
        body = said(Reason.MALFORMED, spoken_by(asked.headers))
        return JSONResponse(body | {"fields": fields}, 422)

    @app.exception_handler(HTTPException)
    async def http(asked: Request, error: HTTPException) -> JSONResponse:
        reason = "not_found" if error.status_code == 404 else "malformed"
        body = said(reason, spoken_by(asked.headers))
        return JSONResponse(body, error.status_code)

    @app.exception_handler(OverflowError)
    @app.exception_handler(DataError)
    async def unstorable(asked: Request, error: Exception) -> JSONResponse:
        # A number or a sign that no column of the database can hold.
        return JSONResponse(said(Reason.MALFORMED, spoken_by(asked.headers)), 422)

    @app.exception_handler(SQLAlchemyError)
    async def busy(asked: Request, error: SQLAlchemyError) -> JSONResponse:
        log.error("database: %s", type(error).__name__)
        return JSONResponse(said("busy", spoken_by(asked.headers)), 503)
