"""Refund once: however often the request is repeated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import aftercare.services.outbox  # noqa: F401  each refund is told of
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.access import access_line
from aftercare.store.models import OrderLineRow, RefundRow
from aftercare.store.unit_of_work import write


@dataclass(frozen=True, slots=True)
class Refund:
    """A committed refund row; `amount_fen` in fen."""

    refund_id: int
    line_id: str
    amount_fen: int
    rule: str


def refund_line(
    engine: Engine,
    *,
    customer_id: str,
    line_id: str,
    amount_fen: int,
    rule: str,
    idempotency_key: str,
) -> Refund:
    """Write a refund and return the committed row; a repeat returns the same row.

    The order line is locked before the key is looked up, so two requests with
    one key cannot both find it unused.

    Raises:
        AftercareError: AMOUNT_NOT_POSITIVE; NOT_FOUND (also for another's line);
            KEY_REUSED for a key used with other content; OVER_PAID.
    """
    with write(engine) as session:
        line = access_line(session, customer_id, line_id)
        row = refund_in(
            session,
            line,
            amount_fen=amount_fen,
            rule=rule,
            idempotency_key=idempotency_key,
        )
        return Refund(row.id, row.line_id, row.amount_fen, row.rule)


def refund_in(
    session: Session,
    line: OrderLineRow,
    *,
    amount_fen: int,
    rule: str,
    idempotency_key: str,
    case_no: str | None = None,
    at: datetime | None = None,
) -> RefundRow:
    """Write a refund inside a transaction that has locked the line.

    Raises:
        AftercareError: AMOUNT_NOT_POSITIVE, KEY_REUSED, OVER_PAID.
    """
    if amount_fen <= 0:
        raise AftercareError(Reason.AMOUNT_NOT_POSITIVE)
    row = session.scalar(
        select(RefundRow).where(RefundRow.idempotency_key == idempotency_key)
    )
    if row is not None:
        if (row.line_id, row.amount_fen) != (line.id, amount_fen):
            raise AftercareError(Reason.KEY_REUSED)
        return row
    if line.refunded_fen + amount_fen > line.paid_fen:
        raise AftercareError(Reason.OVER_PAID)
    line.refunded_fen += amount_fen
    row = RefundRow(
        idempotency_key=idempotency_key,
        case_no=case_no,
        line_id=line.id,
        amount_fen=amount_fen,
        rule=rule,
        at=at,
    )
    session.add(row)
    session.flush()
    return row
