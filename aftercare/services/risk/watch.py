"""Rings as alerts: how many accounts, never which; the desk shows those."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from aftercare.services.alerts.types import Report
from aftercare.store.risk import OPEN, RiskNoteRow

NEW = timedelta(days=2)


def rings(session: Session, now: datetime) -> Iterator[Report]:
    """Report rings that came up lately and that nobody has judged."""
    rows = session.scalars(
        select(RiskNoteRow).where(
            RiskNoteRow.ring_at > now - NEW,
            RiskNoteRow.ring_at <= now,
            RiskNoteRow.state == OPEN,
        )
    )
    seen: dict[str, dict[str, float]] = {}
    for row in rows:
        if row.ring and row.ring not in seen:
            seen[row.ring] = row.figures.get("ring", {})
    for ring, figures in seen.items():
        more = {
            "seen": figures.get("returned", 0),
            "usual": figures.get("usual", 0),
            "of": figures.get("lines", 0),
            "members": figures.get("members", 0),
        }
        yield Report("risk_ring", ring, "high", more)
