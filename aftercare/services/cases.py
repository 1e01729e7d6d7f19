"""Open a case by its one-time button, and say where the cases stand."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.domain.calendar import last_day, shop_day
from aftercare.domain.cases import REFUND_DAYS, Case, CaseKind, CaseState
from aftercare.domain.errors import AftercareError, Reason
from aftercare.domain.orders import Fulfilment
from aftercare.domain.policy import Decision, Rule
from aftercare.domain.policy_rules import Rules
from aftercare.services.access import Viewer, access_own_line, own_lines
from aftercare.services.drafts import Draft, judge_line
from aftercare.services.orders import line_facts
from aftercare.services.refunds import refund_in
from aftercare.store.cases import CaseEventRow, CaseRow, ConfirmationRow
from aftercare.store.desk import CaseActionRow
from aftercare.store.models import OrderLineRow, ProductRow, RefundRow
from aftercare.store.unit_of_work import read, write

# Each gives the whole worth of the goods: one of them at a time.
REMEDIES = frozenset({"refund", "exchange", "reship"})
VALID_FOR = timedelta(minutes=30)
FINAL = frozenset({CaseState.DONE, CaseState.REFUSED, CaseState.CANCELLED})


@dataclass(frozen=True, slots=True)
class CaseView:
    """A committed case; `refunded_fen` only counts committed refund rows.

    `received_on` is the day the goods came back, None where they have not.
    `bulky` goods are never sent in: they are mended at the customer's, or fetched.
    `ran_before` says of a confirmation that it met a case another had opened.
    """

    case_no: str
    kind: CaseKind
    state: CaseState
    title: str
    amount_fen: int
    refunded_fen: int
    rule: str
    freight: str
    deadline: date | None
    needs_human: bool
    opened_at: datetime
    line_id: str
    received_on: date | None
    bulky: bool
    ran_before: bool = False


def confirm(
    engine: Engine, viewer: Viewer, nonce: str, rules: Rules, now: datetime
) -> CaseView:
    """Open the case a nonce stands for, once; a repeat returns the same case.

    Raises:
        AftercareError: NOT_FOUND (also another's nonce), CONFIRMATION_EXPIRED
            after 30 minutes, CONFIRMATION_STALE where the rules or the amount
            have changed since the customer read them, CHANGED_MEANWHILE where
            another remedy of the same goods is under way.
    """
    with write(engine) as session:
        asked = session.scalar(
            select(ConfirmationRow)
            .where(
                ConfirmationRow.nonce == nonce,
                ConfirmationRow.conversation_id == viewer.conversation_id,
            )
            .with_for_update()
        )
        if asked is None:
            raise AftercareError(Reason.NOT_FOUND)
        line = access_own_line(session, viewer, asked.line_id)
        if asked.case_no is None:
            if now - asked.created_at > VALID_FOR:
                raise AftercareError(Reason.CONFIRMATION_EXPIRED)
            wish = "refund" if asked.kind == "refund_only" else asked.kind
            row = running_twin(session, line, wish)
            if row is None:
                refuse_second_remedy(session, line, wish)
                row = _open(session, line, asked, rules, now)
            asked.case_no = row.case_no
            asked.used_at = now
            session.flush()
        row = session.get_one(CaseRow, asked.case_no)
        opened_by_it = row.idempotency_key == _key_of(asked)
        return replace(_view(session, row), ran_before=not opened_by_it)


def running_on(
    engine: Engine, viewer: Viewer, line_id: str, kind: str
) -> CaseView | None:
    """Return the running case that confirming a wish would meet, None if none.

    Raises:
        AftercareError: NOT_FOUND.
    """
    wish = "refund" if kind == "refund_only" else kind
    wishes = [wish, *sorted(REMEDIES - {wish} if wish in REMEDIES else ())]
    with read(engine) as session:
        line = access_own_line(session, viewer, line_id)
        met = (running_twin(session, line, item) for item in wishes)
        row = next((row for row in met if row is not None), None)
        return None if row is None else _view(session, row)


def own_cases(engine: Engine, viewer: Viewer, limit: int = 5) -> list[CaseView]:
    """Return the viewer's cases, newest first."""
    with read(engine) as session:
        rows = session.scalars(
            select(CaseRow)
            .join(OrderLineRow, OrderLineRow.id == CaseRow.line_id)
            .where(own_lines(session, viewer))
            .order_by(CaseRow.opened_at.desc())
            .limit(limit)
        ).all()
        return [_view(session, row) for row in rows]


def cancel(engine: Engine, viewer: Viewer, case_no: str, now: datetime) -> CaseView:
    """Cancel the viewer's own case.

    Raises:
        AftercareError: NOT_FOUND, or ILLEGAL_MOVE where it is too late.
    """
    with write(engine) as session:
        mine = session.scalar(
            select(CaseRow.case_no)
            .join(OrderLineRow, OrderLineRow.id == CaseRow.line_id)
            .where(CaseRow.case_no == case_no, own_lines(session, viewer))
        )
        if mine is None:
            raise AftercareError(Reason.NOT_FOUND)
        row, _ = locked_case(session, mine)
        _withdraw(session, row, now)
        move_case(session, row, CaseState.CANCELLED, "customer", "customer_wish", now)
        return _view(session, row)


def note_return(
    engine: Engine, viewer: Viewer, tracking_no: str, now: datetime
) -> CaseView | None:
    """Note in the history that the customer has sent the goods of a case back.

    Returns the newest of the viewer's cases that waits for goods, None where
    none does; the same number noted again changes nothing.
    """
    with write(engine) as session:
        row = session.scalar(
            select(CaseRow)
            .join(OrderLineRow, OrderLineRow.id == CaseRow.line_id)
            .where(
                own_lines(session, viewer), CaseRow.state == CaseState.AWAITING_GOODS
            )
            .order_by(CaseRow.opened_at.desc())
            .limit(1)
            .with_for_update(of=CaseRow)
        )
        if row is None:
            return None
        rule = f"return_sent:{tracking_no}"[:64]
        known = session.scalar(
            select(CaseEventRow.id).where(
                CaseEventRow.case_no == row.case_no, CaseEventRow.rule == rule
            )
        )
        if known is None:
            session.add(
                CaseEventRow(
                    case_no=row.case_no,
                    at=now,
                    actor="customer",
                    rule=rule,
                    before=row.state,
                    after=row.state,
                )
            )
        return _view(session, row)


def locked_case(session: Session, case_no: str) -> tuple[CaseRow, OrderLineRow]:
    """Return a case and its line, locked in the one order: line first.

    Raises:
        AftercareError: NOT_FOUND.
    """
    line_id = session.scalar(select(CaseRow.line_id).where(CaseRow.case_no == case_no))
    if line_id is None:
        raise AftercareError(Reason.NOT_FOUND)
    line = session.get_one(OrderLineRow, line_id, with_for_update=True)
    return session.get_one(CaseRow, case_no, with_for_update=True), line


def _withdraw(session: Session, row: CaseRow, now: datetime) -> None:
    """Nobody need decide any more about a case its customer cancels."""
    waiting = select(CaseActionRow).where(
        CaseActionRow.case_no == row.case_no, CaseActionRow.state == "waiting"
    )
    for asked in session.scalars(waiting.with_for_update()):
        asked.state, asked.decided_at = "declined", now


def running_twin(session: Session, line: OrderLineRow, wish: str) -> CaseRow | None:
    """Return a running case for the same wish on a locked line, whoever opened it.

    Two tabs, or a tab and an agent, open one case.
    """
    rows = session.scalars(
        select(CaseRow).where(CaseRow.line_id == line.id, CaseRow.state.not_in(FINAL))
    )
    return next((row for row in rows if wish == _wish_of(row)), None)


def refuse_second_remedy(session: Session, line: OrderLineRow, wish: str) -> None:
    """Refuse money and new goods for the same line at once; the line is locked.

    Raises:
        AftercareError: CHANGED_MEANWHILE; its detail is the running case's number.
    """
    if wish not in REMEDIES:
        return
    for remedy in sorted(REMEDIES - {wish}):
        running = running_twin(session, line, remedy)
        if running is not None:
            raise AftercareError(Reason.CHANGED_MEANWHILE, running.case_no)


def _wish_of(row: CaseRow) -> str:
    if row.rule in (Rule.PRICE_PROTECTION, "compensation"):
        return row.rule
    refunds = (CaseKind.REFUND_ONLY, CaseKind.RETURN_REFUND)
    return "refund" if CaseKind(row.kind) in refunds else row.kind


def _key_of(asked: ConfirmationRow) -> str:
    return f"{asked.kind}:{asked.nonce}"


def _open(
    session: Session,
    line: OrderLineRow,
    asked: ConfirmationRow,
    rules: Rules,
    now: datetime,
) -> CaseRow:
    draft = Draft(**asked.draft)  # type: ignore[arg-type]
    decision = judge_line(session, line, draft, rules, now)
    if not decision.allowed or decision.amount_fen != asked.amount_fen:
        raise AftercareError(Reason.CONFIRMATION_STALE, decision.rule)
    row = CaseRow(
        case_no=fresh_case_no(session, now),
        idempotency_key=_key_of(asked),
        conversation_id=asked.conversation_id,
        customer_id=line.customer_id,
        line_id=line.id,
        kind=_kind(session, line, draft, decision),
        state=CaseState.OPEN,
        reason=draft.reason,
        detail=draft.detail,
        amount_fen=decision.amount_fen,
        freight=decision.freight,
        rule=decision.rule,
        basis=decision.basis,
        deadline=decision.deadline,
        needs_human=decision.needs_human,
        target_sku=draft.target_sku,
        opened_at=now,
    )
    session.add(row)
    session.flush()
    if not decision.needs_human:
        _approve(session, line, row, decision, now)
    return row


def _approve(
    session: Session,
    line: OrderLineRow,
    row: CaseRow,
    decision: Decision,
    now: datetime,
) -> None:
    """Let the standard process confirm; money moves only if no goods come back."""
    move_case(session, row, CaseState.APPROVED, "policy", decision.rule, now)
    if row.kind != CaseKind.REFUND_ONLY:
        move_case(session, row, CaseState.AWAITING_GOODS, "policy", decision.rule, now)
        return
    refund_in(
        session,
        line,
        amount_fen=decision.amount_fen,
        rule=decision.rule,
        idempotency_key=f"case:{row.case_no}",
        case_no=row.case_no,
        at=now,
    )
    move_case(session, row, CaseState.DONE, "policy", decision.rule, now)


def move_case(
    session: Session, row: CaseRow, to: CaseState, actor: str, rule: str, now: datetime
) -> None:
    """Pass a locked case to its next state, with the move in its history."""
    case = Case(row.case_no, row.line_id, CaseKind(row.kind), CaseState(row.state))
    moved = case.move(to, actor=actor, rule=rule, at=now)
    event = moved.history[-1]
    session.add(
        CaseEventRow(
            case_no=row.case_no,
            at=now,
            actor=actor,
            rule=rule,
            before=event.before,
            after=event.after,
        )
    )
    row.state = moved.state
    if row.kind == CaseKind.RETURN_REFUND and to is CaseState.GOODS_RECEIVED:
        # The customer's term is used; from now on it is the shop that has one.
        row.deadline = last_day(now, REFUND_DAYS)


def _kind(
    session: Session, line: OrderLineRow, draft: Draft, decision: Decision
) -> CaseKind:
    if draft.kind == "price_protection" or decision.rule == Rule.REFUND_ONLY_REVIEW:
        return CaseKind.REFUND_ONLY
    if draft.kind != "refund":
        return CaseKind(draft.kind)
    delivered = line_facts(session, line).fulfilment is Fulfilment.DELIVERED
    return CaseKind.RETURN_REFUND if delivered else CaseKind.REFUND_ONLY


def fresh_case_no(session: Session, now: datetime) -> str:
    """Return a number no case has; a busy day would otherwise draw one twice."""
    while True:
        number = f"AS{shop_day(now):%y%m%d}{secrets.randbelow(10**8):08d}"
        if session.get(CaseRow, number) is None:
            return number


def _view(session: Session, row: CaseRow) -> CaseView:
    line = session.get_one(OrderLineRow, row.line_id)
    item = session.get_one(ProductRow, line.sku)
    refunds = session.scalars(
        select(RefundRow.amount_fen).where(RefundRow.case_no == row.case_no)
    )
    received = session.scalar(
        select(func.min(CaseEventRow.at)).where(
            CaseEventRow.case_no == row.case_no,
            CaseEventRow.after == CaseState.GOODS_RECEIVED,
        )
    )
    return CaseView(
        case_no=row.case_no,
        kind=CaseKind(row.kind),
        state=CaseState(row.state),
        title=item.title,
        amount_fen=row.amount_fen,
        refunded_fen=sum(refunds),
        rule=row.rule,
        freight=row.freight,
        deadline=row.deadline,
        needs_human=row.needs_human,
        opened_at=row.opened_at,
        line_id=row.line_id,
        received_on=None if received is None else shop_day(received),
        bulky=item.bulky,
    )
