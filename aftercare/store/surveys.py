"""Tables of the surveys: whom we asked, what they said, and who follows it up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Double, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.store.models import Base


class SurveyRow(Base):
    """One service that could be rated, once; its words stay where they were said.

    `conversation_id` is the talk it is about, `asked_in` the one it was asked in
    (a later visit may be another). `why` says why nobody was asked. `predicted`
    is a guess for the silent, with `predicted_error` its usual error in points.
    """

    __tablename__ = "survey"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject"),
        Index("ix_survey_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    subject_kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(64))
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id"), index=True
    )
    customer_id: Mapped[str | None] = mapped_column(String(64), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    state: Mapped[str] = mapped_column(String(16))
    why: Mapped[str | None] = mapped_column(String(16))
    due_at: Mapped[datetime]
    token: Mapped[str] = mapped_column(String(64), unique=True)
    asked_at: Mapped[datetime | None]
    asked_in: Mapped[str | None] = mapped_column(String(64), index=True)
    asked_seq: Mapped[int | None]
    answered_at: Mapped[datetime | None]
    score: Mapped[int | None]
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)
    comment_wanted_at: Mapped[datetime | None]
    comment_seq: Mapped[int | None]
    predicted: Mapped[float | None] = mapped_column(Double)
    predicted_error: Mapped[float | None] = mapped_column(Double)


class FollowUpRow(Base):
    """A supervisor's task after a low score; it has a deadline and an outcome."""

    __tablename__ = "survey_followup"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"), unique=True)
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    at: Mapped[datetime]
    due_at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[str | None] = mapped_column(String(32))
    note: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None]
