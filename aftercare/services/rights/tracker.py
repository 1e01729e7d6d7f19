"""Rasa's working memory: its table of dialogues, which is not one of our models.

`rasa_channel/tracker_store.py` writes it: one row a conversation, events as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine import make_url

TABLE = "dialogues"


def tracker_url(state: Path) -> str:
    """Return where the working memory of an installation is by default."""
    return f"sqlite:///{state / 'tracker.db'}"


def tracker_events(url: str, talks: Iterable[str]) -> list[str]:
    """Return what Rasa remembers of some conversations, each event as JSON."""
    engine = _open(url)
    if engine is None:
        return []
    query = text(f"SELECT events FROM {TABLE} WHERE sender_id = :talk")
    with engine.connect() as connection:
        found = [
            json.dumps(event, ensure_ascii=False)
            for talk in sorted(talks)
            for events in connection.scalars(query, {"talk": talk})
            for event in json.loads(events)
        ]
    engine.dispose()
    return found


def remembered(url: str) -> list[str]:
    """Return the conversations Rasa remembers."""
    engine = _open(url)
    if engine is None:
        return []
    with engine.connect() as connection:
        found = list(connection.scalars(text(f"SELECT sender_id FROM {TABLE}")))
    engine.dispose()
    return found


def forget_events(url: str, talks: Iterable[str]) -> int:
    """Delete what Rasa remembers of some conversations; return how many it were."""
    engine = _open(url)
    if engine is None:
        return 0
    query = text(f"DELETE FROM {TABLE} WHERE sender_id = :talk")
    with engine.begin() as connection:
        gone = sum(connection.execute(query, {"talk": t}).rowcount for t in talks)
    if engine.dialect.name == "sqlite":
        # The write-ahead log still holds what was deleted until it is emptied.
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return gone


def _open(url: str) -> Engine | None:
    found = make_url(url)
    if found.drivername == "sqlite":
        if not found.database or not Path(found.database).exists():
            return None
        # Rasa writes it too: wait for it, and leave no deleted text in free pages.
        engine = create_engine(found, connect_args={"timeout": 30})
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
    else:
        # Rasa's environment has another driver: the same address serves both.
        engine = create_engine(found.set(drivername="postgresql+psycopg"))
    return engine if inspect(engine).has_table(TABLE) else None
