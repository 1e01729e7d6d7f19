"""Orders and money. Money is integer fen; a refund row is the proof of a refund."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    MetaData,
    String,
    TypeDecorator,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from aftercare.domain import trace

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept as UTC; SQLite would give back a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse a moment without a time zone (ValueError)."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC, always aware."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


class Base(DeclarativeBase):
    """Root of all tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcDateTime}


class CustomerRow(Base):
    """A customer of the shop; the id is the subject of the shop's JWT."""

    __tablename__ = "customer"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    phone: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]


class ProductRow(Base):
    """One sellable variant; variants of one article share `spu`."""

    __tablename__ = "product"

    sku: Mapped[str] = mapped_column(String(64), primary_key=True)
    spu: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[str] = mapped_column(String(128))
    variant: Mapped[str] = mapped_column(String(64))
    category: Mapped[str] = mapped_column(String(32))
    price_fen: Mapped[int]
    exclusion: Mapped[str] = mapped_column(String(32), default="none")
    stock: Mapped[int] = mapped_column(default=0)
    # Nobody can send it by parcel: it is repaired at the customer's, or fetched.
    bulky: Mapped[bool] = mapped_column(default=False, server_default=false())
    image: Mapped[str] = mapped_column(String(256), default="")


class OrderRow(Base):
    """One order; `paid_fen` is what the customer really paid, freight included."""

    __tablename__ = "shop_order"

    order_no: Mapped[str] = mapped_column(String(32), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id"), index=True)
    placed_at: Mapped[datetime]
    paid_at: Mapped[datetime]
    discount_fen: Mapped[int] = mapped_column(default=0)
    freight_fen: Mapped[int] = mapped_column(default=0)
    paid_fen: Mapped[int]
    promotion: Mapped[str | None] = mapped_column(String(64))
    receiver_phone: Mapped[str] = mapped_column(String(32))
    receiver_region: Mapped[str] = mapped_column(String(64))


class ShipmentRow(Base):
    """One parcel of an order."""

    __tablename__ = "shipment"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    order_no: Mapped[str] = mapped_column(ForeignKey("shop_order.order_no"), index=True)
    carrier: Mapped[str] = mapped_column(String(32))
    tracking_no: Mapped[str] = mapped_column(String(64), index=True)
    shipped_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


class CarrierEventRow(Base):
    """What the carrier reported, oldest first by `at`."""

    __tablename__ = "carrier_event"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    shipment_id: Mapped[str] = mapped_column(ForeignKey("shipment.id"), index=True)
    at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(32))
    place: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(String(256))


class OrderLineRow(Base):
    """One order line, with what was paid for it after promotions."""

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint("refunded_fen >= 0", name="refunded_not_negative"),
        CheckConstraint("refunded_fen <= paid_fen", name="refund_within_paid"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(64), index=True)
    order_no: Mapped[str] = mapped_column(ForeignKey("shop_order.order_no"), index=True)
    sku: Mapped[str] = mapped_column(ForeignKey("product.sku"))
    shipment_id: Mapped[str | None] = mapped_column(ForeignKey("shipment.id"))
    quantity: Mapped[int] = mapped_column(default=1)
    paid_fen: Mapped[int]
    refunded_fen: Mapped[int] = mapped_column(default=0)
    is_gift: Mapped[bool] = mapped_column(default=False)
    exclusion_confirmed: Mapped[bool] = mapped_column(default=False)
    intact: Mapped[bool] = mapped_column(default=True)
    repairs: Mapped[int] = mapped_column(default=0)
    replaced_at: Mapped[datetime | None]


class RefundRow(Base):
    """Money that goes back, once per idempotency key."""

    __tablename__ = "refund"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    idempotency_key: Mapped[str] = mapped_column(String(128), unique=True)
    case_no: Mapped[str | None] = mapped_column(String(32), index=True)
    line_id: Mapped[str] = mapped_column(ForeignKey("order_line.id"), index=True)
    amount_fen: Mapped[int]
    rule: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime | None]
    trace: Mapped[str | None] = mapped_column(String(32), default=trace.current)
