"""Tables of cases, their history, and what a customer was asked to confirm."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.domain import trace
from aftercare.store.models import Base


class CaseRow(Base):
    """One case; its history is in `CaseEventRow` and only grows."""

    __tablename__ = "aftersales_case"

    case_no: Mapped[str] = mapped_column(String(32), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(128), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(String(64), index=True)
    customer_id: Mapped[str] = mapped_column(String(64), index=True)
    line_id: Mapped[str] = mapped_column(ForeignKey("order_line.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(Text, default="")
    amount_fen: Mapped[int] = mapped_column(default=0)
    freight: Mapped[str] = mapped_column(String(16))
    rule: Mapped[str] = mapped_column(String(64))
    basis: Mapped[str] = mapped_column(String(256))
    deadline: Mapped[date | None]
    needs_human: Mapped[bool] = mapped_column(default=False)
    target_sku: Mapped[str | None] = mapped_column(ForeignKey("product.sku"))
    opened_at: Mapped[datetime]


class CaseEventRow(Base):
    """One move of a case: who, when, by which rule, from where to where."""

    __tablename__ = "case_event"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_no: Mapped[str] = mapped_column(
        ForeignKey("aftersales_case.case_no"), index=True
    )
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    rule: Mapped[str] = mapped_column(String(64))
    before: Mapped[str] = mapped_column(String(32))
    after: Mapped[str] = mapped_column(String(32))
    trace: Mapped[str | None] = mapped_column(String(32), default=trace.current)


class ConfirmationRow(Base):
    """A one-time button: what exactly the customer would confirm with it."""

    __tablename__ = "confirmation"

    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    customer_id: Mapped[str] = mapped_column(String(64))
    line_id: Mapped[str] = mapped_column(ForeignKey("order_line.id"))
    kind: Mapped[str] = mapped_column(String(32))
    amount_fen: Mapped[int]
    draft: Mapped[dict[str, str | None]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    case_no: Mapped[str | None] = mapped_column(String(32))


class GuestProofRow(Base):
    """A guest's tries to prove an order, and the order once proved."""

    __tablename__ = "guest_proof"

    conversation_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tries: Mapped[int] = mapped_column(default=0)
    order_no: Mapped[str | None] = mapped_column(String(32))


class OrderTryRow(Base):
    """Guests' tries to prove one order number in one hour, in any conversation.

    `order_key` is a keyed hash: numbers that people typed do not stand here.
    """

    __tablename__ = "order_try"

    order_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    tries: Mapped[int]
