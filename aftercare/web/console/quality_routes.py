"""The quality audit for supervisors, and for the agents whom it concerns."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from aftercare.domain.calendar import SHOP_ZONE
from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import Right
from aftercare.services.quality import desk, review, scorecard, transfers
from aftercare.web.console.guard import Db, Now, allow

router = APIRouter(tags=["quality"])
Own = Annotated[Actor, allow(Right.QUALITY_OWN)]
Reader = Annotated[Actor, allow(Right.QUALITY_VIEW)]
Judge = Annotated[Actor, allow(Right.QUALITY_JUDGE)]
First = Annotated[date, Query(alias="from")]
Last = Annotated[date, Query(alias="to")]


class Why(BaseModel):
    """An objection in one's own words."""

    why: str = Field(min_length=1, max_length=1_000)


class Verdict(BaseModel):
    """Whether a finding holds."""

    holds: bool
    note: str = Field("", max_length=1_000)


class Read(BaseModel):
    """What a person found in a talk."""

    faulty: bool
    note: str = Field("", max_length=1_000)


class Points(BaseModel):
    """Points of rules."""

    points: dict[str, int] = Field(max_length=100)


@router.get("/quality")
def overview(who: Reader, engine: Db, now: Now, first: First, last: Last) -> Any:
    """Return the findings' figures, the transfers and what reviews found."""
    begin, end = (
        datetime.combine(day, time(), SHOP_ZONE).astimezone(UTC)
        for day in (first, last + timedelta(days=1))
    )
    return {
        "summary": desk.summary(engine, begin, end),
        "transfers": transfers.transfers(engine, begin, end),
        "yields": review.yields(engine, now - timedelta(days=90)),
    }


@router.get("/quality/findings")
def findings(
    who: Reader,
    engine: Db,
    state: Literal["open", "confirmed", "rejected", "disputed"] | None = None,
    rule: Annotated[str | None, Query(max_length=64)] = None,
    agent: int | None = None,
    before: int | None = None,
) -> dict[str, Any]:
    """List findings, newest first."""
    return {
        "items": desk.listed(
            engine, state=state, rule=rule, account_id=agent, before=before
        )
    }


@router.get("/quality/mine")
def mine(who: Own, engine: Db) -> dict[str, Any]:
    """List the findings about oneself."""
    return {"items": desk.listed(engine, account_id=who.account_id)}


@router.post("/quality/findings/{finding_id}/dispute", status_code=204)
def dispute(who: Own, engine: Db, now: Now, finding_id: int, body: Why) -> None:
    """Object to a finding about oneself."""
    desk.dispute(engine, who, finding_id, body.why, now)


@router.post("/quality/findings/{finding_id}/decide", status_code=204)
def decide(who: Judge, engine: Db, now: Now, finding_id: int, body: Verdict) -> None:
    """Confirm or reject a finding."""
    desk.decide(engine, who, finding_id, holds=body.holds, note=body.note, now=now)


@router.get("/quality/reviews")
def reviews(who: Judge, engine: Db) -> dict[str, Any]:
    """List the talks picked for a person to read."""
    return {"items": review.to_review(engine)}


@router.post("/quality/reviews/{talk_id}", status_code=204)
def judge(who: Judge, engine: Db, now: Now, talk_id: str, body: Read) -> None:
    """Keep a verdict on a picked talk."""
    review.judge(engine, who, talk_id, faulty=body.faulty, note=body.note, now=now)


@router.get("/quality/scorecard")
def card(who: Reader, engine: Db) -> dict[str, Any]:
    """Return what each rule costs."""
    return scorecard.scorecard(engine)


@router.put("/quality/scorecard")
def set_card(who: Judge, engine: Db, now: Now, body: Points) -> dict[str, Any]:
    """Set what rules cost."""
    return scorecard.change(engine, who, body.points, now)
