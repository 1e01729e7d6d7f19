"""The keeper brings a strayed Rasa back, and leaves a promotion under way alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from aftercare import model
from aftercare.services.assistant.serving import Serving
from aftercare.settings import Settings
from aftercare.web import keeper
from aftercare.web.keeper import ModelKeeper


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What Rasa was asked to take."""
    paths: list[Path] = []
    monkeypatch.setattr(keeper, "SETTLE_S", 0.0)
    monkeypatch.setattr(keeper, "loader", lambda _: paths.append)
    monkeypatch.setattr(keeper, "loaded", lambda _: "candidate")
    return paths


def kept(
    monkeypatch: pytest.MonkeyPatch, shop: Engine, folder: Path, *chosen: str
) -> bool:
    """Look once, while the choice reads as given, one reading after another."""
    settings = Settings(state_dir=folder)
    own = folder / "own.tar.gz"
    files = {name: folder / f"{name}.tar.gz" for name in chosen}
    for path in files.values():
        path.touch()
    monkeypatch.setattr(model, "path_for", lambda _: own)
    readings: Iterator[str] = iter(chosen)

    def current(_engine: Engine, _settings: Settings) -> Serving:
        name = next(readings)
        return Serving(files[name], name, None if name == "own" else 7)

    monkeypatch.setattr(keeper, "current", current)
    return ModelKeeper(settings, shop).look()


def test_a_rasa_with_another_model_is_brought_back(
    monkeypatch: pytest.MonkeyPatch, shop: Engine, tmp_path: Path, asked: list[Path]
) -> None:
    assert kept(monkeypatch, shop, tmp_path, "own", "own")
    assert asked == [tmp_path / "own.tar.gz"]


def test_a_promotion_between_its_two_steps_is_not_undone(
    monkeypatch: pytest.MonkeyPatch, shop: Engine, tmp_path: Path, asked: list[Path]
) -> None:
    assert not kept(monkeypatch, shop, tmp_path, "own", "candidate")
    assert asked == []
