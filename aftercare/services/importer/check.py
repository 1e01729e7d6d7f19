"""What must hold between the rows of a shop's files and the database."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from aftercare.services.importer.files import Batch
from aftercare.services.importer.rows import Order, OrderLine, Shipment
from aftercare.store.models import (
    CustomerRow,
    OrderLineRow,
    OrderRow,
    ProductRow,
    ShipmentRow,
)

KEYS = {
    "customers": ("customer_id", CustomerRow.id),
    "products": ("sku", ProductRow.sku),
    "orders": ("order_no", OrderRow.order_no),
    "shipments": ("shipment_id", ShipmentRow.id),
    "order_lines": ("line_id", OrderLineRow.id),
}
REFERENCES = {
    "orders": {"customer_id": "customers"},
    "shipments": {"order_no": "orders"},
    "order_lines": {
        "order_no": "orders",
        "sku": "products",
        "shipment_id": "shipments",
    },
    "carrier_events": {"shipment_id": "shipments"},
}


def check(session: Session, batch: Batch) -> None:
    """Note every row whose key, reference, owner or money cannot be right."""
    _check_twice(batch)
    _check_references(session, batch)
    _check_owner(session, batch)
    _check_parcels(batch)
    _check_money(session, batch)


def known(session: Session, column: InstrumentedAttribute[Any]) -> set[str]:
    """Return the keys a table already holds."""
    return set(session.scalars(select(column)))


def _check_twice(batch: Batch) -> None:
    for kind, (name, _) in KEYS.items():
        seen: dict[str, int] = {}
        for number, row in batch.rows.get(kind, []):
            first = seen.setdefault(getattr(row, name), number)
            if first != number:
                batch.refuse(kind, number, name, f"the same as in row {first}")


def _check_references(session: Session, batch: Batch) -> None:
    for kind, columns in REFERENCES.items():
        for name, target in columns.items():
            key, column = KEYS[target]
            there = known(session, column) | {
                getattr(row, key) for _, row in batch.rows.get(target, [])
            }
            for number, row in batch.rows.get(kind, []):
                value = getattr(row, name)
                if value and value not in there:
                    batch.refuse(kind, number, name, f"not among the {target}")


def _check_owner(session: Session, batch: Batch) -> None:
    """An order never passes to another customer, a line never to another order."""
    owner = dict(session.execute(select(OrderRow.order_no, OrderRow.customer_id)).all())
    for number, row in batch.rows.get("orders", []):
        assert isinstance(row, Order)
        if owner.get(row.order_no, row.customer_id) != row.customer_id:
            words = "the order already belongs to another customer"
            batch.refuse("orders", number, "customer_id", words)
    order = dict(session.execute(select(OrderLineRow.id, OrderLineRow.order_no)).all())
    for number, row in batch.rows.get("order_lines", []):
        assert isinstance(row, OrderLine)
        if order.get(row.line_id, row.order_no) != row.order_no:
            words = "the line already belongs to another order"
            batch.refuse("order_lines", number, "order_no", words)


def _check_parcels(batch: Batch) -> None:
    order_of: dict[str, str] = {}
    for number, row in batch.rows.get("shipments", []):
        assert isinstance(row, Shipment)
        order_of[row.shipment_id] = row.order_no
        if row.delivered_at is not None and row.delivered_at < row.shipped_at:
            batch.refuse("shipments", number, "delivered_at", "before it was shipped")
    for number, line in batch.rows.get("order_lines", []):
        assert isinstance(line, OrderLine)
        if order_of.get(line.shipment_id, line.order_no) != line.order_no:
            words = "this parcel is of another order"
            batch.refuse("order_lines", number, "shipment_id", words)


def _check_money(session: Session, batch: Batch) -> None:
    """Lines never hold more than was paid, nor less than went back already."""
    refunded = dict(
        session.execute(select(OrderLineRow.id, OrderLineRow.refunded_fen)).all()
    )
    lines: dict[str, int] = defaultdict(int)
    for number, row in batch.rows.get("order_lines", []):
        assert isinstance(row, OrderLine)
        lines[row.order_no] += row.paid
        if row.paid < refunded.get(row.line_id, 0):
            batch.refuse(
                "order_lines", number, "paid", "less than was refunded already"
            )
    for number, order in batch.rows.get("orders", []):
        assert isinstance(order, Order)
        if lines[order.order_no] + order.freight > order.paid:
            words = "its lines and freight come to more than was paid"
            batch.refuse("orders", number, "paid", words)
