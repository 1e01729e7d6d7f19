"""Engines: SQLite in WAL mode by default, any SQLAlchemy URL otherwise."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

BUSY_TIMEOUT_MS = 5_000
LOG_TRIES, LOG_PAUSE_S = 20, 0.1
# How long to sleep between two tries for the write lock: at first, and at most.
TRY_AGAIN_S, TRY_AGAIN_MOST_S = 0.001, 0.01


def make_engine(url: str) -> Engine:
    """Return an engine whose SQLite transactions take the write lock at once.

    A deferred SQLite transaction that upgrades to a write fails with SQLITE_BUSY
    whatever the timeout, so every transaction begins IMMEDIATE unless it is
    marked as read-only (`unit_of_work.read`).
    """
    # A restarted server cuts every pooled connection: who gets one of those would be
    # told that the system is busy. A file has no such moment.
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def _set_pragmas(connection: Any, _record: Any) -> None:
    # The driver must not open transactions of its own accord.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # What is deleted is overwritten, not left to be read in the file's free pages.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.close()


def empty_log(engine: Engine) -> bool:
    """Take what was deleted out of SQLite's write-ahead log too; False if it is busy.

    Nobody is made to wait: a reader in the way ends the try.
    """
    if engine.dialect.name != "sqlite":
        return True
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA busy_timeout=0")
        try:
            for _ in range(LOG_TRIES):
                busy, *_rest = cursor.execute(
                    "PRAGMA wal_checkpoint(TRUNCATE)"
                ).fetchone()
                if not busy:
                    return True
                time.sleep(LOG_PAUSE_S)
            return False
        finally:
            cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
            cursor.close()


def _begin_immediate(connection: Connection) -> None:
    if connection.get_execution_options().get("aftercare_read", False):
        connection.exec_driver_sql("BEGIN")
    else:
        _take_write_lock(connection)


def _take_write_lock(connection: Connection) -> None:
    """Begin a write as soon as the lock is free.

    SQLite's own wait (`sqliteDefaultBusyCallback`) soon sleeps 50 and 100 ms between
    two tries while a write of ours lasts two: who waits is overtaken by all who come
    later, and that was the tail of a turn under load.

    Raises:
        sqlalchemy.exc.OperationalError: locked for as long as this connection waits.
    """
    raw: Any = connection.connection.dbapi_connection
    wait_ms = int(raw.execute("PRAGMA busy_timeout").fetchone()[0])
    last = time.monotonic() + wait_ms / 1000
    pause = TRY_AGAIN_S
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while not _begun(raw):
            if time.monotonic() > last:
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # or its error
                return
            time.sleep(pause)
            pause = min(pause * 1.2, TRY_AGAIN_MOST_S)
    finally:
        raw.execute(f"PRAGMA busy_timeout={wait_ms}")


def _begun(raw: Any) -> bool:
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        # The low byte: SQLite adds why it is busy above it.
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True
