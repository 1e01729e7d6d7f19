"""Figures, exports, webhooks, links for guests, and files."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, UploadFile
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, Field

from aftercare.services.assistant import trials
from aftercare.services.console import (
    dashboards,
    export,
    files,
    funnels,
    outlook,
    share,
    webhooks,
)
from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import Right
from aftercare.web.console.guard import Db, Now, allow
from aftercare.web.console.review_routes import Wanted

router = APIRouter(tags=["report"])
Reader = Annotated[Actor, allow(Right.REPORT_VIEW)]
Exporter = Annotated[Actor, allow(Right.REPORT_EXPORT)]
Hooks = Annotated[Actor, allow(Right.WEBHOOK_MANAGE)]
Sharer = Annotated[Actor, allow(Right.SHARE_MANAGE)]
First = Annotated[date, Query(alias="from")]
Last = Annotated[date, Query(alias="to")]
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class NewWebhook(BaseModel):
    """An address to be told of events."""

    url: str = Field(max_length=512)
    events: list[str] = Field(min_length=1, max_length=10)


class NewShare(BaseModel):
    """A link for a colleague without an account."""

    name: str = Field(min_length=1, max_length=64)
    days: int = Field(7, ge=1, le=90)


class Trial(BaseModel):
    """Which model a guest wants to try; nothing: the one in use."""

    model: str | None = Field(None, max_length=64)


@router.get("/dashboards")
def figures(
    who: Reader,
    engine: Db,
    now: Now,
    first: First,
    last: Last,
    bucket: Literal["hour", "day"] = "day",
) -> dict[str, Any]:
    """Return all figures of a period."""
    return dashboards.dashboards(engine, first, last, bucket, now)


@router.get("/outlook")
def ahead(who: Reader, engine: Db, now: Now) -> dict[str, Any]:
    """Return contacts and waits to come, with their intervals."""
    return outlook.outlook(engine, now)


@router.get("/funnel")
def funnel(
    who: Reader,
    engine: Db,
    first: First,
    last: Last,
    steps: Annotated[str, Query(max_length=1_000)],
    exclude: Annotated[str, Query(max_length=1_000)] = "",
) -> dict[str, Any]:
    """Count the conversations that pass ordered steps."""
    wanted = [item for item in steps.split(",") if item]
    without = [item for item in exclude.split(",") if item]
    return {"steps": funnels.funnel(engine, wanted, without, first, last)}


@router.get("/export/conversations.csv", response_class=StreamingResponse)
def as_csv(who: Exporter, wanted: Wanted, engine: Db, now: Now) -> StreamingResponse:
    """Return one row per conversation as CSV."""
    rows = export.as_csv(export.table(engine, wanted, now))
    headers = {"content-disposition": 'attachment; filename="conversations.csv"'}
    return StreamingResponse(rows, media_type="text/csv", headers=headers)


@router.get("/export/conversations.xlsx", response_class=Response)
def as_xlsx(who: Exporter, wanted: Wanted, engine: Db, now: Now) -> Response:
    """Return one row per conversation as a workbook."""
    content = export.as_xlsx(export.table(engine, wanted, now))
    headers = {"content-disposition": 'attachment; filename="conversations.xlsx"'}
    return Response(content, media_type=SHEET, headers=headers)


@router.get("/webhooks")
def hooks(who: Hooks, engine: Db) -> dict[str, Any]:
    """List the webhooks and the events there are."""
    return {"items": webhooks.listed(engine), "events": webhooks.EVENTS}


@router.post("/webhooks")
def add_hook(
    body: NewWebhook, who: Hooks, engine: Db, now: Now, request: Request
) -> dict[str, Any]:
    """Add a webhook; the answer alone holds its secret."""
    allowed = request.app.state.settings.webhooks_private
    return webhooks.add(engine, who, body.url, body.events, now, private=allowed)


@router.delete("/webhooks/{webhook_id}", status_code=204)
def remove_hook(webhook_id: int, who: Hooks, engine: Db, now: Now) -> None:
    """Remove a webhook."""
    webhooks.remove(engine, who, webhook_id, now)


@router.get("/webhooks/{webhook_id}/deliveries")
def delivered(webhook_id: int, who: Hooks, engine: Db) -> dict[str, Any]:
    """List the last deliveries of a webhook."""
    return {"items": webhooks.deliveries(engine, webhook_id)}


@router.get("/share")
def links(who: Sharer, engine: Db) -> dict[str, Any]:
    """List the links for guests."""
    return {"items": share.listed(engine)}


@router.post("/share")
def add_link(body: NewShare, who: Sharer, engine: Db, now: Now) -> dict[str, Any]:
    """Make a link for a guest; the answer alone holds its address."""
    return share.add(engine, who, body.name, body.days, now)


@router.delete("/share/{share_id}", status_code=204)
def revoke_link(share_id: int, who: Sharer, engine: Db, now: Now) -> None:
    """Take a link back."""
    share.revoke(engine, who, share_id, now)


@router.get("/share/{token}/models")
def to_try(token: str, request: Request, engine: Db, now: Now) -> dict[str, Any]:
    """List the models a guest may try."""
    share.known(engine, token, now)
    return {"items": trials.choices(engine, request.app.state.settings)}


@router.post("/share/{token}/session")
def enter(
    token: str, request: Request, engine: Db, now: Now, body: Trial | None = None
) -> dict[str, str]:
    """Open a guest's trial conversation; give its id to the widget."""
    share.known(engine, token, now)
    wanted = body.model if body else None
    model = trials.check(engine, request.app.state.settings, wanted)
    return {"session_id": share.enter(engine, token, now, model)}


@router.post("/attachments")
def upload(
    file: UploadFile,
    who: Annotated[Actor, allow(Right.INBOX_SPEAK)],
    request: Request,
    engine: Db,
    now: Now,
) -> dict[str, Any]:
    """Store a picture or a PDF to send."""
    content = file.file.read(files.LARGEST + 1)
    folder = request.app.state.files_folder
    return files.save(engine, folder, who, file.filename or "", content, now)
