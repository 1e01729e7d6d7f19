"""Who was forgotten is not brought back by the shop's next nightly export.

The shop's own system may know them for longer than we may. Their rows are left out
before anything is checked: their orders may stand here without a name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aftercare.services.importer.files import Batch
from aftercare.services.rights.ledger import is_forgotten
from aftercare.store.models import CustomerRow


def leave_out(session: Session, batch: Batch, state: Path) -> int:
    """Take the rows of forgotten customers out of a batch; return how many."""
    name = "customer_id"
    named = {
        str(getattr(row, name))
        for kind in ("customers", "orders")
        for _, row in batch.rows.get(kind, [])
    }
    # Who is a customer now is not forgotten; to ask the list costs milliseconds each.
    known = set(session.scalars(select(CustomerRow.id)))
    gone = set(is_forgotten(state, sorted(named - known)))
    if not gone:
        return 0
    before = _size(batch)
    _drop(batch, "customers", "customer_id", gone)
    orders = _drop(batch, "orders", "customer_id", gone, "order_no")
    parcels = _drop(batch, "shipments", "order_no", orders, "shipment_id")
    _drop(batch, "order_lines", "order_no", orders)
    _drop(batch, "carrier_events", "shipment_id", parcels)
    return before - _size(batch)


def _drop(
    batch: Batch, kind: str, column: str, gone: set[Any], key: str | None = None
) -> set[Any]:
    """Take out the rows that belong to something; return what they are called."""
    rows = batch.rows.get(kind, [])
    out = [row for _, row in rows if getattr(row, column) in gone]
    if kind in batch.rows:
        batch.rows[kind] = [
            pair for pair in rows if getattr(pair[1], column) not in gone
        ]
    return {getattr(row, key) for row in out} if key else set()


def _size(batch: Batch) -> int:
    return sum(len(rows) for rows in batch.rows.values())
