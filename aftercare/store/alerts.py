"""The table of alerts: what was unusual, why, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.store.models import Base

OPEN, ASSIGNED, CLOSED = "open", "assigned", "closed"


class AlertRow(Base):
    """One thing for a person to look at; the same thing again counts up `times`.

    `figures` say why (numbers and codes), `examples` name cases and talks.
    `group_id` is the first alert of what seems one incident, itself included.
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index("ix_alert_kind_subject", "kind", "subject"),
        Index("ix_alert_state_raised_at", "state", "raised_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64))
    severity: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    group_id: Mapped[int | None] = mapped_column(index=True)
    raised_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    examples: Mapped[list[str]] = mapped_column(JSON)
    mailed_at: Mapped[datetime | None]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[str | None] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text, default="")
    closed_by: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[datetime | None]
