"""What must be true of the money in a database, whatever has happened to it."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.domain.cases import CaseKind, CaseState
from aftercare.services.cases import FINAL
from aftercare.store.cases import CaseEventRow, CaseRow, ConfirmationRow
from aftercare.store.desk import CaseActionRow
from aftercare.store.models import OrderLineRow, RefundRow

MONEY = (CaseKind.REFUND_ONLY, CaseKind.RETURN_REFUND)


def check_money(engine: Engine, line_ids: list[str]) -> None:
    """Fail where money was doubled, was more than paid, or has no reason."""
    with Session(engine) as session:
        lines = session.scalars(
            select(OrderLineRow).where(OrderLineRow.id.in_(line_ids))
        ).all()
        cases = session.scalars(
            select(CaseRow).where(CaseRow.line_id.in_(line_ids))
        ).all()
        refunds = session.scalars(
            select(RefundRow).where(RefundRow.line_id.in_(line_ids))
        ).all()
        for line in lines:
            total = sum(r.amount_fen for r in refunds if r.line_id == line.id)
            assert total == line.refunded_fen <= line.paid_fen, line.id
        paid = Counter(r.case_no for r in refunds if r.case_no)
        assert all(count == 1 for count in paid.values()), paid
        for case in cases:
            due = case.state == CaseState.DONE and case.kind in MONEY
            assert paid[case.case_no] == int(due), (case.case_no, case.state)
        _check_history(session, cases)
        _check_cases(session, cases)


def _check_history(session: Session, cases: list[CaseRow]) -> None:
    """Every state was reached by the moves written down, one after the other."""
    for case in cases:
        events = session.scalars(
            select(CaseEventRow)
            .where(CaseEventRow.case_no == case.case_no)
            .order_by(CaseEventRow.id)
        ).all()
        at = str(CaseState.OPEN)
        for event in events:
            assert event.before == at, case.case_no
            at = event.after
        assert at == case.state, case.case_no


def _check_cases(session: Session, cases: list[CaseRow]) -> None:
    """One running case for a wish; no button opened two; nobody was alone."""
    running = Counter(
        (c.line_id, "refund" if c.kind in MONEY else c.kind)
        for c in cases
        if CaseState(c.state) not in FINAL and c.rule != "compensation"
    )
    assert all(count == 1 for count in running.values()), running
    numbers = [c.case_no for c in cases]
    buttons = session.scalars(
        select(ConfirmationRow).where(ConfirmationRow.case_no.in_(numbers))
    ).all()
    opened = {c.idempotency_key for c in cases}
    for button in buttons:
        own = f"{button.kind}:{button.nonce}"
        case = next(c for c in cases if c.case_no == button.case_no)
        assert case.idempotency_key == own or own not in opened
    actions = session.scalars(
        select(CaseActionRow).where(CaseActionRow.case_no.in_(numbers))
    ).all()
    waiting = Counter(a.case_no for a in actions if a.state == "waiting")
    assert all(count == 1 for count in waiting.values()), waiting
    for action in actions:
        assert action.state != "approved" or action.second_id != action.account_id
