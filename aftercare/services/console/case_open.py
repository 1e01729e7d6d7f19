"""Cases that an agent opens for a customer, and grants within the rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.domain.cases import CaseKind, CaseState
from aftercare.domain.errors import AftercareError, Reason
from aftercare.domain.policy import Decision
from aftercare.domain.policy_rules import Rules
from aftercare.services.cases import (
    fresh_case_no,
    refuse_second_remedy,
    running_twin,
)
from aftercare.services.console import desk
from aftercare.services.console.audit import Actor
from aftercare.services.console.case_desk import Outcome, act_on
from aftercare.services.drafts import Draft, judge_line
from aftercare.store.cases import CaseRow
from aftercare.store.models import OrderLineRow
from aftercare.store.unit_of_work import again_if_rivalled, write

COMPENSATION = "compensation"


@dataclass(frozen=True, slots=True)
class Wish:
    """What an agent opens for a customer; `amount_fen` for a compensation."""

    conversation_id: str
    kind: str
    reason: str
    detail: str = ""
    amount_fen: int = 0


def open_for_customer(
    engine: Engine,
    actor: Actor,
    line_id: str,
    wish: Wish,
    rules: Rules,
    now: datetime,
    *,
    key: str,
) -> Outcome:
    """Open a case for a customer and grant it, within the rules and the limit.

    Raises:
        AftercareError: NOT_FOUND (also for another customer's line); KEY_REUSED
            for a key used with another wish; REFUSED_BY_POLICY with the rule;
            CHANGED_MEANWHILE while the same wish already runs; and as `act`.
    """

    def once() -> Outcome:
        with write(engine) as session:
            line = session.get(OrderLineRow, line_id, with_for_update=True)
            talk = desk.locked(session, wish.conversation_id)
            if line is None or line.customer_id != talk.customer_id:
                raise AftercareError(Reason.NOT_FOUND)
            row = _known(session, line, wish, key) or _new_case(
                session, line, wish, rules, now, key
            )
            return act_on(
                session, actor, row, line, "approve", now, key, None, wish.detail
            )

    return again_if_rivalled(once)


def _known(
    session: Session, line: OrderLineRow, wish: Wish, key: str
) -> CaseRow | None:
    """Return the case this key has opened, if it was opened for this wish."""
    row = session.scalar(
        select(CaseRow)
        .where(CaseRow.idempotency_key == f"agent:{key}")
        .with_for_update()
    )
    if row is None:
        return None
    goodwill = wish.kind == "compensate"
    same = (
        (row.line_id, row.conversation_id) == (line.id, wish.conversation_id)
        and (row.reason, row.detail) == (wish.reason, wish.detail)
        and (row.rule == COMPENSATION) == goodwill
        and (not goodwill or row.amount_fen == wish.amount_fen)
        and (goodwill or CaseKind(row.kind) in _kinds(wish.kind))
    )
    if not same:
        raise AftercareError(Reason.KEY_REUSED)
    return row


def _new_case(
    session: Session,
    line: OrderLineRow,
    wish: Wish,
    rules: Rules,
    now: datetime,
    key: str,
) -> CaseRow:
    if wish.kind == "compensate":
        left = line.paid_fen - line.refunded_fen
        if not 0 < wish.amount_fen <= left:
            raise AftercareError(Reason.OVER_PAID)
        decision = Decision(True, COMPENSATION, "goodwill", wish.amount_fen)
        kind = CaseKind.REFUND_ONLY
    else:
        if running_twin(session, line, wish.kind) is not None:
            raise AftercareError(Reason.CHANGED_MEANWHILE)
        refuse_second_remedy(session, line, wish.kind)
        draft = Draft(wish.kind, line.id, wish.reason, wish.detail)
        decision = judge_line(session, line, draft, rules, now)
        if not decision.allowed:
            raise AftercareError(Reason.REFUSED_BY_POLICY, decision.rule)
        kind = _kinds(wish.kind)[0 if line.shipment_id else -1]
    row = CaseRow(
        case_no=fresh_case_no(session, now),
        idempotency_key=f"agent:{key}",
        conversation_id=wish.conversation_id,
        customer_id=line.customer_id,
        line_id=line.id,
        kind=kind,
        state=CaseState.OPEN,
        reason=wish.reason,
        detail=wish.detail,
        amount_fen=decision.amount_fen,
        freight=decision.freight,
        rule=decision.rule,
        basis=decision.basis,
        deadline=decision.deadline,
        needs_human=True,
        opened_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _kinds(wanted: str) -> tuple[CaseKind, ...]:
    """Return what a wish becomes once shipped, and what before."""
    if wanted == "refund":
        return (CaseKind.RETURN_REFUND, CaseKind.REFUND_ONLY)
    return (CaseKind(wanted),)
