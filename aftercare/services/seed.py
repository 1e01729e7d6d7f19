"""The demo shop: deterministic, dated relative to now, every rule within reach."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.services.knowledge.seed import seed_articles
from aftercare.services.planning.seed import seed_parts
from aftercare.store.models import (
    Base,
    CarrierEventRow,
    CustomerRow,
    OrderLineRow,
    OrderRow,
    ProductRow,
    ShipmentRow,
)
from aftercare.store.unit_of_work import write

DATA = Path(__file__).parent / "seed_data" / "shop.yml"
CUSTOMERS = 300
ORDERS_EACH = 10


def seed_if_empty(engine: Engine, now: datetime, seed: int = 20261124) -> int:
    """Fill an empty database and return the number of orders; 0 if not empty."""
    with write(engine, alone=True) as session:
        if session.scalar(select(func.count()).select_from(CustomerRow)):
            return 0
        shop: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
        prices = _products(session, shop)
        session.flush()
        seed_articles(session, now)
        seed_parts(session, now, Random(seed))
        maker = _Maker(session, shop, prices, Random(seed), now)
        for number, person in enumerate(shop["demo"], 1):
            maker.customer(person["id"], person["name"], person["phone"])
            for index, order in enumerate(person["orders"], 1):
                maker.order(person, f"8800000000{number:02d}{index:04d}", order)
        for number in range(1, CUSTOMERS + 1):
            maker.invented(number)
        return maker.flush()


def _products(session: Session, shop: dict[str, Any]) -> dict[str, int]:
    prices: dict[str, int] = {}
    for item in shop["products"]:
        for index, variant in enumerate(item["variants"], 1):
            sku = f"{item['spu']}-{index}"
            prices[sku] = item["price"]
            session.add(
                ProductRow(
                    sku=sku,
                    spu=item["spu"],
                    title=item["title"],
                    variant=variant,
                    category=item["category"],
                    price_fen=item["price"],
                    exclusion=item.get("exclusion", "none"),
                    bulky=item.get("bulky", False),
                    stock=20,
                    image=f"/static/img/{item['category']}.svg",
                )
            )
    return prices


class _Maker:
    """Makes rows parent by parent, so that foreign keys hold on every database."""

    def __init__(
        self,
        session: Session,
        shop: dict[str, Any],
        prices: dict[str, int],
        random: Random,
        now: datetime,
    ) -> None:
        self._session = session
        self._shop = shop
        self._prices = prices
        self._random = random
        self._now = now
        self._rows: dict[type[Base], list[Base]] = {
            kind: []
            for kind in (
                CustomerRow,
                OrderRow,
                ShipmentRow,
                CarrierEventRow,
                OrderLineRow,
            )
        }

    def customer(self, customer_id: str, name: str, phone: str) -> None:
        since = self._ago(500)
        self._add(CustomerRow(id=customer_id, name=name, phone=phone, created_at=since))

    def order(
        self, person: dict[str, Any], order_no: str, plan: dict[str, Any]
    ) -> None:
        paid = plan.get("paid", self._prices[plan["sku"]])
        placed = self._ago(plan["placed"])
        self._add(
            OrderRow(
                order_no=order_no,
                customer_id=person["id"],
                placed_at=placed,
                paid_at=placed,
                discount_fen=max(0, self._prices[plan["sku"]] - paid),
                paid_fen=paid,
                promotion=plan.get("promotion"),
                receiver_phone=person["phone"],
                receiver_region=self._random.choice(self._shop["regions"]),
            )
        )
        shipment_id = self._parcel(order_no, plan) if "shipped" in plan else None
        self._line(person, order_no, 1, plan, paid, shipment_id)
        if "gift" in plan:
            gift = {"sku": plan["gift"], "gift": True}
            self._line(person, order_no, 2, gift, 0, shipment_id)

    def invented(self, number: int) -> None:
        random = self._random
        name = random.choice(self._shop["surnames"]) + random.choice(
            self._shop["given"]
        )
        person = {"id": f"C{number:05d}", "phone": f"139{number:08d}"}
        self.customer(person["id"], name, person["phone"])
        for index in range(1, ORDERS_EACH + 1):
            placed = random.uniform(0.2, 420)
            plan: dict[str, Any] = {
                "sku": random.choice(list(self._prices)),
                "placed": placed,
                "consent": random.random() < 0.8,
                "promotion": random.choice(self._shop["promotions"]),
            }
            if placed > 1:
                plan["shipped"] = placed - random.uniform(0.3, 1)
            if placed > 6 and random.random() < 0.98:
                plan["delivered"] = plan["shipped"] - random.uniform(1, 4)
            if plan["promotion"]:
                plan["paid"] = int(self._prices[plan["sku"]] * 0.9)
            self.order(person, f"77{number:06d}{index:08d}", plan)

    def flush(self) -> int:
        for rows in self._rows.values():
            self._session.add_all(rows)
            self._session.flush()
        return len(self._rows[OrderRow])

    def _line(
        self,
        person: dict[str, Any],
        order_no: str,
        index: int,
        plan: dict[str, Any],
        paid: int,
        shipment_id: str | None,
    ) -> None:
        replaced = plan.get("replaced")
        self._add(
            OrderLineRow(
                id=f"{order_no}-{index}",
                customer_id=person["id"],
                order_no=order_no,
                sku=plan["sku"],
                shipment_id=shipment_id,
                paid_fen=paid,
                is_gift=bool(plan.get("gift")) and paid == 0,
                exclusion_confirmed=bool(plan.get("consent")),
                repairs=plan.get("repairs", 0),
                replaced_at=None if replaced is None else self._ago(replaced),
            )
        )

    def _parcel(self, order_no: str, plan: dict[str, Any]) -> str:
        shipped, delivered = plan["shipped"], plan.get("delivered")
        shipment_id = f"S{order_no}"
        self._add(
            ShipmentRow(
                id=shipment_id,
                order_no=order_no,
                carrier=self._random.choice(self._shop["carriers"]),
                tracking_no=f"SD{order_no[-12:]}",
                shipped_at=self._ago(shipped),
                delivered_at=None if delivered is None else self._ago(delivered),
            )
        )
        self._event(shipment_id, "picked_up", shipped)
        last = plan.get("last_event", min(shipped, 0.3))
        if delivered is None:
            self._event(shipment_id, "in_transit", last)
            return shipment_id
        self._event(shipment_id, "in_transit", (shipped + delivered) / 2)
        self._event(shipment_id, "out_for_delivery", delivered + 0.1)
        self._event(shipment_id, "delivered", delivered)
        return shipment_id

    def _event(self, shipment_id: str, status: str, days: float) -> None:
        self._add(
            CarrierEventRow(
                shipment_id=shipment_id,
                at=self._ago(days),
                status=status,
                place=self._random.choice(self._shop["hubs"]),
                text=self._shop["events"][status],
            )
        )

    def _ago(self, days: float) -> datetime:
        return self._now - timedelta(days=days)

    def _add(self, row: Base) -> None:
        self._rows[type(row)].append(row)
