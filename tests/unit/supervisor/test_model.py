"""A model is there whole or not at all, however its training ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from aftercare import model
from aftercare.settings import Settings

# Stands for Rasa: writes half of a model to where it is told, and fails or not.
RASA = """#!/bin/sh
while [ $# -gt 1 ]; do
  case $1 in
    --out) out=$2 ;;
    --fixed-model-name) name=$2 ;;
  esac
  shift
done
echo half > $out/$name.tar.gz
exit {code}
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    models = tmp_path / "models"
    monkeypatch.setattr(model, "path_for", lambda _: models / "abc.tar.gz")
    return Settings(state_dir=tmp_path)


def rasa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    path = tmp_path / "rasa"
    path.write_text(script)
    path.chmod(0o755)
    monkeypatch.setenv("AFTERCARE_RASA_PYTHON", str(path))


def test_a_training_that_fails_leaves_no_half_model(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rasa(tmp_path, monkeypatch, RASA.format(code=1))
    with pytest.raises(RuntimeError, match="training failed"):
        model.ensure(settings)
    assert list((tmp_path / "models").iterdir()) == []


def test_a_model_is_there_only_when_its_training_has_ended(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    final = tmp_path / "models" / "abc.tar.gz"
    script = RASA.format(code=0).replace("exit", f"test ! -e {final} || exit 9\nexit")
    rasa(tmp_path, monkeypatch, script)
    assert model.ensure(settings) == final
    assert [path.name for path in final.parent.iterdir()] == [final.name]
