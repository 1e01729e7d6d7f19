"""Alembic migrations, run by `upgrade`."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

FOLDER = Path(__file__).parent
# Any number, the same in every process: "aftercar" in ASCII, cut to 63 bits.
LOCK = 0x6166746572636172
# Another process's whole upgrade is waited for, longer than a customer's turn is.
WAIT_MS = 120_000


def config_for(engine: Engine) -> Config:
    """Return Alembic's configuration for an engine; no ini file is needed."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["engine"] = engine
    return config


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Let one process at a time migrate a database; several may start at once.

    A file's write lock is not enough on SQLite: an upgrade gives it back between two
    migrations, and a rival that read the version before goes on from there.
    """
    if engine.dialect.name == "sqlite":
        with _alone_at_file(engine.url.database):
            yield
        return
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
        connection.commit()
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
            connection.commit()


@contextmanager
def _alone_at_file(database: str | None) -> Iterator[None]:
    if database in (None, "", ":memory:"):
        yield
        return
    # A file of its own: closing the database's would drop SQLite's locks on it. The
    # system gives the lock back when a process dies, and the file stays, empty.
    place = Path(str(database))
    with place.with_name(f".{place.name}.upgrade").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to a revision; already there is a no-op."""
    with _alone(engine):
        command.upgrade(config_for(engine), revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Take the database back to a revision."""
    command.downgrade(config_for(engine), revision)
