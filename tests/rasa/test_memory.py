"""Our store of dialogues and our policy, inside Rasa's own environment."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from aftercare import model
from aftercare.settings import ROOT, Settings
from tests.postgres import cluster

SCRIPT = Path(__file__).with_name("memory_script.py")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'tracker.db'}"
        return
    with cluster() as server:
        yield server.create()


def test_a_dialogue_comes_back_and_decisions_are_rasas_own(
    url: str, tmp_path: Path
) -> None:
    settings = Settings(state_dir=tmp_path)
    trained = str(model.ensure(settings))
    done = subprocess.run(
        [str(model.rasa_python()), "-W", "ignore", str(SCRIPT), url, trained],
        cwd=ROOT,
        env=model.rasa_env(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    compared = int(done.stdout.split("alike ")[-1])
    assert compared > 500
