"""Cases as the console shows them: what can be done now, by when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.domain.calendar import shop_day
from aftercare.domain.cases import MOVES, CaseKind, CaseState
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.cases import FINAL
from aftercare.store.cases import CaseEventRow, CaseRow
from aftercare.store.console import AccountRow
from aftercare.store.desk import CaseActionRow
from aftercare.store.models import OrderLineRow, ProductRow, RefundRow
from aftercare.store.unit_of_work import read

S = CaseState
TARGETS = {
    S.APPROVED: "approve",
    S.REFUSED: "refuse",
    S.GOODS_RECEIVED: "receive_goods",
    S.IN_REPAIR: "start_repair",
    S.SENT_BACK: "send_back",
    S.DONE: "finish",
}
ORDER = list(TARGETS.values())
RUNNING = [state for state in CaseState if state not in FINAL]
# What waits for the shop; a case that waits for a customer's parcel is not late,
# for the customer's term was kept when it was opened.
OWED = (S.OPEN, S.GOODS_RECEIVED)


def cases(
    engine: Engine, now: datetime, state: str, kind: str | None, offset: int, limit: int
) -> dict[str, Any]:
    """Return a page of cases, those that wait for the shop first, by deadline."""
    waits = CaseRow.needs_human.is_(True) & (CaseRow.state == S.OPEN)
    conditions = {
        "waiting": waits,
        "open": CaseRow.state.in_(RUNNING),
        "all": CaseRow.case_no.is_not(None),
    }
    query = select(CaseRow).where(conditions[state])
    if kind:
        query = query.where(CaseRow.kind == kind)
    query = query.order_by(
        CaseRow.state.not_in(OWED),
        CaseRow.deadline.is_(None),
        CaseRow.deadline,
        CaseRow.opened_at.desc(),
    )
    with read(engine) as session:
        rows = session.scalars(query.offset(offset).limit(limit + 1)).all()
        counts = {
            name: session.scalar(
                select(func.count()).select_from(CaseRow).where(condition)
            )
            for name, condition in conditions.items()
        }
        items = case_views(session, rows[:limit], now)
    following = str(offset + limit) if len(rows) > limit else None
    return {"items": items, "counts": counts, "next": following}


def case(engine: Engine, case_no: str, now: datetime) -> dict[str, Any]:
    """Return a case with its history.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with read(engine) as session:
        row = session.get(CaseRow, case_no)
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        history = session.scalars(
            select(CaseEventRow)
            .where(CaseEventRow.case_no == case_no)
            .order_by(CaseEventRow.id)
        )
        asked = session.scalars(
            select(CaseActionRow)
            .where(CaseActionRow.case_no == case_no, CaseActionRow.state != "done")
            .order_by(CaseActionRow.id)
        )
        return case_view(session, row, now) | {
            "history": [
                {
                    "at": item.at,
                    "actor": item.actor,
                    "rule": item.rule,
                    "before": item.before,
                    "after": item.after,
                }
                for item in history
            ],
            "approvals": [approval_view(session, item) for item in asked],
        }


def approvals(engine: Engine) -> list[dict[str, Any]]:
    """Return what waits for a second person, oldest first."""
    with read(engine) as session:
        rows = session.scalars(
            select(CaseActionRow)
            .where(CaseActionRow.state == "waiting")
            .order_by(CaseActionRow.id)
        )
        return [approval_view(session, row) for row in rows]


def case_view(session: Session, row: CaseRow, now: datetime) -> dict[str, Any]:
    """Return a case with what may be done to it now."""
    return case_views(session, [row], now)[0]


def case_views(
    session: Session, rows: Sequence[CaseRow], now: datetime
) -> list[dict[str, Any]]:
    """Return cases as `case_view` does; any number of them costs four queries."""
    numbers = [row.case_no for row in rows]
    lines = {
        line.id: (line.order_no, title)
        for line, title in session.execute(
            select(OrderLineRow, ProductRow.title)
            .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
            .where(OrderLineRow.id.in_([row.line_id for row in rows]))
        )
    }
    refunded = {
        number: fen
        for number, fen in session.execute(
            select(RefundRow.case_no, func.sum(RefundRow.amount_fen))
            .where(RefundRow.case_no.in_(numbers))
            .group_by(RefundRow.case_no)
        )
    }
    asked = {
        item.case_no: item
        for item in session.scalars(
            select(CaseActionRow).where(
                CaseActionRow.case_no.in_(numbers), CaseActionRow.state == "waiting"
            )
        )
    }
    return [
        _shown(row, lines[row.line_id], refunded.get(row.case_no), now)
        | (
            {"actions": [], "pending": approval_view(session, asked[row.case_no])}
            if row.case_no in asked
            else {"actions": legal(row), "pending": None}
        )
        for row in rows
    ]


def _shown(
    row: CaseRow, line: tuple[str, str], refunded: int | None, now: datetime
) -> dict[str, Any]:
    order_no, title = line
    owed = row.deadline if row.state in OWED else None
    left = (owed - shop_day(now)).days if owed else None
    return {
        "case_no": row.case_no,
        "kind": row.kind,
        "state": row.state,
        "reason": row.reason,
        "detail": row.detail,
        "title": title,
        "order_no": order_no,
        "line_id": row.line_id,
        "customer_id": row.customer_id,
        "conversation_id": row.conversation_id,
        "amount_fen": row.amount_fen,
        "refunded_fen": refunded or 0,
        "freight": row.freight,
        "rule": row.rule,
        "basis": row.basis,
        "deadline": owed,
        "days_left": left,
        "needs_human": row.needs_human,
        "opened_at": row.opened_at,
    }


def legal(row: CaseRow) -> list[str]:
    """Return the actions that lead to a legal next state."""
    after = MOVES[CaseKind(row.kind)].get(CaseState(row.state), frozenset())
    # A refund without goods is finished by its approval.
    found = {TARGETS[state] for state in after if state in TARGETS}
    return [name for name in ORDER if name in found]


def approval_view(session: Session, row: CaseActionRow) -> dict[str, Any]:
    """Return what a second person was asked for."""
    return {
        "id": row.id,
        "case_no": row.case_no,
        "action": row.action,
        "amount_fen": row.amount_fen,
        "note": row.note,
        "by": _who(session, row.account_id),
        "state": row.state,
        "second": _who(session, row.second_id) if row.second_id else None,
        "at": row.at,
        "decided_at": row.decided_at,
    }


def _who(session: Session, account_id: int) -> dict[str, Any]:
    return {"id": account_id, "name": session.get_one(AccountRow, account_id).name}
