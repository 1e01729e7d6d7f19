"""Cases that need a person: decided once, with limits and a second person."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.domain.calendar import shop_day
from aftercare.domain.cases import CaseKind, CaseState
from aftercare.domain.errors import AftercareError, Reason
from aftercare.domain.policy import Decision
from aftercare.domain.policy_rules import Rules
from aftercare.services.cases import move_case
from aftercare.services.console import desk
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.case_views import approval_view, case_view
from aftercare.services.console.options import options_in
from aftercare.services.conversations import Message
from aftercare.services.drafts import Draft, judge_line
from aftercare.services.refunds import refund_in
from aftercare.store.cases import CaseRow
from aftercare.store.desk import CaseActionRow
from aftercare.store.messages import ConversationRow
from aftercare.store.models import OrderLineRow
from aftercare.store.unit_of_work import write

S, K = CaseState, CaseKind
_BACK = (K.RETURN_REFUND, K.EXCHANGE, K.REPAIR)


@dataclass(slots=True)
class Outcome:
    """What came of an action, and what the customer was told."""

    case: dict[str, Any]
    outcome: str
    approval: dict[str, Any] | None
    conversation_id: str | None = None
    said: list[Message] | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What an agent opens for a customer; `amount_fen` for a compensation."""

    conversation_id: str
    kind: str
    reason: str
    detail: str = ""
    amount_fen: int = 0


def act(
    engine: Engine,
    actor: Actor,
    case_no: str,
    action: str,
    now: datetime,
    *,
    key: str,
    amount_fen: int | None = None,
    note: str = "",
) -> Outcome:
    """Do one thing to a case, once per key; above the limit ask a second person.

    Raises:
        AftercareError: NOT_FOUND; ILLEGAL_MOVE; KEY_REUSED; OVER_PAID;
            CHANGED_MEANWHILE while a second person is being asked.
    """
    with write(engine) as session:
        row = session.get(CaseRow, case_no, with_for_update=True)
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        return _act(session, actor, row, action, now, key, amount_fen, note)


def _act(
    session: Session,
    actor: Actor,
    row: CaseRow,
    action: str,
    now: datetime,
    key: str,
    amount_fen: int | None,
    note: str,
) -> Outcome:
    known = session.scalar(
        select(CaseActionRow).where(CaseActionRow.idempotency_key == key)
    )
    if known is not None:
        asked = (known.case_no, known.action, known.account_id)
        if asked != (row.case_no, action, actor.account_id):
            raise AftercareError(Reason.KEY_REUSED)
        return _outcome(session, row, known, now)
    if _pending(session, row.case_no) is not None:
        raise AftercareError(Reason.CHANGED_MEANWHILE)
    moves_money = _moves_money(row, action)
    amount = (
        (row.amount_fen if amount_fen is None else amount_fen) if moves_money else 0
    )
    if moves_money and amount <= 0:
        raise AftercareError(Reason.AMOUNT_NOT_POSITIVE)
    limit = options_in(session).limit_fen.get(actor.role, 0)
    alone = limit is None or amount <= limit
    asked_row = CaseActionRow(
        idempotency_key=key,
        case_no=row.case_no,
        action=action,
        amount_fen=amount,
        note=note,
        account_id=actor.account_id or 0,
        state="done" if alone else "waiting",
        at=now,
        decided_at=now if alone else None,
    )
    session.add(asked_row)
    session.flush()
    record(
        session,
        actor,
        f"case.{action}",
        now,
        row.case_no,
        amount_fen=amount,
        alone=alone,
    )
    said = _do(session, actor, row, action, amount, now) if alone else []
    return _outcome(session, row, asked_row, now, said)


