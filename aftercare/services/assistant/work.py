"""The frame round a task of the console: begun, ended or failed, and cleared away."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from aftercare.domain.errors import AftercareError
from aftercare.services.assistant import tasks
from aftercare.settings import Settings
from aftercare.store.assistant import AssistantTaskRow


@dataclass
class Work:
    """A task that runs, its scratch folder, and what is to be told of it.

    Attributes:
        result: kept with the task for the console's page.
        told: returned by the job; a failure's code takes its place.
    """

    task: AssistantTaskRow
    folder: Path
    result: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)


@contextmanager
def working(
    engine: Engine, settings: Settings, kind: str, due: datetime
) -> Iterator[Work]:
    """Run the task that was asked for at a moment; the task says how it went.

    An `AftercareError` closes the task as failed and ends here, for a person reads
    it on the task's page; whatever nobody foresaw closes it and goes on.

    Raises:
        LookupError: no such task is open.
        Exception: what nobody foresaw.
    """
    task = tasks.begin(engine, kind, due)
    work = Work(task, settings.state_dir / "training" / str(task.id))
    try:
        yield work
        tasks.end(engine, task.id, work.result)
    except AftercareError as error:
        tasks.fail(engine, task.id, f"{error.reason}: {error.detail}")
        work.told = {"failed": str(error.reason)}
    except Exception as error:
        tasks.fail(engine, task.id, type(error).__name__)
        raise
    finally:
        shutil.rmtree(work.folder, ignore_errors=True)
