"""One transaction per use case: `write` takes the lock at once, `read` never."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aftercare.store.engine import BUSY_TIMEOUT_MS
from aftercare.store.sealing import seal_noted

# SQLite has one writer. Threads of one process queue here, where they are woken;
# at the file they would each have to ask again and again.
_queues: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()
_making = threading.Lock()


@contextmanager
def write(engine: Engine) -> Iterator[Session]:
    """Yield a session that commits at the end and rolls back on any error."""
    with _queued(engine), Session(engine) as session, session.begin():
        yield session
        seal_noted(session)


@contextmanager
def _queued(engine: Engine) -> Iterator[None]:
    """Wait for the process's other writers; after too long, let the file decide."""
    if engine.dialect.name != "sqlite":
        yield
        return
    with _making:
        queue = _queues.setdefault(engine, threading.Lock())
    first = queue.acquire(timeout=BUSY_TIMEOUT_MS / 1000)
    try:
        yield
    finally:
        if first:
            queue.release()


@contextmanager
def read(engine: Engine) -> Iterator[Session]:
    """Yield a session that sees one consistent moment and blocks nobody."""
    with Session(engine.execution_options(aftercare_read=True)) as session:
        yield session


def again_if_rivalled[T](work: Callable[[], T]) -> T:
    """Run a whole transaction, once more where a rival took a unique key first.

    The second time the rival's row is there to be read, and judged.
    """
    try:
        return work()
    except IntegrityError:
        return work()
