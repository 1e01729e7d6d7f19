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
    return _file(tmp_path_factory.mktemp("shop") / "demo.db", filled=True)


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database as one file, made once."""
    return _file(tmp_path_factory.mktemp("empty") / "empty.db", filled=False)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server of our own, or a plain reason why not."""
    with cluster() as made:
        yield made


@pytest.fixture(scope="session")
def shop_template(postgres: Cluster) -> str:
    """The demo shop as a database to copy, made once."""
    return _made(postgres.create(), filled=True)


@pytest.fixture(scope="session")
def empty_template(postgres: Cluster) -> str:
    """A migrated, empty database to copy, made once."""
    return _made(postgres.create(), filled=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated database with the demo shop in it, dated at `now`, on each kind."""
    yield from _copy("shop", request, tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated, empty database of each kind."""
    yield from _copy("empty", request, tmp_path)


def _file(path: Path, filled: bool) -> Path:
    url = f"sqlite:///{path}"
    _made(url, filled)
    engine = make_engine(url)
    with engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


def _made(url: str, filled: bool) -> str:
    """Migrate a new database, fill it if wanted, and return its name."""
    engine = make_engine(url)
    upgrade(engine)
    if filled:
        seed_if_empty(engine, NOW)
    engine.dispose()
    return str(engine.url.database)


def _copy(name: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Engine]:
    """Yield a copy of a made database for one test."""
    if request.param == "sqlite":
        copy = folder / f"{name}.db"
        shutil.copy(request.getfixturevalue(f"{name}_file"), copy)
        engine = make_engine(f"sqlite:///{copy}")
        yield engine
        engine.dispose()
    else:
        postgres: Cluster = request.getfixturevalue("postgres")
        template = request.getfixturevalue(f"{name}_template")
        engine = make_engine(postgres.create(template))
        yield engine
        engine.dispose()
        postgres.drop(str(engine.url.database))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The real gateway, Rasa, actions and database."""
    with running(tmp_path_factory.mktemp("stack")) as made:
        yield made
