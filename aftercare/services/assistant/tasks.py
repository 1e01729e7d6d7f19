"""Work that people ask for in the console and the jobs process does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.store.assistant import AssistantTaskRow
from aftercare.store.unit_of_work import read, write

TRAIN, STORY = "train", "story"
QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
OPEN = (QUEUED, RUNNING)
# Enough for a page; a training says about thirty.
MOST_LINES = 200


def request(
    engine: Engine,
    actor: Actor,
    kind: str,
    payload: dict[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """Ask for work and return it; one training at a time is enough.

    Raises:
        AftercareError: CHANGED_MEANWHILE while a training is open.
    """
    with write(engine) as session:
        waiting = _open(session, kind)
        if kind == TRAIN and waiting:
            raise AftercareError(Reason.CHANGED_MEANWHILE, "a training is running")
        # The moment names the run, so no two of a kind may share one.
        at = max([now, *(row.at + timedelta(microseconds=1) for row in waiting)])
        row = AssistantTaskRow(
            kind=kind, state=QUEUED, by=actor.login, at=at, payload=payload, lines=[]
        )
        session.add(row)
        session.flush()
        record(session, actor, f"assistant.{kind}", now, str(row.id))
        return view(row)


def open_requests(engine: Engine, kind: str) -> list[datetime]:
    """Return the moments of the requests that have no end yet, oldest first."""
    with read(engine) as session:
        return [row.at for row in _open(session, kind)]


def begin(engine: Engine, kind: str, due: datetime) -> AssistantTaskRow:
    """Return the request of a moment, now running.

    Raises:
        LookupError: there is none, or it has ended.
    """
    with write(engine) as session:
        row = _of(session, kind, due)
        if row is None:
            raise LookupError(f"no {kind} is asked for at {due}")
        row.state, row.started_at, row.lines = RUNNING, datetime.now(UTC), []
        session.flush()
        session.expunge(row)
        return row


def say(engine: Engine, task_id: int, step: str, **figures: Any) -> None:
    """Add a line of progress; a line of the same step takes the last one's place."""
    line = {"step": step, "at": datetime.now(UTC).isoformat(), **figures}
    with write(engine) as session:
        row = session.get_one(AssistantTaskRow, task_id)
        same = bool(row.lines) and row.lines[-1]["step"] == step and "done" in figures
        kept = row.lines[:-1] if same else row.lines
        row.lines = [*kept, line][-MOST_LINES:]


def end(engine: Engine, task_id: int, result: dict[str, Any]) -> None:
    """Close a task that succeeded; what it was given is not needed any more."""
    with write(engine) as session:
        row = session.get_one(AssistantTaskRow, task_id)
        row.state, row.result, row.payload = DONE, result, {}
        row.ended_at = datetime.now(UTC)


def fail(engine: Engine, task_id: int, error: str) -> None:
    """Close a task that failed, with a code and what is safe to show behind it."""
    with write(engine) as session:
        row = session.get_one(AssistantTaskRow, task_id)
        row.state, row.error, row.payload = FAILED, error[:2_000], {}
        row.ended_at = datetime.now(UTC)


def died(engine: Engine, due: datetime, error: str, kind: str) -> None:
    """Close the task whose process ended before it could say how."""
    with read(engine) as session:
        row = _of(session, kind, due)
    if row is not None:
        fail(engine, row.id, error)


def found(engine: Engine, task_id: int) -> dict[str, Any]:
    """Return a task (AftercareError NOT_FOUND)."""
    with read(engine) as session:
        row = session.get(AssistantTaskRow, task_id)
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        return view(row)


def newest(engine: Engine, kind: str) -> dict[str, Any] | None:
    """Return the newest task of a kind."""
    with read(engine) as session:
        row = session.scalar(
            select(AssistantTaskRow)
            .where(AssistantTaskRow.kind == kind)
            .order_by(AssistantTaskRow.id.desc())
            .limit(1)
        )
        return view(row) if row else None


def view(row: AssistantTaskRow) -> dict[str, Any]:
    """Return a task as JSON fields."""
    return {
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "by": row.by,
        "at": row.at,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "lines": row.lines,
        "result": row.result,
        "error": row.error,
    }


def _open(session: Session, kind: str) -> list[AssistantTaskRow]:
    return list(
        session.scalars(
            select(AssistantTaskRow)
            .where(AssistantTaskRow.kind == kind, AssistantTaskRow.state.in_(OPEN))
            .order_by(AssistantTaskRow.at)
        )
    )


def _of(session: Session, kind: str, due: datetime) -> AssistantTaskRow | None:
    return session.scalar(
        select(AssistantTaskRow).where(
            AssistantTaskRow.kind == kind,
            AssistantTaskRow.at == due,
            AssistantTaskRow.state.in_(OPEN),
        )
    )
