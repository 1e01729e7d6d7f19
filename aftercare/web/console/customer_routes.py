"""Customers: lists, one with all that is known, tags, consents, campaigns."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from aftercare.services.consents import Purpose
from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import Right
from aftercare.services.customers import campaigns, view
from aftercare.web.console.guard import Db, Now, allow

router = APIRouter(tags=["customer"])
Reader = Annotated[Actor, allow(Right.CUSTOMER_VIEW)]
Manager = Annotated[Actor, allow(Right.CAMPAIGN_MANAGE)]
Word = Annotated[str, Query(max_length=64)]


class Tags(BaseModel):
    """All the tags of a customer."""

    tags: list[str] = Field(max_length=20)


class Said(BaseModel):
    """What a customer allows or refuses."""

    purpose: Purpose
    given: bool


class NewCampaign(BaseModel):
    """What to tell whom, and how many to leave alone so that it can be measured."""

    name: str = Field(min_length=1, max_length=64)
    kind: Literal["accessory", "voucher", "care"]
    text: str = Field(min_length=1, max_length=500)
    after_days: int = Field(3, ge=0, le=365)
    control_share: float = Field(0.2, ge=0.05, le=0.9)
    outcome_days: int = Field(30, ge=1, le=180)


@router.get("/customers")
def customers(
    who: Reader,
    engine: Db,
    band: Literal["", "high", "at_risk"] = "",
    segment: Word = "",
    tag: Word = "",
    text: Word = "",
) -> dict[str, Any]:
    """Return a list of customers, fifty at most, and how many each list has."""
    return view.listed(engine, band=band, segment=segment, tag=tag, text=text)


@router.get("/customers/{customer_id}")
def customer(customer_id: str, who: Reader, engine: Db, now: Now) -> dict[str, Any]:
    """Return all that is known of a customer."""
    return view.profile(engine, customer_id, now)


@router.put("/customers/{customer_id}/tags")
def set_tags(
    customer_id: str, body: Tags, who: Reader, engine: Db, now: Now
) -> dict[str, Any]:
    """Put exactly these tags on a customer."""
    return {"tags": view.set_tags(engine, who, customer_id, body.tags, now)}


@router.put("/customers/{customer_id}/consents", status_code=204)
def set_consent(
    customer_id: str, body: Said, who: Reader, engine: Db, now: Now
) -> None:
    """Write down what a customer told an agent."""
    view.set_consent(engine, who, customer_id, body.purpose, now, given=body.given)


@router.get("/campaigns")
def listed(who: Manager, engine: Db, now: Now) -> dict[str, Any]:
    """Return the campaigns with what they brought."""
    return {"items": campaigns.listed(engine, now)}


@router.post("/campaigns")
def add(body: NewCampaign, who: Manager, engine: Db, now: Now) -> dict[str, Any]:
    """Keep a draft."""
    return campaigns.add(engine, who, body.model_dump(), now)


@router.post("/campaigns/{campaign_id}/{state}")
def switch(
    campaign_id: int,
    state: Literal["running", "stopped"],
    who: Manager,
    engine: Db,
    now: Now,
) -> dict[str, Any]:
    """Start or stop a campaign."""
    return campaigns.switch(engine, who, campaign_id, state, now)
