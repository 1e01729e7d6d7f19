"""The only way to an order: by the customer who owns it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.store.models import OrderLineRow


def access_line(session: Session, customer_id: str, line_id: str) -> OrderLineRow:
    """Return a customer's own order line, locked for this transaction.

    Raises:
        AftercareError: NOT_FOUND, the same whether the line is another
            customer's or does not exist.
    """
    row = session.scalar(
        select(OrderLineRow)
        .where(OrderLineRow.id == line_id, OrderLineRow.customer_id == customer_id)
        .with_for_update()
    )
    if row is None:
        raise AftercareError(Reason.NOT_FOUND)
    return row
