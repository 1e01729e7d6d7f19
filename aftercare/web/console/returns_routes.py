"""Why goods come back: rates, notes to the shop, and whether exchanges help."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter

from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import Right
from aftercare.services.returns import exchange, figures, notes
from aftercare.web.console.guard import Db, Now, allow

router = APIRouter(tags=["returns"])
Reader = Annotated[Actor, allow(Right.RETURNS_VIEW)]
Judge = Annotated[Actor, allow(Right.RETURNS_DECIDE)]


@router.get("/returns")
def rates(who: Reader, engine: Db, now: Now) -> dict[str, Any]:
    """Return the rates by product, size, batch and description, and the reasons."""
    return figures.figures(engine, now) | {"exchange": exchange.measured(engine)}


@router.get("/returns/notes")
def listed(
    who: Reader, engine: Db, state: Literal["open", "done", "dismissed"] = "open"
) -> dict[str, Any]:
    """Return the notes to the shop, each with its share, basis and examples."""
    return {"items": notes.listed(engine, state)}


@router.get("/returns/notes/{note_id}")
def behind(note_id: int, who: Reader, engine: Db, now: Now) -> dict[str, Any]:
    """Return the cases behind a note and what was said of them, masked."""
    return notes.why(engine, note_id, now)


@router.post("/returns/notes/{note_id}/{state}", status_code=204)
def decide(
    note_id: int,
    state: Literal["done", "dismissed", "open"],
    who: Judge,
    engine: Db,
    now: Now,
) -> None:
    """Say that a note was acted on, or is none."""
    notes.decide(engine, who, note_id, state, now)
