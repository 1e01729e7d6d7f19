"""Run a story test against the model in use, and keep it among the tests."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from aftercare.services.assistant import tasks
from aftercare.services.assistant.judging import asked
from aftercare.services.assistant.serving import current
from aftercare.services.assistant.work import working
from aftercare.settings import Settings


def run_story(engine: Engine, settings: Settings, due: datetime) -> dict[str, Any]:
    """Do the test that was asked for at a moment; the task says how it went.

    Raises:
        Exception: what nobody foresaw, after the task was closed as failed.
    """
    with working(engine, settings, tasks.STORY, due) as work:
        payload = work.task.payload
        stories = work.folder / "stories"
        stories.mkdir(parents=True, exist_ok=True)
        (stories / "test_story.yml").write_text(payload["yaml"], "utf-8")
        found = _told(engine, settings, work.task.id, work.folder, payload)
        work.result = found
        work.told = {"total": found["total"], "failed": found["failed"]}
    return work.told


def _told(
    engine: Engine,
    settings: Settings,
    task_id: int,
    folder: Path,
    payload: dict[str, Any],
) -> dict[str, Any]:
    in_use = current(engine, settings)
    answers = asked(
        settings,
        in_use.path,
        folder,
        {"stories": str(folder / "stories"), "e2e": payload.get("e2e", False)},
        lambda step, told: tasks.say(engine, task_id, step, **told),
    )
    found: dict[str, Any] = answers["stories"]
    return found | {"model": in_use.name}
