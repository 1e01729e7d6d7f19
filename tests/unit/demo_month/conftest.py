"""One filled demo shop for all tests that only read it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from aftercare.demo_month import days
from aftercare.demo_month.fill import fill
from aftercare.store.engine import make_engine
from tests.conftest import NOW


@pytest.fixture(scope="session")
def month_file(tmp_path_factory: pytest.TempPathFactory, shop_file: Path) -> Path:
    """The demo shop with its month as one file, made once; not yet marked as there."""
    path = tmp_path_factory.mktemp("month") / "month.db"
    shutil.copy(shop_file, path)
    engine = make_engine(f"sqlite:///{path}")
    with pytest.MonkeyPatch.context() as patch:
        # Planning is tested elsewhere, and takes as long as all the rest.
        patch.setattr(days, "PLANS", range(0))
        fill(engine, NOW)
    with engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def month(month_file: Path, tmp_path: Path) -> Iterator[Engine]:
    """A copy of the filled shop."""
    path = tmp_path / "month.db"
    shutil.copy(month_file, path)
    engine = make_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()
