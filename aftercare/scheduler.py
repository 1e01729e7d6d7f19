"""The process that does due work; each run is a process of its own.

A run that eats the memory or hangs takes nothing else with it, and its time
limit is kept by ending it.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from aftercare.domain.errors import AftercareError
from aftercare.services.aside import stands_aside
from aftercare.services.jobs import JOBS, Context, Job, claim, find, finish
from aftercare.services.quality.check import check_live
from aftercare.settings import ROOT, Settings

LOOK_EVERY_S = 15
WATCH_EVERY_S = 10
LOOK_FOR_REQUESTS_S = 3
# What was due while all was off waits until customers are served again.
FIRST_LOOK_S = 30
TIMED_OUT = "timed_out"
CRASHED = "crashed"

log = logging.getLogger(__name__)


def loop(engine: Engine, settings: Settings) -> None:
    """Do whatever is due, for ever.

    What a person waits for does not queue behind what the night left over.
    """
    worker = f"{socket.gethostname()}:{os.getpid()}"[-64:]
    asked = [job for job in JOBS if job.requests is not None]
    nightly = [job for job in JOBS if job.requests is None]
    threading.Thread(
        target=_look,
        args=(engine, settings, asked, worker, LOOK_FOR_REQUESTS_S),
        daemon=True,
    ).start()
    threading.Thread(target=_watch, args=(engine,), daemon=True).start()
    time.sleep(FIRST_LOOK_S)
    _look(engine, settings, nightly, worker, LOOK_EVERY_S)


def _watch(engine: Engine) -> None:
    """Look at running talks for what cannot wait; here it holds up no answer.

    Several schedulers find the same and store it once.
    """
    since: datetime | None = None
    while True:
        now = datetime.now(UTC)
        try:
            if not stands_aside(engine, now):
                look_live(engine, now, since)
                since = now
        except SQLAlchemyError as error:
            log.warning("talks not watched: %s", type(error).__name__)
        time.sleep(WATCH_EVERY_S)


def look_live(engine: Engine, now: datetime, since: datetime | None) -> int:
    """Check running talks; what is found is an alert now, not by the quarter."""
    # Only this needs the alerts and their libraries: they load with the first.
    from aftercare.services.alerts.watch import AT_ONCE, watch

    found = check_live(engine, now, since)
    if found:
        watch(engine, now, AT_ONCE)
    return found


def _look(
    engine: Engine, settings: Settings, jobs: list[Job], worker: str, every_s: float
) -> None:
    while True:
        for job in jobs:
            try:
                run_due(engine, settings, job, worker)
            except SQLAlchemyError as error:
                # The database is away or locked: due work waits, it is not lost.
                log.warning("job %s not claimed: %s", job.name, type(error).__name__)
        time.sleep(every_s)


def run_due(engine: Engine, settings: Settings, job: Job, worker: str) -> bool:
    """Do what is due of a job if nobody else has; say whether all was done."""
    now = datetime.now(UTC)
    if stands_aside(engine, now):
        return False
    done = [
        _run(engine, settings, job, worker, due, run_id)
        for due in job.due(engine, now)
        if (run_id := claim(engine, job.name, due, worker, now, job.limit)) is not None
    ]
    return bool(done) and all(done)


def _run(
    engine: Engine,
    settings: Settings,
    job: Job,
    worker: str,
    due: datetime,
    run_id: int,
) -> bool:
    command = [sys.executable, "-m", "aftercare", "jobs", "do", job.name]
    more = ["--run", str(run_id), "--worker", worker, "--due", due.isoformat()]
    error = None
    try:
        ended = subprocess.run(
            command + more,
            cwd=ROOT,
            env=os.environ | settings.as_env(),
            timeout=job.limit.total_seconds(),
            check=False,
        )
        # The run wrote its own end, unless it died before it could.
        error = CRASHED if ended.returncode else None
    except subprocess.TimeoutExpired:
        error = TIMED_OUT
    if error:
        finish(engine, run_id, worker, datetime.now(UTC), error=error)
        if job.died is not None:
            job.died(engine, due, error)
        log.error("job %s: %s", job.name, error)
    return error is None


def do(
    engine: Engine,
    settings: Settings,
    name: str,
    due: datetime,
    run_id: int | None = None,
    worker: str = "hand",
) -> dict[str, object]:
    """Do one run in this process and write down how it ended.

    Raises:
        LookupError: there is no such job.
        Exception: whatever the job raised, after its code was written down.
    """
    job = find(name)
    if job is None:
        raise LookupError(name)
    context = Context(
        engine,
        settings.state_dir,
        due,
        settings.keep_talks_days,
        settings.tracker_url,
        settings.mailbox,
        settings,
    )
    try:
        result = job.do(context)
    except Exception as error:
        if run_id is not None:
            known = isinstance(error, AftercareError)
            code = str(error.reason) if known else type(error).__name__  # type: ignore[attr-defined]
            finish(engine, run_id, worker, datetime.now(UTC), error=code[:64])
        raise
    if run_id is not None:
        finish(engine, run_id, worker, datetime.now(UTC), result=result)
    return result
