"""Who may do a due run: one process at a time, and again if that one died."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, or_, select, update
from sqlalchemy.exc import IntegrityError

from aftercare.store.jobs import JobRunRow, ProcessBeatRow
from aftercare.store.unit_of_work import read, write

RUNNING, DONE, FAILED = "running", "done", "failed"
MOST_TRIES = 3
RETRY_AFTER = timedelta(minutes=2)


def claim(
    engine: Engine,
    job: str,
    due: datetime,
    worker: str,
    now: datetime,
    limit: timedelta,
) -> int | None:
    """Return the id of the run if this worker may do it now, None if not.

    A run belongs to the first who writes it. It is taken over when its lease has
    passed, and tried again some minutes after a failure, three times in all.
    """
    taken = _take_over(engine, job, due, worker, now, limit)
    if taken is not None:
        return taken
    fresh = JobRunRow(
        job=job,
        due=due,
        state=RUNNING,
        worker=worker,
        started_at=now,
        lease_until=now + limit,
    )
    try:
        with write(engine) as session:
            session.add(fresh)
            session.flush()
            return fresh.id
    except IntegrityError:
        return None  # another worker has it, or it is finished


def finish(
    engine: Engine,
    run_id: int,
    worker: str,
    now: datetime,
    *,
    result: dict[str, Any] | None = None,
    error: str | None = None,
) -> bool:
    """Close a run; False if it was taken over meanwhile, then nothing changes."""
    mine = (JobRunRow.id == run_id, JobRunRow.worker == worker)
    with write(engine) as session:
        changed = session.execute(
            update(JobRunRow)
            .where(*mine, JobRunRow.state == RUNNING)
            .values(
                state=FAILED if error else DONE,
                finished_at=now,
                result=result,
                error=error,
            )
        )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def beat(engine: Engine, name: str, now: datetime) -> None:
    """Write that a process lives: the proof that the database takes a write."""
    with write(engine) as session:
        session.merge(ProcessBeatRow(name=name, at=now))


def recent(engine: Engine, limit: int = 50) -> list[dict[str, Any]]:
    """Return the newest runs, newest first."""
    with read(engine) as session:
        rows = session.scalars(
            select(JobRunRow).order_by(JobRunRow.id.desc()).limit(limit)
        )
        return [
            {
                "job": row.job,
                "due": row.due,
                "state": row.state,
                "tries": row.tries,
                "started_at": row.started_at,
                "finished_at": row.finished_at,
                "error": row.error,
                "result": row.result,
            }
            for row in rows
        ]


def _take_over(
    engine: Engine,
    job: str,
    due: datetime,
    worker: str,
    now: datetime,
    limit: timedelta,
) -> int | None:
    failed = (JobRunRow.state == FAILED) & (JobRunRow.finished_at < now - RETRY_AFTER)
    died = (JobRunRow.state == RUNNING) & (JobRunRow.lease_until < now)
    free = (
        JobRunRow.job == job,
        JobRunRow.due == due,
        JobRunRow.tries < MOST_TRIES,
        or_(failed, died),
    )
    with write(engine) as session:
        run_id = session.scalar(
            update(JobRunRow)
            .where(*free)
            .values(
                state=RUNNING,
                worker=worker,
                tries=JobRunRow.tries + 1,
                started_at=now,
                lease_until=now + limit,
                finished_at=None,
                error=None,
            )
            .returning(JobRunRow.id)
        )
    return run_id
