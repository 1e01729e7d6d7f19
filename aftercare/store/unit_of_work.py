"""One transaction per use case: `write` takes the lock at once, `read` never."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aftercare.store.engine import BUSY_TIMEOUT_MS
from aftercare.store.sealing import seal_noted

# SQLite has one writer. Threads of one process queue here, where they are woken;
# at the file they would each have to ask again and again.
_queues: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()
_making = threading.Lock()

log = logging.getLogger(__name__)
# Whoever holds the lock so long keeps customers' messages waiting.
LONG_S = 0.5
_BEGAN = "write_began"


class _Writing(Session):
    """A session that knows since when it holds the lock: from its first statement."""


@event.listens_for(_Writing, "after_begin")
def _note_begin(session: Session, *_: object) -> None:
    session.info[_BEGAN] = time.monotonic()


@contextmanager
def write(engine: Engine, *, alone: bool = False) -> Iterator[Session]:
    """Yield a session that commits at the end and rolls back on any error.

    Nothing slow belongs in it: read, work it out, then write. Who holds the lock
    for more than half a second is named in the log, if not `alone` by design:
    before any other process of the shop runs.
    """
    # Above this generator is contextlib, above that who writes.
    writer = sys._getframe(2)
    name = f"{writer.f_globals['__name__']}.{writer.f_code.co_qualname}"
    del writer
    with _queued(engine), _Writing(engine) as session:
        try:
            with session.begin():
                yield session
                seal_noted(session)
        finally:
            if not alone:
                _name_who_held(name, session.info.get(_BEGAN))


def _name_who_held(name: str, began: float | None) -> None:
    held = 0.0 if began is None else time.monotonic() - began
    if held > LONG_S:
        fields = {"reason": "write_lock_held", "by": name, "held_s": round(held, 3)}
        log.warning("write lock held for long", extra={"fields": fields})


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
