"""Engines: SQLite in WAL mode by default, any SQLAlchemy URL otherwise."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

BUSY_TIMEOUT_MS = 5_000


def make_engine(url: str) -> Engine:
    """Return an engine whose SQLite transactions take the write lock at once.

    A deferred SQLite transaction that upgrades to a write fails with SQLITE_BUSY
    whatever the timeout, so every transaction begins IMMEDIATE unless it is
    marked as read-only (`unit_of_work.read`).
    """
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def _set_pragmas(connection: Any, _record: Any) -> None:
    # The driver must not open transactions of its own accord.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Set WAL mode, waiting for others who open a new file at the same moment.

    The change needs the file alone, and SQLite answers SQLITE_BUSY to it at once,
    whatever the timeout (sqlite.org/c3ref/busy_handler.html).
    """
    end = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > end:
                raise
            time.sleep(0.02)


def _begin_immediate(connection: Connection) -> None:
    reading = connection.get_execution_options().get("aftercare_read", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
