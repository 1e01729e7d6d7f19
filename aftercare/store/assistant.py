"""Tables of the assistant's making: training data, trained models, their judging."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Double, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from aftercare.store.models import Base


class TrainingChangeRow(Base):
    """One change of the training data, where the project is no Git checkout.

    `files` holds whole texts by path, null for a deleted file. That `parent` is
    unique makes the changes one line.
    """

    __tablename__ = "training_change"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    version: Mapped[str] = mapped_column(String(40), unique=True)
    parent: Mapped[str] = mapped_column(String(40), unique=True)
    author: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    message: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(32))
    files: Mapped[dict[str, str | None]] = mapped_column(JSON)


class AssistantTaskRow(Base):
    """Work a person asked for in the console, done by the jobs process.

    `kind` is `train` or `story`; `lines` the progress so far, `payload` what it
    needs and `result` what came out: no customer's words in either.
    """

    __tablename__ = "assistant_task"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(16), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    # A reason code, with what is safe and useful to show behind a colon.
    error: Mapped[str | None] = mapped_column(Text)


class RasaModelRow(Base):
    """One trained model of the dialogue: what it was made of, and how it did.

    `fingerprint` is over everything its training read, `base` the same over the
    project's own files at that moment (`aftercare.model.fingerprint`).
    """

    __tablename__ = "rasa_model"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    fingerprint: Mapped[str] = mapped_column(String(16))
    base: Mapped[str] = mapped_column(String(16))
    data_version: Mapped[str] = mapped_column(String(40))
    config: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    took_s: Mapped[float] = mapped_column(Double)
    # Filled when it has been judged: held-out set, stories, replay.
    metrics: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    judged_against: Mapped[str | None] = mapped_column(String(64))


class ModelReplayRow(Base):
    """A past message the candidate takes otherwise than the model in use; masked."""

    __tablename__ = "model_replay"
    __table_args__ = (Index("ix_model_replay_model_id", "model_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("rasa_model.id"))
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id"), index=True
    )
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    text: Mapped[str] = mapped_column(Text)
    # What changed: `intent`, `entities`, `action`, between commas.
    changed: Mapped[str] = mapped_column(String(32))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)


class ModelChoiceRow(Base):
    """Which model was put in use, when and by whom; the newest row is in use.

    Without a model: the one the project's own files make.
    """

    __tablename__ = "model_choice"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    model_id: Mapped[int | None] = mapped_column(ForeignKey("rasa_model.id"))
    # `promote` or `rollback`.
    step: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
