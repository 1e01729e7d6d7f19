"""Cases that need a person: decided once, with limits and a second person.

Rows are locked in one order everywhere: order line, case, action, conversation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.domain.cases import Case, CaseKind, CaseState
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.cases import locked_case, move_case
from aftercare.services.console import desk
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.case_views import approval_view, case_view
from aftercare.services.console.options import options_in
from aftercare.services.conversations import Message
from aftercare.services.refunds import refund_in
from aftercare.store.cases import CaseRow
from aftercare.store.desk import CaseActionRow
from aftercare.store.messages import ConversationRow
from aftercare.store.models import OrderLineRow
from aftercare.store.unit_of_work import again_if_rivalled, write

S, K = CaseState, CaseKind
_BACK = (K.RETURN_REFUND, K.EXCHANGE, K.REPAIR)
_ENDS = {
    "refuse": S.REFUSED,
    "receive_goods": S.GOODS_RECEIVED,
    "start_repair": S.IN_REPAIR,
    "send_back": S.SENT_BACK,
    "finish": S.DONE,
}


@dataclass(slots=True)
class Outcome:
    """What came of an action, and what the customer was told."""

    case: dict[str, Any]
    outcome: str
    approval: dict[str, Any] | None
    conversation_id: str | None = None
    said: list[Message] | None = None


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

    Whether it may be done at all is looked at before a second person is asked.

    Raises:
        AftercareError: NOT_FOUND; ILLEGAL_MOVE; KEY_REUSED, also for the same
            action with another amount; OVER_PAID; CHANGED_MEANWHILE while a
            second person is being asked.
    """

    def once() -> Outcome:
        with write(engine) as session:
            row, line = locked_case(session, case_no)
            return act_on(session, actor, row, line, action, now, key, amount_fen, note)

    return again_if_rivalled(once)


def act_on(
    session: Session,
    actor: Actor,
    row: CaseRow,
    line: OrderLineRow,
    action: str,
    now: datetime,
    key: str,
    amount_fen: int | None,
    note: str,
) -> Outcome:
    """Do as `act` inside a transaction that locked the line, then the case."""
    moves_money = _moves_money(row, action)
    amount = (
        (row.amount_fen if amount_fen is None else amount_fen) if moves_money else 0
    )
    known = session.scalar(
        select(CaseActionRow).where(CaseActionRow.idempotency_key == key)
    )
    if known is not None:
        asked = (known.case_no, known.action, known.account_id, known.amount_fen)
        if asked != (row.case_no, action, actor.account_id, amount):
            raise AftercareError(Reason.KEY_REUSED)
        return _outcome(session, row, known, now)
    if _pending(session, row.case_no) is not None:
        raise AftercareError(Reason.CHANGED_MEANWHILE)
    _check(row, line, action, amount, actor, now)
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
    said = _do(session, actor, row, line, action, amount, now) if alone else []
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
        case_no = session.scalar(
            select(CaseActionRow.case_no).where(CaseActionRow.id == approval_id)
        )
        if case_no is None:
            raise AftercareError(Reason.NOT_FOUND)
        row, line = locked_case(session, case_no)
        asked = session.get_one(CaseActionRow, approval_id, with_for_update=True)
        if asked.state != "waiting":
            raise AftercareError(Reason.CHANGED_MEANWHILE)
        limit = options_in(session).limit_fen.get(actor.role, 0)
        over = limit is not None and asked.amount_fen > limit
        if asked.account_id == actor.account_id or (approve and over):
            raise AftercareError(Reason.FORBIDDEN)
        asked.state = "approved" if approve else "declined"
        asked.second_id, asked.decided_at = actor.account_id, now
        record(session, actor, f"approval.{asked.state}", now, row.case_no)
        said = (
            _do(session, actor, row, line, asked.action, asked.amount_fen, now)
            if approve
            else []
        )
        session.flush()
        return _outcome(session, row, asked, now, said)


def _moves_money(row: CaseRow, action: str) -> bool:
    kind = CaseKind(row.kind)
    return (action == "approve" and kind is K.REFUND_ONLY) or (
        action == "finish" and kind is K.RETURN_REFUND
    )


def _path(kind: CaseKind, action: str) -> tuple[CaseState, ...]:
    """Return the states an action passes through."""
    if action == "approve":
        rest = {K.REFUND_ONLY: (S.DONE,)} | dict.fromkeys(_BACK, (S.AWAITING_GOODS,))
        return (S.APPROVED, *rest.get(kind, ()))
    if action not in _ENDS:
        raise AftercareError(Reason.MALFORMED, action)
    return (_ENDS[action],)


def _check(
    row: CaseRow,
    line: OrderLineRow,
    action: str,
    amount: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Refuse what cannot be done, changing nothing."""
    kind = CaseKind(row.kind)
    case = Case(row.case_no, row.line_id, kind, CaseState(row.state))
    for state in _path(kind, action):
        case = case.move(state, actor=actor.login, rule=row.rule, at=now)
    if not _moves_money(row, action):
        return
    if amount <= 0:
        raise AftercareError(Reason.AMOUNT_NOT_POSITIVE)
    if line.refunded_fen + amount > line.paid_fen:
        raise AftercareError(Reason.OVER_PAID)


def _do(
    session: Session,
    actor: Actor,
    row: CaseRow,
    line: OrderLineRow,
    action: str,
    amount: int,
    now: datetime,
) -> list[Message]:
    """Move the case, and the money where it is due, in this one transaction."""
    for state in _path(CaseKind(row.kind), action):
        move_case(session, row, state, actor.login, row.rule, now)
    if _moves_money(row, action):
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
