"""Rasa's working memory: its event table, which is not one of our models."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Engine, create_engine, inspect, text

EVENTS = "events"


def tracker_events(file: Path | None, talks: Iterable[str]) -> list[str]:
    """Return what Rasa remembers of some conversations, each event as JSON."""
    engine = _open(file)
    if engine is None:
        return []
    query = text(f"SELECT data FROM {EVENTS} WHERE sender_id = :talk ORDER BY id")
    with engine.connect() as connection:
        found = [
            str(data)
            for talk in sorted(talks)
            for data in connection.scalars(query, {"talk": talk})
        ]
    engine.dispose()
    return found


def forget_events(file: Path | None, talks: Iterable[str]) -> int:
    """Delete what Rasa remembers of some conversations; return how much it was."""
    engine = _open(file)
    if engine is None:
        return 0
    query = text(f"DELETE FROM {EVENTS} WHERE sender_id = :talk")
    with engine.begin() as connection:
        gone = sum(connection.execute(query, {"talk": t}).rowcount for t in talks)
    engine.dispose()
    return gone


def _open(file: Path | None) -> Engine | None:
    if file is None or not file.exists():
        return None
    # Rasa writes it too: wait for it, and leave no deleted text in free pages.
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": 30})
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    return engine if inspect(engine).has_table(EVENTS) else None
