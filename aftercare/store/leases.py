"""A lease in the database: one holder at a time, whoever dies.

Rasa's own Redis lock reads, changes and writes in three steps (its makers say so);
this one is a single statement, so that of two processes one has the conversation.
The database's clock decides, not the machines'.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    Engine,
    cast,
    delete,
    func,
    literal,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from aftercare.store.scale import LeaseRow
from aftercare.store.unit_of_work import write


def holder_name() -> str:
    """Return a name no other process has."""
    return f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(6)}"


def take(engine: Engine, name: str, holder: str, seconds: float) -> bool:
    """Take a lease that is free, over, or one's own; False if another has it."""
    insert: Any = postgresql.insert if _is_postgres(engine) else sqlite.insert
    now = _now(engine)
    wanted = insert(LeaseRow).values(name=name, holder=holder, until=now + seconds)
    free = (LeaseRow.until < now) | (LeaseRow.holder == holder)
    taken = wanted.on_conflict_do_update(
        index_elements=[LeaseRow.name],
        set_={"holder": holder, "until": now + seconds},
        where=free,
    ).returning(LeaseRow.holder)
    with write(engine) as session:
        return session.execute(taken).first() is not None


def renew(engine: Engine, holder: str, seconds: float) -> int:
    """Prolong every lease of a holder that is not over; return how many."""
    now = _now(engine)
    mine = update(LeaseRow).where(LeaseRow.holder == holder, LeaseRow.until >= now)
    with write(engine) as session:
        done: Any = session.execute(mine.values(until=now + seconds))
        return int(done.rowcount)


def release(engine: Engine, holder: str, name: str | None = None) -> None:
    """Give a lease back, or all of a holder's."""
    mine = delete(LeaseRow).where(LeaseRow.holder == holder)
    if name is not None:
        mine = mine.where(LeaseRow.name == name)
    with write(engine) as session:
        session.execute(mine)


def drop_old(engine: Engine, seconds: float) -> int:
    """Delete leases that ended so long ago: their holders are dead."""
    with write(engine) as session:
        gone: Any = session.execute(
            delete(LeaseRow).where(LeaseRow.until < _now(engine) - seconds)
        )
        return int(gone.rowcount)


def _is_postgres(engine: Engine) -> bool:
    return engine.dialect.name == "postgresql"


def _now(engine: Engine) -> ColumnElement[float]:
    if _is_postgres(engine):
        return cast(func.extract("epoch", func.clock_timestamp()), Double)
    # One machine, one clock.
    return literal(time.time(), Double)
