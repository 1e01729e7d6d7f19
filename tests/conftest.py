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
from tests.postgres import Cluster, cluster

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


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server of our own, or a plain reason why not."""
    with cluster() as made:
        yield made


@pytest.fixture(scope="session")
def shop_template(postgres: Cluster) -> str:
    """The demo shop as a database to copy, made once."""
    url = postgres.create()
    engine = make_engine(url)
    upgrade(engine)
    seed_if_empty(engine, NOW)
    engine.dispose()
    return str(engine.url.database)


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated database with the demo shop in it, dated at `now`, on each kind."""
    if request.param == "sqlite":
        copy = tmp_path / "demo.db"
        shutil.copy(request.getfixturevalue("shop_file"), copy)
        engine = make_engine(f"sqlite:///{copy}")
    else:
        template = request.getfixturevalue("shop_template")
        postgres: Cluster = request.getfixturevalue("postgres")
        yield from _copied(postgres, template)
        return
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database as one file, made once."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def empty_template(postgres: Cluster) -> str:
    """A migrated, empty database to copy, made once."""
    engine = make_engine(postgres.create())
    upgrade(engine)
    engine.dispose()
    return str(engine.url.database)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated, empty database of each kind."""
    if request.param == "sqlite":
        copy = tmp_path / "empty.db"
        shutil.copy(request.getfixturevalue("empty_file"), copy)
        engine = make_engine(f"sqlite:///{copy}")
    else:
        template = request.getfixturevalue("empty_template")
        postgres: Cluster = request.getfixturevalue("postgres")
        yield from _copied(postgres, template)
        return
    yield engine
    engine.dispose()


def _copied(postgres: Cluster, template: str) -> Iterator[Engine]:
    engine = make_engine(postgres.create(template))
    yield engine
    engine.dispose()
    postgres.drop(str(engine.url.database))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The real gateway, Rasa, actions and database."""
    with running(tmp_path_factory.mktemp("stack")) as made:
        yield made
