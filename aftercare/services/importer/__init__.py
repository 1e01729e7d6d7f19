"""Take in a shop's own CSV files: everything, or nothing and why."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from sqlalchemy import Engine

from aftercare.services.importer.check import check
from aftercare.services.importer.files import Batch, ImportRefused, Problem, read_folder
from aftercare.services.importer.forgotten import leave_out
from aftercare.services.importer.write import Part, plan, write_part
from aftercare.store.unit_of_work import read, write

__all__ = ["ImportRefused", "Problem", "import_folder"]
log = logging.getLogger(__name__)
# Between two parts whoever waits for SQLite's lock comes first.
PAUSE_S = 0.01


def import_folder(
    engine: Engine, folder: Path, *, dry_run: bool = False, state: Path | None = None
) -> dict[str, int]:
    """Import a folder and return the rows taken per kind of file.

    Rows that are known are brought up to date, so a nightly export can be
    imported again and again; what customers did here (refunds, cases, repairs)
    is never touched, and who was forgotten (`state` is where the list of them
    stands) stays so. `dry_run` checks everything and writes nothing.

    Everything is checked before anything is written. PostgreSQL takes it in one
    transaction. SQLite, which has one writer, takes it in small ones, so that no
    customer waits: an import that is killed leaves its first rows, all of them
    whole, and done again it completes them.

    Raises:
        ImportRefused: with row-numbered problems; nothing was written.
    """
    batch = read_folder(folder)
    with read(engine) as session:
        if state is not None:
            leave_out(session, batch, state)
        check(session, batch)
        if batch.problems:
            raise ImportRefused(batch.problems)
        parts = [] if dry_run else list(plan(session, batch))
    left_out = _write(engine, parts)
    if left_out:
        # Somebody was forgotten, or money went back, between the check and the write.
        fields = {"reason": "changed_since", "rows": left_out}
        log.warning("rows left out of an import", extra={"fields": fields})
    return _taken(batch)


def _write(engine: Engine, parts: list[Part]) -> int:
    if engine.dialect.name != "sqlite":
        with write(engine) as session:
            return sum(write_part(session, part) for part in parts)
    left_out = 0
    for part in parts:
        with write(engine) as session:
            left_out += write_part(session, part)
        time.sleep(PAUSE_S)
    return left_out


def _taken(batch: Batch) -> dict[str, int]:
    return {kind: len(rows) for kind, rows in batch.rows.items()}
