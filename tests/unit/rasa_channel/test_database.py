"""A database that comes back while Rasa starts is waited for."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from rasa_channel import database


def test_a_database_that_comes_back_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "later"
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            folder.mkdir()

    monkeypatch.setattr(database.time, "sleep", pause)
    # SQLite cannot open a file in a folder that is not there.
    database.wait_for(sa.create_engine(f"sqlite:///{folder / 'a.db'}"))
    assert len(waited) == 3


def test_one_that_stays_away_is_said(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'none' / 'a.db'}")
    with pytest.raises(sa.exc.OperationalError):
        database.wait_for(engine, 0)
