"""Cases, second persons, and what lies beside a chat."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from aftercare.domain.policy_rules import load_rules
from aftercare.services.console import case_desk, case_open, case_views, customer
from aftercare.services.console.audit import Actor
from aftercare.services.console.case_desk import Outcome
from aftercare.services.console.case_open import Wish
from aftercare.services.console.desk import Step
from aftercare.services.console.rights import Right
from aftercare.services.drafts import Draft
from aftercare.web.console.guard import Db, Now, allow

router = APIRouter(tags=["case"])
Viewer = Annotated[Actor, allow(Right.CASE_VIEW)]
Decider = Annotated[Actor, allow(Right.CASE_DECIDE)]
Second = Annotated[Actor, allow(Right.CASE_SECOND)]


class Action(BaseModel):
    """What to do to a case; the key makes a repeat harmless."""

    action: Literal[
        "approve", "refuse", "receive_goods", "start_repair", "send_back", "finish"
    ]
    amount_fen: int | None = Field(None, ge=1)
    note: str = Field("", max_length=1_000)
    idempotency_key: str = Field(min_length=8, max_length=100)


class NewCase(BaseModel):
    """What to open for the customer of a conversation."""

    conversation_id: str = Field(max_length=64)
    kind: Literal["refund", "exchange", "repair", "reship", "complaint", "compensate"]
    reason: str = Field("other", max_length=32)
    detail: str = Field("", max_length=1_000)
    amount_fen: int = Field(0, ge=0)
    idempotency_key: str = Field(min_length=8, max_length=100)


class Verdict(BaseModel):
    """What a second person says."""

    approve: bool
    note: str = Field("", max_length=1_000)


def _told(request: Request, outcome: Outcome) -> dict[str, Any]:
    live = request.app.state.live
    live.send("case", outcome.case)
    if outcome.approval is not None:
        live.send("approval", outcome.approval)
    if outcome.conversation_id and outcome.said:
        live.stepped(Step(outcome.conversation_id, outcome.said))
    return {
        "case": outcome.case,
        "outcome": outcome.outcome,
        "approval": outcome.approval,
    }


@router.get("/cases")
def cases(
    who: Viewer,
    engine: Db,
    now: Now,
    state: Literal["waiting", "open", "all"] = "waiting",
    kind: str | None = None,
    cursor: Annotated[int, Field(ge=0)] = 0,
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """List cases, the most urgent deadline first."""
    return case_views.cases(engine, now, state, kind, cursor, limit)


@router.get("/cases/{case_no}")
def case(case_no: str, who: Viewer, engine: Db, now: Now) -> dict[str, Any]:
    """Return a case with its history."""
    return case_views.case(engine, case_no, now)


@router.post("/cases/{case_no}/actions")
def act(
    case_no: str, body: Action, who: Decider, request: Request, engine: Db, now: Now
) -> dict[str, Any]:
    """Do one thing to a case, or ask a second person above one's limit."""
    outcome = case_desk.act(
        engine,
        who,
        case_no,
        body.action,
        now,
        key=body.idempotency_key,
        amount_fen=body.amount_fen,
        note=body.note,
    )
    return _told(request, outcome)


@router.post("/lines/{line_id}/cases")
def open_case(
    line_id: str, body: NewCase, who: Decider, request: Request, engine: Db, now: Now
) -> dict[str, Any]:
    """Open a case for the customer and grant it, within the rules."""
    wish = Wish(
        body.conversation_id, body.kind, body.reason, body.detail, body.amount_fen
    )
    outcome = case_open.open_for_customer(
        engine, who, line_id, wish, load_rules(), now, key=body.idempotency_key
    )
    return _told(request, outcome)


@router.get("/lines/{line_id}/verdict")
def verdict(
    line_id: str,
    conversation_id: Annotated[str, Field(max_length=64)],
    kind: Literal["refund", "exchange", "repair", "reship", "complaint"],
    who: Decider,
    engine: Db,
    now: Now,
    reason: Annotated[str, Field(max_length=32)] = "other",
) -> dict[str, Any]:
    """Say what the rules make of a wish with this reason, before it is opened."""
    draft = Draft(kind, line_id, reason)
    return customer.verdict_of(
        engine, conversation_id, line_id, draft, load_rules(), now
    )


@router.get("/approvals")
def approvals(who: Viewer, engine: Db) -> dict[str, Any]:
    """List what waits for a second person."""
    return {"items": case_views.approvals(engine)}


@router.post("/approvals/{approval_id}")
def decide(
    approval_id: int,
    body: Verdict,
    who: Second,
    request: Request,
    engine: Db,
    now: Now,
) -> dict[str, Any]:
    """Allow or decline, as a second person."""
    outcome = case_desk.decide(engine, who, approval_id, body.approve, now)
    return _told(request, outcome)


@router.get("/conversations/{talk_id}/customer")
def panel(
    talk_id: str,
    who: Annotated[Actor, allow(Right.INBOX_VIEW)],
    engine: Db,
    now: Now,
) -> dict[str, Any]:
    """Return the customer with orders, verdicts, parcels and cases."""
    return customer.panel(engine, talk_id, load_rules(), now)


@router.get("/conversations/{talk_id}/talks")
def earlier(
    talk_id: str,
    who: Annotated[Actor, allow(Right.INBOX_VIEW)],
    engine: Db,
    now: Now,
) -> dict[str, Any]:
    """List the customer's other conversations."""
    return {"items": customer.earlier(engine, talk_id, now)}
