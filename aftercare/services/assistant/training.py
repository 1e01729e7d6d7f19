"""Train a candidate from the branch's newest version, and judge it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from aftercare import model
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.assistant import tasks
from aftercare.services.assistant.compare import judge
from aftercare.services.assistant.serving import folder_of
from aftercare.services.assistant.work import working
from aftercare.services.trainset import open_branch
from aftercare.services.trainset.branch import Author, texts
from aftercare.services.trainset.checks import problems
from aftercare.settings import ROOT, Settings
from aftercare.store.assistant import AssistantTaskRow, RasaModelRow
from aftercare.store.unit_of_work import write

# What Rasa's training says of itself that a person wants to see.
STEP = re.compile(r"(Starting to train|Restored|Finished training) component '(\w+)'")
LIMIT_S = 7_000


def train(engine: Engine, settings: Settings, due: datetime) -> dict[str, Any]:
    """Do the training that was asked for at a moment; the task says how it went.

    Raises:
        Exception: what nobody foresaw, after the task was closed as failed.
    """
    with working(engine, settings, tasks.TRAIN, due) as work:
        task, folder = work.task, work.folder
        made = _train(engine, settings, task, folder)
        tasks.say(engine, task.id, "trained", name=made.name)
        metrics = judge(engine, settings, made.id, folder / "judge", task.id)
        work.result = {"model": made.id, "name": made.name}
        accuracy = metrics["candidate"]["accuracy"]
        work.told = {"model": made.id, "accuracy": accuracy}
    return work.told


def _train(
    engine: Engine, settings: Settings, task: AssistantTaskRow, folder: Path
) -> RasaModelRow:
    branch = open_branch(engine, settings.project_dir)
    author = Author(task.by, task.by, "training")
    version = branch.catch_up(author, datetime.now(UTC))
    files = texts(branch, version)
    tasks.say(engine, task.id, "checked_out", version=version[:12], files=len(files))
    stopping = [problem for problem in problems(files) if problem.stops]
    if stopping:
        first = stopping[0]
        raise AftercareError(Reason.MALFORMED, f"{first.path}: {first.about}")
    _lay_out(folder, files)
    fingerprint = model.fingerprint(folder)
    name = f"{fingerprint}-{task.id}"
    path = folder_of(settings) / f"{name}.tar.gz"
    started = time.monotonic()
    _run(engine, settings, task.id, folder, path)
    row = RasaModelRow(
        name=name,
        fingerprint=fingerprint,
        base=model.fingerprint(),
        data_version=version,
        config=files["config.yml"],
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        size=path.stat().st_size,
        made_by=task.by,
        made_at=datetime.now(UTC),
        took_s=round(time.monotonic() - started, 1),
    )
    with write(engine) as session:
        session.add(row)
        session.flush()
        session.expunge(row)
    return row


def _lay_out(folder: Path, files: Mapping[str, str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _run(
    engine: Engine, settings: Settings, task_id: int, folder: Path, path: Path
) -> None:
    """Run `rasa train` in the scratch folder, telling each component's start.

    Raises:
        AftercareError: MALFORMED; the log's folder is named.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [
        str(model.rasa_python()),
        *("-m", "rasa", "train", "--out", str(path.parent)),
        *("--fixed-model-name", path.name.removesuffix(".tar.gz")),
    ]
    # What was learned from the same input before is not learned again.
    cache = settings.state_dir / "rasa" / "cache"
    env = model.rasa_env(settings) | {"RASA_CACHE_DIRECTORY": str(cache)}
    _warm(cache.parent)
    log = settings.state_dir / "log" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        with log.open("w", encoding="utf-8") as output:
            for line in process.stdout:
                output.write(line)
                if found := STEP.search(line):
                    word = found[1].split()[0].lower()
                    tasks.say(engine, task_id, f"component_{word}", about=found[2])
        process.wait(LIMIT_S)
    finally:
        process.kill()
    if process.returncode or not path.exists():
        raise AftercareError(Reason.MALFORMED, "training failed, see log/train.log")


def _warm(folder: Path) -> None:
    """Begin with the sentence embeddings that the shipped model's training made."""
    known = Path(os.environ.get("RASA_CACHE_DIRECTORY", ROOT / ".rasa" / "cache"))
    source = known.parent / "nlu_embeddings.npz"
    target = folder / source.name
    if source.exists() and not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
