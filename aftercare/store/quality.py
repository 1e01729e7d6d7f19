"""Tables of the quality audit: findings, checked talks, scorecards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Double, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.store.models import Base


class FindingRow(Base):
    """One breach of one rule, on the sentence `start` … of message `seq`.

    The sentence is masked. `live` was found while the talk ran.
    """

    __tablename__ = "quality_finding"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq", "rule", "start"),
        Index("ix_quality_finding_state_at", "state", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int]
    rule: Mapped[str] = mapped_column(String(64), index=True)
    start: Mapped[int]
    version: Mapped[str] = mapped_column(String(32))
    severity: Mapped[str] = mapped_column(String(16))
    basis: Mapped[str] = mapped_column(Text)
    speaker: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    sentence: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    live: Mapped[bool]
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    dispute: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None]


class TalkCheckRow(Base):
    """A talk as it was checked up to `upto_seq`, and what a person said of it."""

    __tablename__ = "quality_talk"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id"), primary_key=True
    )
    upto_seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    score: Mapped[int]
    risk: Mapped[float] = mapped_column(Double)
    picked_at: Mapped[datetime | None] = mapped_column(index=True)
    picked_why: Mapped[str | None] = mapped_column(String(16))
    chance: Mapped[float | None] = mapped_column(Double)
    faulty: Mapped[bool | None]
    reviewed_by: Mapped[str | None] = mapped_column(String(64))
    reviewed_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="")


class ScorecardRow(Base):
    """The points each rule costs; the newest version counts."""

    __tablename__ = "quality_scorecard"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    points: Mapped[dict[str, int]] = mapped_column(JSON)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
