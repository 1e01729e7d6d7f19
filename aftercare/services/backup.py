"""A backup that can be restored: the database, the files, and proof of both.

A backup is a folder: `database` (a SQLite file, or PostgreSQL's custom dump),
`files/`, the list of the forgotten, and `manifest.json` with a SHA-256 of each.
Rasa's working memory is not in it: the conversation log is the record.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.rights import forget_again
from aftercare.services.rights.ledger import NAME as FORGOTTEN
from aftercare.store.migrations import upgrade
from aftercare.store.models import Base, CustomerRow
from aftercare.store.unit_of_work import read

DUMP, MANIFEST = "database", "manifest.json"


def back_up(engine: Engine, state: Path, target: Path, now: datetime) -> dict[str, Any]:
    """Write a backup of one consistent moment while everything runs.

    Files are copied after the database: a row in the backup never points at a
    file that is not in it, unless it was erased in between.

    Raises:
        FileExistsError: the target is there already.
        RuntimeError: the database's own tool failed.
    """
    target.mkdir(mode=0o700, parents=True)
    if engine.dialect.name == "sqlite":
        _copy_sqlite(str(engine.url.database), target / DUMP)
    else:
        _postgres(engine, "pg_dump", "-Fc", "--no-owner", "-f", str(target / DUMP))
    if (state / "files").is_dir():
        shutil.copytree(state / "files", target / "files")
    if (state / FORGOTTEN).exists():
        shutil.copy(state / FORGOTTEN, target / FORGOTTEN)
    found = {"at": now.isoformat(), "kind": engine.dialect.name, "sums": _sums(target)}
    (target / MANIFEST).write_text(json.dumps(found, indent=1), encoding="utf-8")
    return found


def restore(
    engine: Engine,
    state: Path,
    source: Path,
    tracker: str | None = None,
    *,
    replace: bool = False,
) -> int:
    """Put a backup in place, bring it to this schema, forget the forgotten again.

    Nothing else may run meanwhile. The list of the forgotten that stands here is
    kept: it is newer than the backup's. Returns how many were forgotten again.

    Raises:
        AftercareError: MALFORMED for a backup that is not whole or of another
            kind of database; ILLEGAL_MOVE where customers would be overwritten
            and `replace` is not set. Nothing is changed then.
        RuntimeError: the database's own tool failed; it changes all or nothing.
    """
    _check(engine, source)
    if not replace and _customers(engine):
        raise AftercareError(Reason.ILLEGAL_MOVE, "the database is not empty")
    engine.dispose()
    if engine.dialect.name == "sqlite":
        _copy_sqlite(str(source / DUMP), Path(str(engine.url.database)))
    else:
        clean = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
        _postgres(engine, "pg_restore", *clean, str(source / DUMP), named="-d")
    if (source / "files").is_dir():
        shutil.copytree(source / "files", state / "files", dirs_exist_ok=True)
    if (source / FORGOTTEN).exists() and not (state / FORGOTTEN).exists():
        shutil.copy(source / FORGOTTEN, state / FORGOTTEN)
    upgrade(engine)
    return forget_again(engine, state, tracker)


def _check(engine: Engine, source: Path) -> None:
    try:
        found = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
        kind, sums = found["kind"], found["sums"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AftercareError(Reason.MALFORMED, "no manifest") from error
    if kind != engine.dialect.name:
        raise AftercareError(Reason.MALFORMED, f"a backup of {kind}")
    if sums != _sums(source):
        raise AftercareError(Reason.MALFORMED, "a part is missing or changed")


def _customers(engine: Engine) -> int:
    if not _has_tables(engine):
        return 0
    with read(engine) as session:
        return session.scalar(select(func.count()).select_from(CustomerRow)) or 0


def _has_tables(engine: Engine) -> bool:
    with engine.connect() as connection:
        return engine.dialect.has_table(
            connection, Base.metadata.tables["customer"].name
        )


def _sums(folder: Path) -> dict[str, str]:
    sums = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != MANIFEST:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            sums[path.relative_to(folder).as_posix()] = digest
    return sums


def _copy_sqlite(source: str, target: Path) -> None:
    """Copy page by page with SQLite's own backup, which minds writers."""
    with (
        closing(sqlite3.connect(source)) as origin,
        closing(sqlite3.connect(target)) as copy,
    ):
        origin.backup(copy)


def _postgres(engine: Engine, tool: str, *options: str, named: str = "-d") -> None:
    """Run PostgreSQL's tool; the password goes by the environment, unseen."""
    url = engine.url
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    bare = url.set(drivername="postgresql", password=None)
    address = bare.render_as_string(hide_password=False)
    try:
        done = subprocess.run(
            [tool, named, address, *options],
            env=os.environ | secret,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise RuntimeError(f"{tool} is not installed") from error
    if done.returncode:
        raise RuntimeError(f"{tool} failed: {done.stderr.decode()[-300:]}")
