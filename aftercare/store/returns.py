"""Notes to the shop about goods that come back too often."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.store.models import Base


class ReturnNoteRow(Base):
    """One thing that is wrong with one product; its figures are those of last night.

    `state` is open, done or dismissed; a note that was done is opened again only
    by returns of goods that were bought after that.
    """

    __tablename__ = "return_note"
    __table_args__ = (UniqueConstraint("spu", "kind", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    spu: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None]
