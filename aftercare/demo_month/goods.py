"""Whether this is the demo shop, and which of its order lines talks can be about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import yaml
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.demo_month.words import Script
from aftercare.services.seed import DATA
from aftercare.store.cases import CaseRow
from aftercare.store.models import (
    CustomerRow,
    OrderLineRow,
    OrderRow,
    ProductRow,
    ShipmentRow,
)
from aftercare.store.unit_of_work import read

DAY = timedelta(days=1)
INVENTED = re.compile(r"C\d{5}")
ORDERS = re.compile(r"(77|88)\d{14}")


class Refused(Exception):
    """This database is not to be filled; the text says why, in one sentence."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An order line of an invented customer, and when it was where."""

    line_id: str
    order_no: str
    customer_id: str
    title: str
    category: str
    placed: datetime
    shipped: datetime | None
    delivered: datetime | None
    carrier: str
    tracking: str

    @property
    def item(self) -> str:
        """What a customer calls it: the title without the brand."""
        return self.title.split()[-1]

    def age(self, bought: str, at: datetime) -> float | None:
        """Return for how many days it has been in a state at a moment; None: not."""
        since, until = self._span(bought)
        if since is None or since > at or (until is not None and until <= at):
            return None
        return (at - since) / DAY

    def _span(self, bought: str) -> tuple[datetime | None, datetime | None]:
        if bought == "moving":
            return self.shipped, self.delivered
        if bought == "delivered":
            return self.delivered, None
        return self.placed, self.shipped if bought == "unshipped" else None

    def still(self, bought: str) -> bool:
        """Return whether it is so today too: the rules judge a wish by today's rows."""
        moved = {"unshipped": self.shipped, "moving": self.delivered}.get(bought)
        return moved is None


class Pieces:
    """The lines there are; each is taken once, so that no case meets another."""

    def __init__(self, pieces: list[Piece]) -> None:
        """Keep them in a fixed order."""
        self._free = pieces

    def take(self, script: Script, at: datetime, random: Random) -> Piece | None:
        """Take a line a script can be about at a moment, None where none is left."""
        low, high = script.age
        fitting = [
            piece
            for piece in self._free
            if (not script.goods or piece.category in script.goods)
            and piece.title.endswith(script.named)
            and (age := piece.age(script.bought, at)) is not None
            and low <= age <= high
            and (not script.wish or piece.still(script.bought))
        ]
        if not fitting:
            return None
        chosen = random.choice(fitting)
        self._free.remove(chosen)
        return chosen


def check_shop(engine: Engine) -> None:
    """Refuse a database that holds anything but the seeded demo shop.

    Raises:
        Refused: it is empty, or somebody's own data is in it.
    """
    with read(engine) as session:
        customers = set(session.scalars(select(CustomerRow.id)))
        if not customers:
            raise Refused("the database is empty: `aftercare seed` or `make run` first")
        demo: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
        known = {person["id"] for person in demo["demo"]}
        spus = {item["spu"] for item in demo["products"]}
        orders = session.scalars(select(OrderRow.order_no))
        foreign = (
            ("customers", {c for c in customers - known if not INVENTED.fullmatch(c)}),
            ("products", set(session.scalars(select(ProductRow.spu))) - spus),
            ("orders", {no for no in orders if not ORDERS.fullmatch(no)}),
        )
    for what, found in foreign:
        if found:
            raise Refused(
                f"this is not the demo shop: {len(found)} {what} in the database were"
                " not seeded, and invented talks must not mix with real ones"
            )


def pieces(engine: Engine, before: datetime) -> list[Piece]:
    """Return the lines of invented customers that nobody has a case on, by id.

    The customers made by hand are left as they are: visitors try the shop as them.
    """
    with read(engine) as session:
        query = _lines(session, before)
        return [Piece(*row) for row in session.execute(query)]


def _lines(session: Session, before: datetime) -> Any:
    busy = select(CaseRow.line_id).where(CaseRow.opened_at < before)
    return (
        select(
            OrderLineRow.id,
            OrderLineRow.order_no,
            OrderLineRow.customer_id,
            ProductRow.title,
            ProductRow.category,
            OrderRow.placed_at,
            ShipmentRow.shipped_at,
            ShipmentRow.delivered_at,
            func.coalesce(ShipmentRow.carrier, ""),
            func.coalesce(ShipmentRow.tracking_no, ""),
        )
        .join(OrderRow, OrderRow.order_no == OrderLineRow.order_no)
        .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
        .outerjoin(ShipmentRow, ShipmentRow.id == OrderLineRow.shipment_id)
        .where(
            OrderLineRow.customer_id.regexp_match("^C[0-9]{5}$"),
            OrderLineRow.is_gift.is_(False),
            OrderLineRow.id.not_in(busy),
        )
        .order_by(OrderLineRow.id)
    )
