"""Tables that let several processes share one shop: leases, and events to tell."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Double, String
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.store.models import Base


class LeaseRow(Base):
    """Who may do a thing until when; `until` in seconds of the database's clock."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64), index=True)
    until: Mapped[float] = mapped_column(Double)


class OutboxRow(Base):
    """An event for the outside, written with what it tells of; `sent_at` once told.

    `body` holds codes, numbers and amounts, nothing that says who a customer is.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    event_id: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    case_no: Mapped[str | None] = mapped_column(String(32), index=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime]
    sent_at: Mapped[datetime | None] = mapped_column(index=True)
