"""The models there are, and which of them customers are answered by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from aftercare import model
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.assistant.serving import current, digest, folder_of
from aftercare.services.console.audit import Actor, record
from aftercare.settings import Settings
from aftercare.store.assistant import ModelChoiceRow, ModelReplayRow, RasaModelRow
from aftercare.store.unit_of_work import read, write

PROMOTE, ROLLBACK = "promote", "rollback"
# Loads a model file into the running Rasa; raises AftercareError if it cannot.
Load = Callable[[Path], None]


def listed(engine: Engine, settings: Settings) -> dict[str, Any]:
    """Return all models, newest first, the choices made, and which is in use."""
    in_use = current(engine, settings)
    with read(engine) as session:
        rows = session.scalars(select(RasaModelRow).order_by(RasaModelRow.id.desc()))
        items = [_view(row) | {"in_use": row.id == in_use.model_id} for row in rows]
        choices = session.scalars(
            select(ModelChoiceRow).order_by(ModelChoiceRow.id.desc()).limit(50)
        )
        names = {item["id"]: item["name"] for item in items}
        history = [
            {
                "model_id": row.model_id,
                "name": names.get(row.model_id) if row.model_id else None,
                "step": row.step,
                "by": row.by,
                "at": row.at,
            }
            for row in choices
        ]
    return {
        "items": items,
        "history": history,
        "in_use": {"name": in_use.name, "model_id": in_use.model_id},
        "passed_over": in_use.passed_over,
        "project": model.fingerprint(),
        "can_roll_back": bool(history),
    }


def found(engine: Engine, model_id: int) -> dict[str, Any]:
    """Return one model with its figures (AftercareError NOT_FOUND)."""
    with read(engine) as session:
        row = session.get(RasaModelRow, model_id)
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        return _view(row) | {"config": row.config}


def replayed(
    engine: Engine, model_id: int, kind: str, offset: int, limit: int
) -> dict[str, Any]:
    """Return messages that a model takes otherwise, side by side."""
    query = select(ModelReplayRow).where(ModelReplayRow.model_id == model_id)
    if kind:
        query = query.where(ModelReplayRow.changed.contains(f",{kind},"))
    with read(engine) as session:
        total = session.scalar(select(func.count()).select_from(query.subquery()))
        rows = session.scalars(
            query.order_by(ModelReplayRow.id).offset(offset).limit(limit)
        )
        items = [
            {
                "id": row.id,
                "conversation_id": row.conversation_id,
                "message_id": row.message_id,
                "text": row.text,
                "changed": row.changed.strip(",").split(","),
                "before": row.before,
                "after": row.after,
            }
            for row in rows
        ]
    return {"items": items, "total": total or 0}


def promote(
    engine: Engine,
    settings: Settings,
    actor: Actor,
    model_id: int,
    load: Load,
    now: datetime,
) -> None:
    """Put a model in use: loaded beside the old one first, chosen when it answers.

    Raises:
        AftercareError: NOT_FOUND; ILLEGAL_MOVE for a model that was not judged, that
            was made for another state of the project, or whose file is not the one
            that was trained; what `load` raises. Then nothing has changed.
    """
    with read(engine) as session:
        row = session.get(RasaModelRow, model_id)
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        session.expunge(row)
    if row.metrics is None:
        raise AftercareError(Reason.ILLEGAL_MOVE, "not judged yet")
    path = folder_of(settings) / f"{row.name}.tar.gz"
    if not path.exists() or digest(path) != row.sha256:
        raise AftercareError(Reason.ILLEGAL_MOVE, "the model's file is not there")
    if model.fingerprint() not in (row.base, row.fingerprint):
        raise AftercareError(Reason.ILLEGAL_MOVE, "the project has changed since")
    load(path)
    _choose(engine, actor, model_id, PROMOTE, row.name, now)


def roll_back(
    engine: Engine, settings: Settings, actor: Actor, load: Load, now: datetime
) -> str:
    """Put the model before the present one in use again; return its name.

    Raises:
        AftercareError: ILLEGAL_MOVE where there is none, or its file is gone.
    """
    before = _before(engine)
    path = model.path_for(settings)
    if before is not None:
        path = folder_of(settings) / f"{before.name}.tar.gz"
    if not path.exists():
        raise AftercareError(Reason.ILLEGAL_MOVE, "the model's file is not there")
    load(path)
    name = path.name.removesuffix(".tar.gz")
    _choose(engine, actor, before.id if before else None, ROLLBACK, name, now)
    return name


def _before(engine: Engine) -> RasaModelRow | None:
    """Return the model in use before the present one; None: the project's own.

    Each step back undoes the newest promotion that was not yet undone, so that two
    steps back go two models back and not to and fro.
    """
    with read(engine) as session:
        steps = session.scalars(select(ModelChoiceRow).order_by(ModelChoiceRow.id))
        line: list[int | None] = [None]
        for step in steps:
            if step.step == PROMOTE:
                line.append(step.model_id)
            elif len(line) > 1:
                line.pop()
        if len(line) < 2:
            raise AftercareError(Reason.ILLEGAL_MOVE, "there is no model before")
        found = session.get(RasaModelRow, line[-2]) if line[-2] is not None else None
        if found is not None:
            session.expunge(found)
    return found


def _choose(
    engine: Engine,
    actor: Actor,
    model_id: int | None,
    step: str,
    name: str,
    now: datetime,
) -> None:
    with write(engine) as session:
        session.add(
            ModelChoiceRow(model_id=model_id, step=step, by=actor.login, at=now)
        )
        record(session, actor, f"model.{step}", now, name)


def _view(row: RasaModelRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "fingerprint": row.fingerprint,
        "data_version": row.data_version,
        "size": row.size,
        "made_by": row.made_by,
        "made_at": row.made_at,
        "took_s": row.took_s,
        "metrics": row.metrics,
        "judged_against": row.judged_against,
    }
