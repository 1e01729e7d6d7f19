"""Tables of scheduled work and of the models it makes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.store.models import Base


class JobRunRow(Base):
    """One due run of a job; the unique pair lets one process alone have it."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("job", "due"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    job: Mapped[str] = mapped_column(String(64))
    due: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    worker: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime]
    lease_until: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    # A reason code; the words of an error may hold a customer's.
    error: Mapped[str | None] = mapped_column(String(64))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class ProcessBeatRow(Base):
    """When a process last wrote: proof that it can."""

    __tablename__ = "process_beat"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]


class ModelRow(Base):
    """One version of an analytics model: what it learned from, how good it is."""

    __tablename__ = "analytics_model"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]
    rows: Mapped[int]
    metrics: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    payload: Mapped[bytes] = mapped_column(LargeBinary)
