"""One transaction per use case: `write` takes the lock at once, `read` never."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session


@contextmanager
def write(engine: Engine) -> Iterator[Session]:
    """Yield a session that commits at the end and rolls back on any error."""
    with Session(engine) as session, session.begin():
        yield session


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
