"""How content customers are, and the follow-ups of low scores."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from aftercare.domain.calendar import SHOP_ZONE
from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import Right
from aftercare.services.surveys import followups
from aftercare.services.surveys.figures import figures
from aftercare.services.trials.view import measured
from aftercare.web.console.guard import Db, Now, allow

router = APIRouter(tags=["satisfaction"])
Reader = Annotated[Actor, allow(Right.SATISFACTION_VIEW)]
Follower = Annotated[Actor, allow(Right.SATISFACTION_FOLLOW)]


class Outcome(BaseModel):
    """What came of a follow-up."""

    outcome: Literal["called_back", "case_opened", "explained", "no_answer", "not_ours"]
    note: str = Field("", max_length=1_000)


@router.get("/satisfaction")
def satisfaction(
    who: Reader,
    engine: Db,
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
) -> dict[str, Any]:
    """Return all figures of the surveys of a period."""
    begin = datetime.combine(first, time(), SHOP_ZONE).astimezone(UTC)
    end = datetime.combine(last, time(), SHOP_ZONE).astimezone(UTC)
    return figures(engine, begin, end + timedelta(days=1))


@router.get("/satisfaction/trials")
def trials(who: Reader, engine: Db) -> dict[str, Any]:
    """Return what is tried on surveys, and what it has shown."""
    return {"items": measured(engine)}


@router.get("/followups")
def tasks(who: Follower, engine: Db, now: Now, done: bool = False) -> dict[str, Any]:
    """List the follow-ups."""
    return {"items": followups.listed(engine, now, done=done)}


@router.post("/followups/{task_id}/take", status_code=204)
def take(who: Follower, engine: Db, now: Now, task_id: int) -> None:
    """Make a follow-up one's own."""
    followups.take(engine, who, task_id, now)


@router.post("/followups/{task_id}/close", status_code=204)
def close(who: Follower, engine: Db, now: Now, task_id: int, body: Outcome) -> None:
    """Close a follow-up with its outcome."""
    followups.close(engine, who, task_id, body.outcome, body.note, now)
