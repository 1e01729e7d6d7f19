"""A running shop stands aside while an invented month is written into its database.

What is told there happens in the past: by today's clock every chat in it is long
forgotten by its agent, every survey due. The desk's clock and the scheduled jobs
leave all of it alone until it is written; messages are answered as ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select

from aftercare.services.jobs.runs import RUNNING
from aftercare.store.console import ConsoleSettingRow
from aftercare.store.jobs import JobRunRow
from aftercare.store.unit_of_work import read, write

KEY = "stand_aside"
# Who was killed before the end does not keep a shop from its work for longer.
AT_MOST = timedelta(minutes=30)


def stands_aside(engine: Engine, now: datetime) -> bool:
    """Return whether work that is done by the clock has to wait."""
    with read(engine) as session:
        row = session.get(ConsoleSettingRow, KEY)
        return row is not None and now < datetime.fromisoformat(row.value["until"])


def busy_with(engine: Engine, now: datetime) -> list[str]:
    """Return the jobs that a scheduler is doing."""
    with read(engine) as session:
        query = select(JobRunRow.job).where(
            JobRunRow.state == RUNNING, JobRunRow.lease_until > now
        )
        return sorted(session.scalars(query))


@contextmanager
def shop_aside(engine: Engine, by: str) -> Iterator[None]:
    """Let the shop stand aside for as long as the block runs."""
    now = datetime.now(UTC)
    _until(engine, now + AT_MOST, by)
    try:
        yield
    finally:
        _until(engine, now, by)


def _until(engine: Engine, until: datetime, by: str) -> None:
    value = {"until": until.isoformat()}
    with write(engine) as session:
        session.merge(ConsoleSettingRow(key=KEY, value=value, at=until, by=by))
