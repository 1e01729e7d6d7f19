"""Choices that are learned from: what was shown, how likely, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.store.models import Base


class ChoiceRow(Base):
    """One choice between arms, with the propensity it was made with.

    `context` holds numbers alone, `subject` what it was about (a line, or
    nothing); `reward` is empty until something came of it or time has passed.
    """

    __tablename__ = "trial_choice"
    __table_args__ = (Index("ix_trial_choice_trial_at", "trial", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    trial: Mapped[str] = mapped_column(String(32))
    arm: Mapped[str] = mapped_column(String(32))
    propensity: Mapped[float]
    context: Mapped[dict[str, Any]] = mapped_column(JSON)
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    subject: Mapped[str] = mapped_column(String(64), default="")
    at: Mapped[datetime]
    reward: Mapped[float | None]
    reward_at: Mapped[datetime | None]
