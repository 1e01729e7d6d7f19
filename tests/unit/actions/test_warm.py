"""What a start makes ready, and that actions start while their database is away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import actions.handover
import actions.knowledge
from aftercare.services.console import transcript
from aftercare.services.knowledge.answers import Librarian
from aftercare.store.engine import make_engine
from analytics.text import pipeline


def test_the_articles_are_read_later_where_the_database_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    away = make_engine(f"sqlite:///{tmp_path / 'none' / 'shop.db'}")
    librarian = Librarian(away, tmp_path / "none.npz")
    monkeypatch.setattr(actions.knowledge, "librarian", lambda: librarian)
    actions.knowledge.warm()
    assert "OperationalError" in caplog.text


@pytest.mark.parametrize("warm", [actions.handover.warm, transcript.warm])
def test_what_masks_a_summary_is_loaded_by_the_start(warm: Callable[[], None]) -> None:
    """It took 0.8 s inside the first hand-over's write transaction."""
    pipeline._build.cache_clear()
    warm()
    assert pipeline._build.cache_info().currsize == 1
