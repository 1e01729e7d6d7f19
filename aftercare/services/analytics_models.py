"""The versions of each analytics model; the last good one is kept in use.

A payload is whatever the estimator makes of itself as plain arrays or JSON,
never a pickle: a database that was written to by a stranger must not run code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, select, update

from aftercare.store.jobs import ModelRow
from aftercare.store.unit_of_work import read, write

LIVE, RETIRED, REFUSED = "live", "retired", "refused"
KEPT = 5


@dataclass(frozen=True, slots=True)
class StoredModel:
    """One version as it was kept."""

    name: str
    version: int
    made_at: datetime
    rows: int
    metrics: dict[str, Any]
    payload: bytes


def keep(
    engine: Engine,
    name: str,
    payload: bytes,
    *,
    rows: int,
    metrics: dict[str, Any],
    good: bool,
    now: datetime,
) -> int:
    """Keep a new version and return its number.

    It comes into use if it is good; one that is not is kept to be looked at,
    and the version before it stays in use.
    """
    with write(engine) as session:
        newest = session.scalar(
            select(func.max(ModelRow.version)).where(ModelRow.name == name)
        )
        version = (newest or 0) + 1
        if good:
            session.execute(
                update(ModelRow)
                .where(ModelRow.name == name, ModelRow.state == LIVE)
                .values(state=RETIRED)
            )
        row = ModelRow(
            name=name,
            version=version,
            state=LIVE if good else REFUSED,
            made_at=now,
            rows=rows,
            metrics=metrics,
            sha256=hashlib.sha256(payload).hexdigest(),
            payload=payload,
        )
        session.add(row)
        session.flush()
        _drop_old(session, name, version)
    return version


def in_use(engine: Engine, name: str) -> StoredModel | None:
    """Return the newest version that is good and unbroken, None if there is none."""
    return next(unbroken(engine, name), None)


def unbroken(engine: Engine, name: str) -> Iterator[StoredModel]:
    """Yield the good versions whose bytes are as they were kept, best first."""
    query = (
        select(ModelRow)
        .where(ModelRow.name == name, ModelRow.state.in_((LIVE, RETIRED)))
        .order_by((ModelRow.state == LIVE).desc(), ModelRow.version.desc())
    )
    with read(engine) as session:
        for row in session.scalars(query):
            if hashlib.sha256(row.payload).hexdigest() == row.sha256:
                yield StoredModel(
                    row.name,
                    row.version,
                    row.made_at,
                    row.rows,
                    row.metrics,
                    row.payload,
                )


def version_in_use(engine: Engine, name: str) -> int | None:
    """Return the number of the version in use, without its payload."""
    with read(engine) as session:
        return session.scalar(
            select(ModelRow.version).where(
                ModelRow.name == name, ModelRow.state == LIVE
            )
        )


def versions(engine: Engine) -> list[dict[str, Any]]:
    """Return all versions, newest first, without their payloads."""
    with read(engine) as session:
        rows = session.execute(
            select(
                ModelRow.name,
                ModelRow.version,
                ModelRow.state,
                ModelRow.made_at,
                ModelRow.rows,
                ModelRow.metrics,
            ).order_by(ModelRow.name, ModelRow.version.desc())
        )
        return [dict(row._mapping) for row in rows]


def _drop_old(session: Any, name: str, newest: int) -> None:
    old = session.scalars(
        select(ModelRow).where(
            ModelRow.name == name,
            ModelRow.state != LIVE,
            ModelRow.version <= newest - KEPT,
        )
    )
    for row in old:
        session.delete(row)
