"""Rasa's working memory: one row a conversation, read once and written once a turn.

Rasa's own SQL store keeps a row per event and reads them all, three times a turn.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses
from sqlalchemy.pool import StaticPool

from rasa_channel.database import wait_for
from rasa_channel.history import shortened

log = logging.getLogger(__name__)
T = TypeVar("T")
BUSY_TIMEOUT_S = 5
# Where a tracker keeps the version of the row it was read from.
VERSION = "_aftercare_version"
# Which message its last turn answered, and how, as JSON.
ANSWER = "_aftercare_answer"
TABLE = sa.Table(
    "dialogues",
    sa.MetaData(),
    sa.Column("sender_id", sa.String(255), primary_key=True),
    # Grows with every turn: of two who read the same turn, one can write.
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("events", sa.Text, nullable=False),
    # The last turn's message and answer: asked again, it is answered, not done, again.
    sa.Column("last_seq", sa.Integer),
    sa.Column("answer", sa.Text),
)
READ = sa.select(TABLE).where(TABLE.c.sender_id == sa.bindparam("talk"))
UPDATE = (
    sa.update(TABLE)
    .where(TABLE.c.sender_id == sa.bindparam("talk"))
    .where(TABLE.c.version == sa.bindparam("before"))
    .values(
        version=sa.bindparam("after"),
        events=sa.bindparam("text"),
        last_seq=sa.bindparam("seq"),
        answer=sa.bindparam("said"),
    )
)
INSERT = sa.insert(TABLE).values(
    sender_id=sa.bindparam("talk"),
    version=1,
    events=sa.bindparam("text"),
    last_seq=sa.bindparam("seq"),
    answer=sa.bindparam("said"),
)
KEYS = sa.select(TABLE.c.sender_id)


class RivalTurn(Exception):
    """Another process has written a turn of this conversation meanwhile."""


class ConversationStore(TrackerStore):
    """The tracker of each conversation as one row of JSON, in any SQL database.

    Args:
        url: an SQLAlchemy URL, given as `url` in endpoints.yml.

    SQLite is used with a write-ahead log and without waiting for the disk at each
    turn: after a crash of the process nothing is lost; after a power cut the last
    turns may be forgotten here, never in the gateway's log of the conversation.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        **kwargs: Any,
    ) -> None:
        """Open the database and make the table."""
        if not host:
            raise ValueError("the tracker store needs a url")
        self._engine = make_engine(host)
        wait_for(self._engine)
        make_table(self._engine)
        # A file is read faster than a thread is asked; a server is waited for.
        self._local = self._engine.dialect.name == "sqlite"
        super().__init__(domain, event_broker, **kwargs)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the tracker of a conversation, None where there is none."""

        def read() -> Any:
            with self._engine.connect() as connection:
                return connection.execute(READ, {"talk": sender_id}).first()

        row = await self._off_loop(read)
        if row is None:
            return None
        events = [event_from(item) for item in json.loads(row.events)]
        slots = self.domain.slots
        tracker = DialogueStateTracker.from_events(sender_id, events, slots)
        setattr(tracker, VERSION, row.version)
        if row.last_seq is not None:
            setattr(tracker, ANSWER, (row.last_seq, row.answer))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write what the next turn needs.

        Raises:
            RivalTurn: the row is not the one this tracker was read from.
        """
        await self.stream_events(tracker)
        before = getattr(tracker, VERSION, 0)
        events = shortened([event.as_dict() for event in tracker.events])
        text = json.dumps(events, ensure_ascii=False, separators=(",", ":"))
        seq, said = getattr(tracker, ANSWER, (None, None))
        values = {"talk": tracker.sender_id, "text": text, "seq": seq, "said": said}

        def write() -> None:
            with self._engine.begin() as connection:
                if not before:
                    connection.execute(INSERT, values)
                    return
                versions = {"before": before, "after": before + 1}
                if connection.execute(UPDATE, values | versions).rowcount != 1:
                    raise RivalTurn

        try:
            await self._off_loop(write)
        except sa.exc.IntegrityError as error:
            raise RivalTurn from error
        setattr(tracker, VERSION, before + 1)

    async def create_tracker(
        self, sender_id: str, append_action_listen: bool = True
    ) -> DialogueStateTracker:
        """Return a new tracker; it is stored with its first turn."""
        tracker = self.init_tracker(sender_id)
        if append_action_listen:
            tracker.update(event_from({"event": "action", "name": "action_listen"}))
        return tracker

    async def keys(self) -> list[str]:
        """Return the ids of all conversations."""

        def read() -> list[str]:
            with self._engine.connect() as connection:
                return list(connection.execute(KEYS).scalars())

        return await self._off_loop(read)

    async def _off_loop(self, work: Callable[[], T]) -> T:
        if self._local:
            return work()
        return await asyncio.get_running_loop().run_in_executor(None, work)


def make_table(engine: sa.engine.Engine) -> None:
    """Make the table, or add what an earlier version of it has not.

    Several workers may start at once: who comes second finds it done.
    """
    try:
        TABLE.create(engine, checkfirst=True)
    except (sa.exc.ProgrammingError, sa.exc.IntegrityError, sa.exc.OperationalError):
        if not sa.inspect(engine).has_table(TABLE.name):
            raise
    there = {column["name"] for column in sa.inspect(engine).get_columns(TABLE.name)}
    for column in (TABLE.c.last_seq, TABLE.c.answer):
        if column.name in there:
            continue
        kind = column.type.compile(engine.dialect)
        added = f"ALTER TABLE {TABLE.name} ADD COLUMN {column.name} {kind}"
        try:
            with engine.begin() as connection:
                connection.execute(sa.text(added))
        except (sa.exc.ProgrammingError, sa.exc.OperationalError):
            now = sa.inspect(engine).get_columns(TABLE.name)
            if column.name not in {item["name"] for item in now}:
                raise
    # What earlier versions kept there nobody would forget any more.
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS events"))


def make_engine(url: str) -> sa.engine.Engine:
    """Return an engine; SQLite gets one connection and a write-ahead log."""
    found = sa.engine.make_url(url)
    if found.get_backend_name() != "sqlite":
        # The application's driver is another one: one address serves both.
        found = found.set(drivername=found.get_backend_name())
        return sa.create_engine(found, future=True, pool_pre_ping=True)
    # Only the loop's thread uses it; opening a file for each turn costs more
    # than reading it.
    once = {"check_same_thread": False}
    engine = sa.create_engine(
        found, future=True, poolclass=StaticPool, connect_args=once
    )
    sa.event.listen(engine, "connect", _set_pragmas)
    return engine


def event_from(item: dict[str, Any]) -> Event:
    """Return an event written by `Event.as_dict`."""
    return classes()[item["event"]]._from_parameters(item)


@lru_cache(maxsize=1)
def classes() -> dict[str, type[Event]]:
    """Return Rasa's classes of events by their names."""
    named = (one for one in all_subclasses(Event) if one.type_name != "event")
    return {one.type_name: one for one in named}


def _set_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
    cursor.close()
