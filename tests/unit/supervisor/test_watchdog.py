"""Silence is noticed, but not at the first moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from aftercare import watchdog
from aftercare.settings import Settings
from aftercare.watchdog import SILENT_LIMIT_S, Watchdog


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Ports whose server does not answer."""
    found: set[str] = set()

    def answers(url: str) -> bool:
        return not any(f":{port}/" in url for port in found)

    monkeypatch.setattr(watchdog, "_answers", answers)
    return found


def test_a_long_silence_is_named_once(tmp_path: Path, silent: set[str]) -> None:
    dog = Watchdog(Settings(state_dir=tmp_path, rasa_port=7001))
    assert dog.hung(100) == []
    silent.add("7001")
    assert dog.hung(120) == []
    assert dog.hung(120 + SILENT_LIMIT_S - 1) == []
    assert dog.hung(140 + SILENT_LIMIT_S) == ["rasa"]
    assert "rasa" in dog.silent_since


def test_an_answer_in_between_ends_the_silence(
    tmp_path: Path, silent: set[str]
) -> None:
    dog = Watchdog(Settings(state_dir=tmp_path, rasa_port=7001))
    silent.add("7001")
    assert dog.hung(100) == []
    silent.clear()
    assert dog.hung(120) == []
    silent.add("7001")
    assert dog.hung(140) == []
    assert dog.hung(140 + SILENT_LIMIT_S - 1) == []


def test_a_server_that_is_not_there_does_not_answer(tmp_path: Path) -> None:
    assert not watchdog._answers("http://127.0.0.1:9/")
