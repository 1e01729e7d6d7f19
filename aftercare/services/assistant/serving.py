"""Which model is to be in use, now and after a restart."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare import model
from aftercare.settings import Settings
from aftercare.store.assistant import ModelChoiceRow, RasaModelRow
from aftercare.store.unit_of_work import read

# Why a promoted model is not in use.
GONE, OTHER_PROJECT = "gone", "other_project"


@dataclass(frozen=True, slots=True)
class Serving:
    """The model to use: its file, its name, its row if it was trained here.

    `passed_over` says why a promoted one is not used (`gone`, `other_project`).
    """

    path: Path
    name: str
    model_id: int | None = None
    passed_over: str | None = None


def folder_of(settings: Settings) -> Path:
    """Return where models trained from the console are kept."""
    return settings.state_dir / "models"


def chosen(session: Session) -> RasaModelRow | None:
    """Return the promoted model, None for the project's own."""
    newest = session.scalar(
        select(ModelChoiceRow).order_by(ModelChoiceRow.id.desc()).limit(1)
    )
    if newest is None or newest.model_id is None:
        return None
    return session.get(RasaModelRow, newest.model_id)


def current(engine: Engine, settings: Settings) -> Serving:
    """Return the model to use.

    A promoted model is used as long as the project is what it was trained for: its
    files have the fingerprint they had then, or that of the training itself (its
    branch was merged since). Otherwise code and model might not fit each other, and
    the project's own model is used until somebody trains and promotes again.
    """
    with read(engine) as session:
        row = chosen(session)
        if row is not None:
            session.expunge(row)
    own = model.path_for(settings)
    why = None
    if row is not None:
        path = folder_of(settings) / f"{row.name}.tar.gz"
        why = unfit(row, path)
        if why is None:
            return Serving(path, row.name, row.id)
    return Serving(own, own.name.removesuffix(".tar.gz"), None, why)


def unfit(row: RasaModelRow, path: Path) -> str | None:
    """Return why a model cannot be used here, None if it can."""
    if not path.exists() or digest(path) != row.sha256:
        return GONE
    if model.fingerprint() not in (row.base, row.fingerprint):
        return OTHER_PROJECT
    return None


def digest(path: Path) -> str:
    """Return a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
