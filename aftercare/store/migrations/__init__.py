"""Alembic migrations, run by `upgrade`."""

from __future__ import annotations

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
    """Let one process at a time migrate a server's database.

    Several start at once; a file's write lock does the same on SQLite.
    """
    if engine.dialect.name != "postgresql":
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


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to a revision; already there is a no-op."""
    with _alone(engine):
        command.upgrade(config_for(engine), revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Take the database back to a revision."""
    command.downgrade(config_for(engine), revision)
