"""Alerts and the risk desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from aftercare.services.alerts import desk as alerts
from aftercare.services.alerts.evidence import evidence
from aftercare.services.console.audit import Actor
from aftercare.services.console.rights import Right
from aftercare.services.risk import desk as risk
from aftercare.web.console.guard import Db, Now, allow

router = APIRouter(tags=["watch"])
AlertReader = Annotated[Actor, allow(Right.ALERT_VIEW)]
AlertHandler = Annotated[Actor, allow(Right.ALERT_HANDLE)]
RiskJudge = Annotated[Actor, allow(Right.RISK_JUDGE)]


class To(BaseModel):
    """Who shall handle an alert; nobody named: oneself."""

    account_id: int | None = None


class Closing(BaseModel):
    """What an alert was."""

    outcome: Literal["real", "false_alarm", "known"]
    note: str = Field("", max_length=1_000)


class Verdict(BaseModel):
    """What a person thinks of a customer's returns."""

    verdict: Literal["bad", "fine", "unsure"]
    note: str = Field("", max_length=1_000)


@router.get("/alerts")
def listed(
    who: AlertReader, engine: Db, now: Now, closed: bool = False
) -> dict[str, Any]:
    """List alerts, those of one incident together, and how precise they were."""
    return {
        "items": alerts.listed(engine, closed=closed),
        "precision": alerts.precision(engine, now - timedelta(days=90)),
    }


@router.get("/alerts/{alert_id}/evidence")
def behind(who: AlertReader, engine: Db, alert_id: int) -> dict[str, Any]:
    """Return the orders, cases, talks or people behind an alert, and where all are."""
    return evidence(engine, alert_id)


@router.post("/alerts/{alert_id}/assign", status_code=204)
def assign(who: AlertHandler, engine: Db, now: Now, alert_id: int, body: To) -> None:
    """Give an alert to a person."""
    alerts.assign(engine, who, alert_id, body.account_id, now)


@router.post("/alerts/{alert_id}/close", status_code=204)
def close(
    who: AlertHandler, engine: Db, now: Now, alert_id: int, body: Closing
) -> None:
    """Close an alert."""
    alerts.close(engine, who, alert_id, body.outcome, body.note, now)


@router.get("/risk")
def notes(who: RiskJudge, engine: Db, judged: bool = False) -> dict[str, Any]:
    """List the customers a person should look at, with reasons and links."""
    return {"items": risk.listed(engine, judged=judged), "costs": risk.costs(engine)}


@router.post("/risk/{customer_id}", status_code=204)
def judge(
    who: RiskJudge, engine: Db, now: Now, customer_id: str, body: Verdict
) -> None:
    """Keep a verdict; it teaches the model and changes nothing else."""
    risk.judge(engine, who, customer_id, body.verdict, body.note, now)
