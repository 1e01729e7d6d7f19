"""Waiting for a database that is away just while a process starts.

A process that ended instead would be started again, and load for half a minute more
than the database needs to come back.
"""

from __future__ import annotations

import logging
import time

import sqlalchemy as sa

log = logging.getLogger(__name__)
LIMIT_S = 60.0
PAUSE_S = 0.5


def wait_for(engine: sa.engine.Engine, limit_s: float = LIMIT_S) -> None:
    """Return once the database takes a connection.

    Raises:
        sqlalchemy.exc.OperationalError: it did not for `limit_s` seconds.
    """
    end = time.monotonic() + limit_s
    told = False
    while True:
        try:
            engine.connect().close()
            return
        except sa.exc.OperationalError as error:
            if time.monotonic() >= end:
                raise
            if not told:
                log.warning("waiting for the database: %s", type(error).__name__)
                told = True
            time.sleep(PAUSE_S)
