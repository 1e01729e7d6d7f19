"""What a customer agreed to or refused, by purpose; the newest word counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.store.models import Base


class ConsentRow(Base):
    """One customer's word on one purpose; no row = never asked."""

    __tablename__ = "consent"

    customer_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(32), primary_key=True)
    given: Mapped[bool]
    source: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
