"""A due run in a process of its own, its end written down whatever happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from aftercare.scheduler import run_due
from aftercare.services.jobs import find, recent
from aftercare.settings import Settings


def _settings(engine: Engine, folder: Path) -> Settings:
    url = engine.url.render_as_string(hide_password=False)
    return Settings(state_dir=folder, database_url=url)


def test_what_is_due_is_done_once(empty: Engine, tmp_path: Path) -> None:
    job = find("purge")
    assert job is not None
    settings = _settings(empty, tmp_path)
    assert run_due(empty, settings, job, "a")
    assert not run_due(empty, settings, job, "b")
    (row,) = recent(empty)
    assert (row["state"], row["tries"]) == ("done", 1)
    assert row["result"]["conversations"] == 0


def test_a_run_past_its_limit_is_ended_and_says_so(
    empty: Engine, tmp_path: Path
) -> None:
    job = find("purge")
    assert job is not None
    hasty = replace(job, limit=timedelta(milliseconds=50))
    assert not run_due(empty, _settings(empty, tmp_path), hasty, "a")
    (row,) = recent(empty)
    assert (row["state"], row["error"]) == ("failed", "timed_out")
