"""The coming two weeks: the plan, what if, the rota, spare parts, plans of before."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import Right
from aftercare.services.planning import parts, rota, view
from aftercare.services.planning.past import past
from aftercare.web.console.guard import Db, Now, allow

router = APIRouter(tags=["plan"])
Reader = Annotated[Actor, allow(Right.PLAN_VIEW)]
Editor = Annotated[Actor, allow(Right.PLAN_EDIT)]
PartNo = Annotated[str, Field(max_length=64)]


class Sliders(BaseModel):
    """What if: a sale (1 = Double 11), a recall, people who are ill."""

    festival: float = Field(0, ge=0, le=3)
    festival_on: date | None = None
    recall: int = Field(0, ge=0, le=1_000_000)
    recall_on: date | None = None
    recall_share: float = Field(0.35, ge=0, le=1)
    ill: float = Field(0, ge=0, le=100)

    def what_if(self) -> view.WhatIf:
        """Return them as the service takes them."""
        return view.WhatIf(**self.model_dump())


class Shift(BaseModel):
    """From and to in minutes of the day."""

    begins: int = Field(ge=0, le=1440)
    ends: int = Field(ge=0, le=1440)


class DayOfPerson(BaseModel):
    """All the shifts of one person on one day."""

    account_id: int
    day: date
    shifts: list[Shift] = Field(max_length=4)


class Week(BaseModel):
    """The first day of the week to fill."""

    to: date


class Part(BaseModel):
    """What is known of a spare part; money in fen."""

    name: str = Field(min_length=1, max_length=128)
    spus: list[PartNo] = Field([], max_length=200)
    on_hand: int = Field(ge=0, le=1_000_000)
    on_order: int = Field(0, ge=0, le=1_000_000)
    lead_days: int = Field(7, ge=0, le=365)
    unit_fen: int = Field(0, ge=0, le=100_000_000)
    short_fen: int = Field(5_000, ge=1, le=100_000_000)


class Taken(BaseModel):
    """A part that a repair takes from the shelf."""

    case_no: str = Field(max_length=32)
    quantity: int = Field(1, ge=1, le=100)


@router.get("/plan")
def plan(who: Reader, engine: Db, asked: Annotated[Sliders, Query()]) -> dict[str, Any]:
    """Return the newest plan by day, as the sliders change it."""
    return view.plan(engine, asked.what_if())


@router.get("/plan/days/{day}")
def plan_day(
    day: date, who: Reader, engine: Db, asked: Annotated[Sliders, Query()]
) -> dict[str, Any]:
    """Return one planned day by half-hour, and what its number is made of."""
    return view.day(engine, day, asked.what_if())


@router.get("/plan/past")
def plan_past(who: Reader, engine: Db, now: Now) -> dict[str, Any]:
    """Return how far plans were off, beside the naive plan."""
    return past(engine, now)


@router.get("/rota")
def shifts(
    who: Reader,
    engine: Db,
    first: Annotated[date, Query(alias="from")],
    days: Annotated[int, Query(ge=1, le=rota.MOST_DAYS)] = 14,
) -> dict[str, Any]:
    """Return who works when."""
    return rota.rota(engine, first, days)


@router.put("/rota", status_code=204)
def set_shifts(body: DayOfPerson, who: Editor, engine: Db, now: Now) -> None:
    """Give one person exactly these shifts on a day."""
    wanted = [rota.Shift(s.begins, s.ends) for s in body.shifts]
    rota.set_day(engine, who, body.account_id, body.day, wanted, now)


@router.post("/rota/copy")
def copy(body: Week, who: Editor, engine: Db, now: Now) -> dict[str, int]:
    """Repeat the week before, where nothing stands yet."""
    return {"shifts": rota.copy_week(engine, who, body.to, now)}


@router.get("/parts")
def shelf(who: Reader, engine: Db, now: Now) -> dict[str, Any]:
    """Return the spare parts with what to order, its costs and why."""
    return {"items": parts.proposals(engine, now)}


@router.put("/parts/{part_no}", status_code=204)
def save_part(part_no: PartNo, body: Part, who: Editor, engine: Db, now: Now) -> None:
    """Add a part, or change what is known of it."""
    parts.save_part(engine, who, part_no, body.model_dump(), now)


@router.post("/parts/{part_no}/take")
def take(
    part_no: PartNo,
    body: Taken,
    who: Annotated[Actor, allow(Right.CASE_DECIDE)],
    engine: Db,
    now: Now,
) -> dict[str, bool]:
    """Take a part for a repair, once."""
    done = parts.take_part(engine, who, body.case_no, part_no, body.quantity, now)
    return {"taken": done}
