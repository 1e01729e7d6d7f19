"""Write checked rows, new ones and known ones, in parts a customer need not wait for.

What each part holds is worked out before; in the transaction that writes it, what may
have changed since is looked at once more: somebody was forgotten, money went back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from aftercare.services.importer.check import KEYS, REFERENCES
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
EVENTS = "carrier_events"
# So many rows are written at once: some forty milliseconds of SQLite's one lock.
PART = 1_000
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of one kind: new ones, and known ones that say something new."""

    kind: str
    fresh: list[Item]
    stale: list[Item]


def plan(session: Session, batch: Batch) -> Iterator[Part]:
    """Work out what there is to write, parents first; what has not changed is not."""
    owner = dict(session.execute(select(OrderRow.order_no, OrderRow.customer_id)).all())
    for _, row in batch.rows.get("orders", []):
        owner[row.order_no] = row.customer_id  # type: ignore[attr-defined]
    for kind in TABLES:
        rows = [row for _, row in batch.rows.get(kind, [])]
        for some in _parts(rows):
            items = [_values(kind, row) for row in some]
            if kind == "order_lines":
                # A line's customer is its order's; the file cannot say otherwise.
                for item in items:
                    item["customer_id"] = owner[item["order_no"]]
            there, key = _there(session, kind, items), _key(kind)
            fresh = [item for item in items if item[key] not in there]
            stale = [
                item
                for item in items
                if item[key] in there and not _same(item, there[item[key]])
            ]
            if fresh or stale:
                yield Part(kind, fresh, stale)
    for some in _parts([row for _, row in batch.rows.get(EVENTS, [])]):
        new = _new_events(session, [row.model_dump() for row in some])
        if new:
            yield Part(EVENTS, new, [])


def write_part(session: Session, part: Part) -> int:
    """Write a part; return how many rows are right no more, and were left out."""
    items = [*part.fresh, *part.stale]
    parents = _with_parents(session, part.kind, items)
    if part.kind == EVENTS:
        new = _new_events(session, parents)
        if new:
            session.execute(insert(CarrierEventRow), new)
        return len(items) - len(parents)
    there, key = _there(session, part.kind, items), _key(part.kind)
    gone = {item[key] for item in part.stale} - there.keys()
    right = [
        item
        for item in parents
        if item[key] not in gone and _still_right(part.kind, item, there.get(item[key]))
    ]
    table = TABLES[part.kind]
    fresh = [item for item in right if item[key] not in there]
    stale = [item for item in right if item[key] in there]
    if fresh:
        session.execute(insert(table), fresh)
    if stale:
        session.execute(update(table), stale)
    return len(items) - len(right)


def _parts(rows: list[Row]) -> Iterator[list[Row]]:
    for start in range(0, len(rows), PART):
        yield rows[start : start + PART]


def _key(kind: str) -> str:
    name, _ = KEYS[kind]
    return COLUMNS[kind].get(name, name)


def _there(session: Session, kind: str, items: list[Item]) -> dict[str, Item]:
    """Return the rows there are already, by key."""
    key, table = _key(kind), TABLES[kind].__table__
    assert isinstance(table, Table)
    wanted = [item[key] for item in items]
    rows = session.execute(select(table).where(table.c[key].in_(wanted))).mappings()
    return {row[key]: dict(row) for row in rows}


def _same(item: Item, row: Item) -> bool:
    return all(row[name] == value for name, value in item.items())


def _still_right(kind: str, item: Item, row: Item | None) -> bool:
    """Return whether a checked row may still be written over what is there now."""
    if row is None:
        return True
    if kind == "orders":
        return bool(row["customer_id"] == item["customer_id"])
    if kind == "order_lines":
        same = row["order_no"] == item["order_no"]
        return bool(same and item["paid_fen"] >= row["refunded_fen"])
    return True


def _with_parents(session: Session, kind: str, items: list[Item]) -> list[Item]:
    """Return the rows whose customer, order, product and parcel are still there.

    A line's must also still be its customer's.
    """
    for name, target in REFERENCES.get(kind, {}).items():
        _, column = KEYS[target]
        wanted = {item[name] for item in items if item.get(name)}
        there = set(session.scalars(select(column).where(column.in_(wanted))))
        items = [item for item in items if not item.get(name) or item[name] in there]
    if kind != "order_lines":
        return items
    numbers = {item["order_no"] for item in items}
    query = select(OrderRow.order_no, OrderRow.customer_id).where(
        OrderRow.order_no.in_(numbers)
    )
    owner = dict(session.execute(query).all())
    return [item for item in items if owner[item["order_no"]] == item["customer_id"]]


def _values(kind: str, row: Row) -> Item:
    renamed = COLUMNS[kind]
    found = {renamed.get(name, name): value for name, value in row}
    for name in ("shipment_id", "promotion"):
        if found.get(name) == "":
            found[name] = None
    return found


def _new_events(session: Session, rows: list[Item]) -> list[Item]:
    """Return the carrier's reports that are not there yet, each once."""
    parcels = {row["shipment_id"] for row in rows}
    found = session.execute(
        select(CarrierEventRow.shipment_id, CarrierEventRow.at).where(
            CarrierEventRow.shipment_id.in_(parcels)
        )
    )
    there = {(parcel, at) for parcel, at in found}
    fresh = {
        (row["shipment_id"], row["at"]): row
        for row in rows
        if (row["shipment_id"], row["at"]) not in there
    }
    return list(fresh.values())
