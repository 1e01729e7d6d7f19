"""Tables. Money is integer fen; a refund row is the only proof of a refund."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Root of all tables."""


class OrderLineRow(Base):
    """One order line, with what was paid for it."""

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint("refunded_fen >= 0", name="refunded_not_negative"),
        CheckConstraint("refunded_fen <= paid_fen", name="refund_within_paid"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(64), index=True)
    order_no: Mapped[str] = mapped_column(String(32), index=True)
    paid_fen: Mapped[int]
    refunded_fen: Mapped[int] = mapped_column(default=0)


class RefundRow(Base):
    """Money that goes back, once per idempotency key."""

    __tablename__ = "refund"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    idempotency_key: Mapped[str] = mapped_column(String(128), unique=True)
    line_id: Mapped[str] = mapped_column(ForeignKey("order_line.id"), index=True)
    amount_fen: Mapped[int]
    rule: Mapped[str] = mapped_column(String(64))
