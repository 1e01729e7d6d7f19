"""The write lock of SQLite is waited for, for so long and no longer."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from aftercare.store import engine as store_engine
from aftercare.store.engine import make_engine
from aftercare.store.unit_of_work import read, write


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


@pytest.fixture
def engine(file: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{file}")
    with write(engine) as session:
        session.execute(text("CREATE TABLE t (x INTEGER)"))
    yield engine
    engine.dispose()


@pytest.fixture
def rival(file: Path, engine: Engine) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(
        file, isolation_level=None, check_same_thread=False, timeout=0
    )
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.close()


def put(engine: Engine) -> None:
    with write(engine) as session:
        session.execute(text("INSERT INTO t VALUES (1)"))


def count(engine: Engine) -> int:
    with read(engine) as session:
        return int(session.execute(text("SELECT count(*) FROM t")).scalar_one())


def test_a_writer_goes_on_when_the_lock_is_free(
    engine: Engine, rival: sqlite3.Connection
) -> None:
    writer = threading.Thread(target=put, args=(engine,))
    writer.start()
    writer.join(0.2)
    assert writer.is_alive()
    assert count(engine) == 0  # a reader does not wait
    rival.execute("COMMIT")
    writer.join(5)
    assert not writer.is_alive()
    assert count(engine) == 1


def test_a_lock_held_too_long_is_an_error_and_the_next_write_is_none(
    engine: Engine, rival: sqlite3.Connection
) -> None:
    with engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA busy_timeout=100")
    with pytest.raises(OperationalError, match="locked"):
        put(engine)
    rival.execute("COMMIT")
    put(engine)
    assert count(engine) == 1
    with engine.connect() as connection:
        # What else waits (a recovery after a crash) waits as before.
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 100


def test_another_error_is_not_waited_out(file: Path, engine: Engine) -> None:
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute("BEGIN")  # type: ignore[attr-defined]
        with pytest.raises(sqlite3.OperationalError, match="within a transaction"):
            store_engine._begun(raw)
        raw.execute("ROLLBACK")  # type: ignore[attr-defined]
