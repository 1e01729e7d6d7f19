"""The table of the risk desk: whom a person should look at, and what they said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Double, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.store.models import Base

OPEN, JUDGED = "open", "judged"


class RiskNoteRow(Base):
    """One customer's note; linked accounts bear the same `ring`.

    It never decides anything and is never told to the customer, but it is in the
    customer's copy (PIPL art. 45) and goes when the customer is forgotten.
    """

    __tablename__ = "risk_note"
    __table_args__ = (Index("ix_risk_note_state_score", "state", "score"),)

    customer_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    score: Mapped[float] = mapped_column(Double)
    basis: Mapped[str] = mapped_column(String(16))
    reasons: Mapped[list[Any]] = mapped_column(JSON)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    ring: Mapped[str | None] = mapped_column(String(16), index=True)
    at: Mapped[datetime]
    ring_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16))
    verdict: Mapped[str | None] = mapped_column(String(16))
    judged_by: Mapped[str | None] = mapped_column(String(64))
    judged_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="")
