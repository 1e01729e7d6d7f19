"""Write checked rows, new ones and known ones, in the caller's transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from aftercare.services.importer.check import KEYS, known
from aftercare.services.importer.files import Batch
from aftercare.services.importer.rows import Row
from aftercare.store.models import (
    Base,
    CarrierEventRow,
    CustomerRow,
    OrderLineRow,
    OrderRow,
    ProductRow,
    ShipmentRow,
)

TABLES: dict[str, type[Base]] = {
    "customers": CustomerRow,
    "products": ProductRow,
    "orders": OrderRow,
    "shipments": ShipmentRow,
    "order_lines": OrderLineRow,
}
COLUMNS = {
    "customers": {"customer_id": "id"},
    "products": {"price": "price_fen"},
    "orders": {
        "paid": "paid_fen",
        "discount": "discount_fen",
        "freight": "freight_fen",
    },
    "shipments": {"shipment_id": "id"},
    "order_lines": {"line_id": "id", "paid": "paid_fen"},
}
# SQLite takes 32,766 values in one statement.
CHUNK = 1_000


def write_rows(session: Session, batch: Batch) -> None:
    """Insert what is new, bring up to date what is known, parents first."""
    for kind, table in TABLES.items():
        rows = [row for _, row in batch.rows.get(kind, [])]
        if not rows:
            continue
        values = [_values(kind, row) for row in rows]
        if kind == "order_lines":
            _add_owner(session, values)
        name, column = KEYS[kind]
        key = COLUMNS[kind].get(name, name)
        there = known(session, column)
        fresh = [item for item in values if item[key] not in there]
        stale = [item for item in values if item[key] in there]
        if fresh:
            session.execute(insert(table), fresh)
        if stale:
            session.execute(update(table), stale)
    _write_events(session, batch)


def _values(kind: str, row: Row) -> dict[str, Any]:
    renamed = COLUMNS[kind]
    found = {renamed.get(name, name): value for name, value in row}
    for name in ("shipment_id", "promotion"):
        if found.get(name) == "":
            found[name] = None
    return found


def _add_owner(session: Session, values: list[dict[str, Any]]) -> None:
    """A line's customer is its order's; the file cannot say otherwise."""
    owner = dict(session.execute(select(OrderRow.order_no, OrderRow.customer_id)).all())
    for item in values:
        item["customer_id"] = owner[item["order_no"]]


def _write_events(session: Session, batch: Batch) -> None:
    """Add the carrier's reports that are not there yet."""
    rows = [row.model_dump() for _, row in batch.rows.get("carrier_events", [])]
    there: set[tuple[Any, Any]] = set()
    parcels = sorted({row["shipment_id"] for row in rows})
    for start in range(0, len(parcels), CHUNK):
        part = parcels[start : start + CHUNK]
        found = session.execute(
            select(CarrierEventRow.shipment_id, CarrierEventRow.at).where(
                CarrierEventRow.shipment_id.in_(part)
            )
        )
        there |= {(parcel, at) for parcel, at in found}
    fresh = {
        (row["shipment_id"], row["at"]): row
        for row in rows
        if (row["shipment_id"], row["at"]) not in there
    }
    if fresh:
        session.execute(insert(CarrierEventRow), list(fresh.values()))
