"""Take in a shop's own CSV files: everything, or nothing and why."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from aftercare.services.importer.check import check
from aftercare.services.importer.files import ImportRefused, Problem, read_folder
from aftercare.services.importer.write import write_rows
from aftercare.store.unit_of_work import read, write

__all__ = ["ImportRefused", "Problem", "import_folder"]


def import_folder(
    engine: Engine, folder: Path, *, dry_run: bool = False
) -> dict[str, int]:
    """Import a folder and return the rows taken per kind of file.

    Rows that are known are brought up to date, so a nightly export can be
    imported again and again; what customers did here (refunds, cases, repairs)
    is never touched. `dry_run` checks everything and writes nothing.

    Raises:
        ImportRefused: with row-numbered problems; nothing was written.
    """
    batch = read_folder(folder)
    if dry_run:
        with read(engine) as session:
            check(session, batch)
    else:
        with write(engine) as session:
            check(session, batch)
            if not batch.problems:
                write_rows(session, batch)
    if batch.problems:
        raise ImportRefused(batch.problems)
    return {kind: len(rows) for kind, rows in batch.rows.items()}
