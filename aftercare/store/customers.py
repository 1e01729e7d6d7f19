"""Tables of known customers: what each is worth, tags, and campaigns with control."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Double, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.store.models import Base


class ProfileRow(Base):
    """Last night's figures of one customer; none of who refuses to be profiled.

    `band` is high, at_risk or none: what changes how a talk is routed.
    """

    __tablename__ = "customer_profile"
    __table_args__ = (Index("ix_customer_profile_band", "band", "expected_fen"),)

    customer_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    made_at: Mapped[datetime]
    segment: Mapped[str] = mapped_column(String(16), index=True)
    band: Mapped[str] = mapped_column(String(16))
    orders: Mapped[int]
    spent_fen: Mapped[int]
    recency_days: Mapped[float] = mapped_column(Double)
    expected_fen: Mapped[float] = mapped_column(Double)
    churn_risk: Mapped[float] = mapped_column(Double)
    why: Mapped[dict[str, Any]] = mapped_column(JSON)


class CustomerTagRow(Base):
    """A tag on a customer."""

    __tablename__ = "customer_tag"

    customer_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tag: Mapped[str] = mapped_column(String(32), primary_key=True, index=True)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class CampaignRow(Base):
    """Something to tell customers, with a part of them left alone to compare."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), index=True)
    text: Mapped[str] = mapped_column(Text)
    after_days: Mapped[int]
    control_share: Mapped[float] = mapped_column(Double)
    outcome_days: Mapped[int]
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    started_by: Mapped[str | None] = mapped_column(String(64))
    started_at: Mapped[datetime | None]


class CampaignMemberRow(Base):
    """One customer of a campaign, written to or held back, and what came of it."""

    __tablename__ = "campaign_member"
    __table_args__ = (
        UniqueConstraint("campaign_id", "customer_id"),
        Index("ix_campaign_member_customer_at", "customer_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    customer_id: Mapped[str] = mapped_column(String(64))
    arm: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    outcome: Mapped[bool | None]
    outcome_fen: Mapped[int | None]