def decide(
    engine: Engine, actor: Actor, approval_id: int, approve: bool, now: datetime
) -> Outcome:
    """Let a second person allow or decline what a first one asked for.

    Raises:
        AftercareError: NOT_FOUND; FORBIDDEN for the one who asked, and above
            the second person's own limit; CHANGED_MEANWHILE where it is decided.
    """
    with write(engine) as session:
        asked = session.get(CaseActionRow, approval_id, with_for_update=True)
        if asked is None:
            raise AftercareError(Reason.NOT_FOUND)
        if asked.state != "waiting":
            raise AftercareError(Reason.CHANGED_MEANWHILE)
        limit = options_in(session).limit_fen.get(actor.role, 0)
        over = limit is not None and asked.amount_fen > limit
        if asked.account_id == actor.account_id or (approve and over):
            raise AftercareError(Reason.FORBIDDEN)
        row = session.get_one(CaseRow, asked.case_no, with_for_update=True)
        asked.state = "approved" if approve else "declined"
        asked.second_id, asked.decided_at = actor.account_id, now
        record(session, actor, f"approval.{asked.state}", now, row.case_no)
        said = (
            _do(session, actor, row, asked.action, asked.amount_fen, now)
            if approve
            else []
        )
        session.flush()
        return _outcome(session, row, asked, now, said)


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
        AftercareError: NOT_FOUND (also for another customer's line);
            REFUSED_BY_POLICY with the rule; and as `act`.
    """
    with write(engine) as session:
        talk = desk.locked(session, wish.conversation_id)
        line = session.get(OrderLineRow, line_id, with_for_update=True)
        if line is None or line.customer_id != talk.customer_id:
            raise AftercareError(Reason.NOT_FOUND)
        known = session.scalar(
            select(CaseRow).where(CaseRow.idempotency_key == f"agent:{key}")
        )
        row = known or _new_case(session, line, wish, rules, now, key)
        return _act(session, actor, row, "approve", now, key, None, wish.detail)


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
        decision = Decision(True, "compensation", "goodwill", wish.amount_fen)
        kind = K.REFUND_ONLY
    else:
        draft = Draft(wish.kind, line.id, wish.reason, wish.detail)
        decision = judge_line(session, line, draft, rules, now)
        if not decision.allowed:
            raise AftercareError(Reason.REFUSED_BY_POLICY, decision.rule)
        kind = _kind(line, wish.kind)
    row = CaseRow(
        case_no=f"AS{shop_day(now):%y%m%d}{secrets.randbelow(10**8):08d}",
        idempotency_key=f"agent:{key}",
        conversation_id=wish.conversation_id,
        customer_id=line.customer_id,
        line_id=line.id,
        kind=kind,
        state=S.OPEN,
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


def _kind(line: OrderLineRow, wanted: str) -> CaseKind:
    if wanted == "refund":
        return K.RETURN_REFUND if line.shipment_id else K.REFUND_ONLY
    return K(wanted)


def _moves_money(row: CaseRow, action: str) -> bool:
    kind = CaseKind(row.kind)
    return (action == "approve" and kind is K.REFUND_ONLY) or (
        action == "finish" and kind is K.RETURN_REFUND
    )


def _do(
    session: Session,
    actor: Actor,
    row: CaseRow,
    action: str,
    amount: int,
    now: datetime,
) -> list[Message]:
    """Move the case, and the money where it is due, in this one transaction."""
    kind = CaseKind(row.kind)

    def to(state: CaseState) -> None:
        move_case(session, row, state, actor.login, row.rule, now)

    if action == "approve":
        to(S.APPROVED)
        if kind in _BACK:
            to(S.AWAITING_GOODS)
    elif action == "refuse":
        to(S.REFUSED)
    elif action == "receive_goods":
        to(S.GOODS_RECEIVED)
    elif action == "start_repair":
        to(S.IN_REPAIR)
    elif action == "send_back":
        to(S.SENT_BACK)
    elif action == "finish":
        to(S.DONE)
    else:
        raise AftercareError(Reason.MALFORMED, action)
    if _moves_money(row, action):
        line = session.get_one(OrderLineRow, row.line_id, with_for_update=True)
        refund_in(
            session,
            line,
            amount_fen=amount,
            rule=row.rule,
            idempotency_key=f"case:{row.case_no}",
            case_no=row.case_no,
            at=now,
        )
        row.amount_fen = amount
        if kind is K.REFUND_ONLY:
            to(S.DONE)
    row.needs_human = False
    session.flush()
    return _tell(session, row, action, amount, now)


def _tell(
    session: Session, row: CaseRow, action: str, amount: int, now: datetime
) -> list[Message]:
    """Say in the conversation what was decided, as the committed rows hold it."""
    talk = session.get(ConversationRow, row.conversation_id or "", with_for_update=True)
    if talk is None or action not in ("approve", "refuse", "finish"):
        return []
    if amount:
        yuan = f"{amount // 100}.{amount % 100:02d}"
        return [
            desk.say(
                session, talk, "case_refunded", now, case_no=row.case_no, amount=yuan
            )
        ]
    return [desk.say(session, talk, f"case_{action}", now, case_no=row.case_no)]


def _pending(session: Session, case_no: str) -> CaseActionRow | None:
    return session.scalar(
        select(CaseActionRow).where(
            CaseActionRow.case_no == case_no, CaseActionRow.state == "waiting"
        )
    )


def _outcome(
    session: Session,
    row: CaseRow,
    asked: CaseActionRow,
    now: datetime,
    said: list[Message] | None = None,
) -> Outcome:
    waiting = asked.state == "waiting"
    return Outcome(
        case=case_view(session, row, now),
        outcome="second_person_needed" if waiting else "done",
        approval=approval_view(session, asked) if asked.state != "done" else None,
        conversation_id=row.conversation_id,
        said=said,
    )
