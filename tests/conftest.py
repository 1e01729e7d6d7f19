"""Databases for tests: a fresh one each, SQLite by default."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from aftercare.services.seed import seed_if_empty
from aftercare.store.engine import make_engine
from aftercare.store.migrations import upgrade
from tests.integration.stack import Stack, running

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """Noon in Shanghai."""
    return NOW


@pytest.fixture(scope="session")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo shop as one file, made once."""
    path = tmp_path_factory.mktemp("shop") / "demo.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    seed_if_empty(engine, NOW)
    with engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def shop(shop_file: Path, tmp_path: Path) -> Engine:
    """A migrated database with the demo shop in it, dated at `now`."""
    copy = tmp_path / "demo.db"
    shutil.copy(shop_file, copy)
    return make_engine(f"sqlite:///{copy}")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The real gateway, Rasa, actions and database."""
    with running(tmp_path_factory.mktemp("stack")) as made:
        yield made
