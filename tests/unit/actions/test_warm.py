"""The actions start also while their database is away."""

from __future__ import annotations

from pathlib import Path

import pytest

import actions.knowledge
from aftercare.services.knowledge.answers import Librarian
from aftercare.store.engine import make_engine


def test_the_articles_are_read_later_where_the_database_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    away = make_engine(f"sqlite:///{tmp_path / 'none' / 'shop.db'}")
    librarian = Librarian(away, tmp_path / "none.npz")
    monkeypatch.setattr(actions.knowledge, "librarian", lambda: librarian)
    actions.knowledge.warm()
    assert "OperationalError" in caplog.text
