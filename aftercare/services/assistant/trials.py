"""Models that a guest with a link may try, and which of them answers a trial."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, select

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.assistant.serving import current, folder_of, unfit
from aftercare.settings import Settings
from aftercare.store.assistant import RasaModelRow
from aftercare.store.desk import HandoverRow
from aftercare.store.unit_of_work import read

# The newest are tried; older ones were judged and passed over.
MOST = 5


def choices(engine: Engine, settings: Settings) -> list[dict[str, Any]]:
    """Return the model in use and the candidates that can be loaded, newest first.

    Each has `name`, `in_use`, and `accuracy` on the held-out messages if judged.
    """
    in_use = current(engine, settings)
    with read(engine) as session:
        rows = session.scalars(
            select(RasaModelRow).order_by(RasaModelRow.id.desc()).limit(MOST)
        ).all()
        fine = [
            {
                "name": row.name,
                "in_use": False,
                "accuracy": ((row.metrics or {}).get("candidate") or {}).get(
                    "accuracy"
                ),
            }
            for row in rows
            if row.id != in_use.model_id
            and unfit(row, folder_of(settings) / f"{row.name}.tar.gz") is None
        ]
    return [{"name": in_use.name, "in_use": True, "accuracy": None}, *fine]


def check(engine: Engine, settings: Settings, name: str | None) -> str | None:
    """Return the name to keep with a trial: None for the model in use.

    Raises:
        AftercareError: NOT_FOUND for a model that cannot be tried.
    """
    if name is None:
        return None
    found = next((x for x in choices(engine, settings) if x["name"] == name), None)
    if found is None:
        raise AftercareError(Reason.NOT_FOUND, "model")
    return None if found["in_use"] else name


def file_of(engine: Engine, settings: Settings, talk_id: str) -> dict[str, str] | None:
    """Return the file that answers a trial, None for the model in use.

    A candidate that was deleted meanwhile leaves the trial to the model in use.
    """
    with read(engine) as session:
        desk = session.get(HandoverRow, talk_id)
        if desk is None or desk.model is None:
            return None
        row = session.scalar(
            select(RasaModelRow).where(RasaModelRow.name == desk.model)
        )
        if row is None:
            return None
        path = folder_of(settings) / f"{row.name}.tar.gz"
        if not path.exists():
            return None
        return {"path": str(path.resolve()), "sha256": row.sha256}
