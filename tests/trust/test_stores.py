"""A store that fails: nothing is half written, and the chat goes on when it is back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import socketio
from sqlalchemy import Engine, event, select, text

from aftercare.settings import Settings
from aftercare.store.engine import make_engine
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.migrations import upgrade
from aftercare.store.unit_of_work import read
from aftercare.web.app import create_app
from tests.postgres import Cluster, cluster
from tests.trust.serving import connected, serving, wait_for

CALL_S = 30


class Customer:
    """A widget that counts what was acknowledged, and repeats what was not."""

    def __init__(self, url: str) -> None:
        self.io: socketio.SimpleClient = connected(url)
        self.io.emit("session_request", {"session_id": None})
        self.talk = str(wait_for(self.io, "session_confirm"))
        self.acked: dict[str, int] = {}

    def try_(self, name: str, body: str = "hello") -> dict[str, Any]:
        """Send once; keep the number if it was stored."""
        data = {"message": body, "session_id": self.talk, "client_id": name}
        answer: dict[str, Any] = self.io.call("user_uttered", data, timeout=CALL_S)
        if answer["ok"]:
            self.acked[name] = answer["seq"]
        return answer


def stored(engine: Engine, talk: str) -> dict[str, int]:
    """Return the customer's messages by their names; the numbers have no gap."""
    with read(engine) as session:
        rows = session.scalars(
            select(MessageRow)
            .where(MessageRow.conversation_id == talk)
            .order_by(MessageRow.seq)
        ).all()
        row = session.get_one(ConversationRow, talk)
        assert [one.seq for one in rows] == list(range(1, row.next_seq))
        return {one.client_id: one.seq for one in rows if one.client_id}


def settings_for(folder: Path, url: str) -> Settings:
    made = Settings(state_dir=folder, database_url=url, rasa_port=9)
    upgrade(make_engine(made.database_url))
    return made


def test_a_full_disk_refuses_and_spoils_nothing(tmp_path: Path) -> None:
    """SQLITE_FULL from the real engine: the file may not grow any more."""
    file = tmp_path / "full.db"
    settings = settings_for(tmp_path, f"sqlite:///{file}")
    app = create_app(settings)
    with serving(app) as url:
        customer = Customer(url)
        assert customer.try_("before")["ok"]
        gateway_engine = _engine_of(app)
        _limit_pages(gateway_engine, None)
        # Three bytes a sign: what room the last pages have is soon used up.
        tried = [customer.try_(f"full-{n}", "\u6ee1" * 1_000) for n in range(8)]
        told = {answer.get("reason") for answer in tried if not answer["ok"]}
        assert told == {"busy"}, tried[-1]
        _limit_pages(gateway_engine, 1_000_000)
        assert customer.try_("after")["ok"]
        customer.io.disconnect()
    engine = make_engine(f"sqlite:///{file}")
    assert stored(engine, customer.talk) == customer.acked
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    engine.dispose()


def _engine_of(app: Any) -> Engine:
    """Return the engine that the gateway inside the application writes with."""
    handler = app.engineio_server.handlers["/"]["user_uttered"]
    engine: Engine = handler.__self__._engine
    return engine


def _limit_pages(engine: Engine, pages: int | None) -> None:
    """Let the file grow no more, or to so many pages, in every connection to come."""
    engine.dispose()

    @event.listens_for(engine, "connect")
    def limit(connection: Any, _record: Any) -> None:
        most = pages or connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={most}")


@pytest.fixture
def own_postgres() -> Iterator[Cluster]:
    """A server of this test alone: it is restarted under the others' feet."""
    with cluster() as made:
        yield made


def test_a_restarted_postgres_loses_nothing_and_is_not_noticed(
    own_postgres: Cluster, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, own_postgres.create())
    with serving(create_app(settings)) as url:
        customer = Customer(url)
        for number in range(12):
            if number % 4 == 2:
                own_postgres.restart()
            answer = customer.try_(f"m{number}")
            # Every pooled connection was cut: none of them is handed out.
            assert answer["ok"], answer
        customer.io.disconnect()
    engine = make_engine(settings.database_url)
    assert stored(engine, customer.talk) == customer.acked
    assert len(customer.acked) == 12
    engine.dispose()
