"""Tables of planning: who works when, spare parts, and each night's plan."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Double, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.store.models import Base


class RotaRow(Base):
    """One shift of one person; `begins` and `ends` are minutes of the shop's day."""

    __tablename__ = "rota_shift"
    __table_args__ = (UniqueConstraint("day", "account_id", "begins"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    day: Mapped[date]
    begins: Mapped[int]
    ends: Mapped[int]


class PartRow(Base):
    """A spare part; money in fen, `short_fen` is what one piece too few costs."""

    __tablename__ = "spare_part"

    part_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(128))
    spus: Mapped[list[str]] = mapped_column(JSON)
    on_hand: Mapped[int] = mapped_column(default=0)
    on_order: Mapped[int] = mapped_column(default=0)
    lead_days: Mapped[int] = mapped_column(default=7)
    unit_fen: Mapped[int] = mapped_column(default=0)
    short_fen: Mapped[int] = mapped_column(default=5_000)
    since: Mapped[datetime]


class PartUseRow(Base):
    """A part that a repair took; it names no case, so it names no customer.

    `key` is the digest of the repair and the part: each counts once.
    """

    __tablename__ = "part_use"
    __table_args__ = (Index("ix_part_use_part_at", "part_no", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    part_no: Mapped[str] = mapped_column(ForeignKey("spare_part.part_no"))
    spu: Mapped[str] = mapped_column(String(64))
    fault: Mapped[str] = mapped_column(String(32))
    quantity: Mapped[int] = mapped_column(default=1)
    at: Mapped[datetime]


class PlanRow(Base):
    """The plan of one night; `detail` holds what its numbers were made of."""

    __tablename__ = "plan"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    first: Mapped[date] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class PlanDayRow(Base):
    """One day of a plan, beside the naive plan, and what then came.

    `slots` are lists of 48 half-hours: contacts, low80, high80, need, naive.
    """

    __tablename__ = "plan_day"
    __table_args__ = (UniqueConstraint("plan_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    day: Mapped[date] = mapped_column(index=True)
    ahead: Mapped[int]
    contacts: Mapped[float] = mapped_column(Double)
    low80: Mapped[float] = mapped_column(Double)
    high80: Mapped[float] = mapped_column(Double)
    low95: Mapped[float] = mapped_column(Double)
    high95: Mapped[float] = mapped_column(Double)
    naive: Mapped[float] = mapped_column(Double)
    refund_fen: Mapped[float] = mapped_column(Double)
    refund_low_fen: Mapped[float] = mapped_column(Double)
    refund_high_fen: Mapped[float] = mapped_column(Double)
    refund_naive_fen: Mapped[float] = mapped_column(Double)
    why: Mapped[dict[str, Any]] = mapped_column(JSON)
    slots: Mapped[dict[str, Any]] = mapped_column(JSON)
    came: Mapped[int | None]
    refund_came_fen: Mapped[int | None]
    need_off: Mapped[float | None] = mapped_column(Double)
    naive_need_off: Mapped[float | None] = mapped_column(Double)
