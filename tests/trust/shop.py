"""A small shop of one customer for the money suites: lines in every state."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from aftercare.services.access import Viewer
from aftercare.services.console.audit import Actor
from aftercare.services.conversations import open_conversation
from aftercare.store.console import AccountRow
from aftercare.store.models import (
    CustomerRow,
    OrderLineRow,
    OrderRow,
    ProductRow,
    ShipmentRow,
)
from aftercare.store.unit_of_work import write

# Agents may grant 200 yuan alone: some lines are below, some above.
PRICES = (9_900, 39_900)


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer with a conversation and lines: unshipped, moving, delivered."""

    viewer: Viewer
    lines: list[str]


def make_product(engine: Engine) -> None:
    """Make the one article all lines are of."""
    with write(engine) as session:
        session.merge(
            ProductRow(
                sku="trust",
                spu="trust",
                title="t",
                variant="v",
                category="clothing",
                price_fen=9_000,
            )
        )


def make_customer(engine: Engine, now: datetime) -> Customer:
    """Make a customer with one line of each price and fulfilment."""
    name = f"T{secrets.token_hex(6)}"
    lines = []
    with write(engine) as session:
        session.add(CustomerRow(id=name, name="a", phone="1", created_at=now))
        session.flush()
        for number, price in enumerate(PRICES * 3):
            order = f"{name}{number}"
            placed = now - timedelta(days=3)
            session.add(
                OrderRow(
                    order_no=order,
                    customer_id=name,
                    placed_at=placed,
                    paid_at=placed,
                    paid_fen=price,
                    receiver_phone="1",
                    receiver_region="r",
                )
            )
            session.flush()
            parcel = _parcel(order, number // 2, placed)
            if parcel is not None:
                session.add(parcel)
                session.flush()
            session.add(
                OrderLineRow(
                    id=f"{order}-1",
                    customer_id=name,
                    order_no=order,
                    sku="trust",
                    paid_fen=price,
                    shipment_id=parcel.id if parcel else None,
                )
            )
            lines.append(f"{order}-1")
    return Customer(Viewer(open_conversation(engine, name), name), lines)


def _parcel(order: str, kind: int, placed: datetime) -> ShipmentRow | None:
    if kind == 0:
        return None
    delivered = placed + timedelta(days=2) if kind == 2 else None
    return ShipmentRow(
        id=f"S{order}",
        order_no=order,
        carrier="c",
        tracking_no=order,
        shipped_at=placed,
        delivered_at=delivered,
    )


def make_people(engine: Engine, now: datetime) -> list[Actor]:
    """Make two agents, a supervisor and an admin."""
    made = []
    for role in ("agent", "agent", "supervisor", "admin"):
        login = f"{role}{secrets.token_hex(4)}"
        with write(engine) as session:
            row = AccountRow(
                login=login,
                name=login,
                password_hash="-",
                role=role,
                created_at=now,
                skills=[],
                languages=["zh"],
            )
            session.add(row)
            session.flush()
            made.append(Actor(row.id, login, login, role))
    return made
