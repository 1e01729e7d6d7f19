"""Events and a real RabbitMQ: one counts as told when a queue holds it, not before."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import aio_pika
import pytest
from aio_pika.exceptions import AMQPException
from sqlalchemy import Engine, insert, select, update

from aftercare.settings import ROOT, Settings
from aftercare.store.engine import make_engine
from aftercare.store.migrations import upgrade
from aftercare.store.scale import OutboxRow
from aftercare.store.unit_of_work import read, write
from tests.integration import services

LIMIT_S = 90
REFUND, MOVED, WISHED = "refund.written", "case.moved", "handover.requested"


@pytest.fixture(scope="module")
def broker() -> Iterator[services.Server]:
    with services.rabbitmq() as server:
        asyncio.run(until_serving(address(server)))
        yield server


def address(broker: services.Server) -> str:
    return f"amqp://guest:guest@127.0.0.1:{broker.port}/"


async def until_serving(url: str) -> None:
    """Wait until the broker takes a connection: its port opens long before."""
    end = time.monotonic() + services.START_S
    while True:
        try:
            await (await aio_pika.connect(url)).close()
            return
        except (AMQPException, OSError):
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.2)


@pytest.fixture
def settings(tmp_path: Path, broker: services.Server) -> Settings:
    """A shop of its own, and an exchange of its own on the module's broker."""
    return Settings(
        state_dir=tmp_path,
        events_url=address(broker),
        events_exchange=f"of.{tmp_path.name}",
    )


@pytest.fixture
def engine(settings: Settings) -> Engine:
    made = make_engine(settings.database_url)
    upgrade(made)
    return made


def happened(engine: Engine, *kinds: str) -> list[str]:
    """Write one event of each kind; return their ids."""
    ids = [f"{os.urandom(8).hex()}" for _ in kinds]
    with write(engine) as session:
        for name, kind in zip(ids, kinds, strict=True):
            row = {"event_id": name, "kind": kind, "body": {"id": name}}
            session.execute(insert(OutboxRow).values(**row, at=datetime.now(UTC)))
    return ids


def unsent(engine: Engine) -> set[str]:
    with read(engine) as session:
        query = select(OutboxRow.event_id).where(OutboxRow.sent_at.is_(None))
        return set(session.scalars(query))


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)


@contextmanager
def relay(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """The real process, as the supervisor starts it."""
    command = [sys.executable, "-m", "aftercare", "events"]
    env = os.environ | settings.as_env()
    with (settings.state_dir / "events.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def log_of(settings: Settings) -> str:
    return (settings.state_dir / "events.log").read_text("utf-8")


def bind(settings: Settings, queue: str, key: str, **arguments: int | str) -> None:
    async def work() -> None:
        async with await aio_pika.connect(settings.events_url) as connection:
            channel = await connection.channel()
            exchange = await channel.declare_exchange(
                settings.events_exchange, "topic", durable=True
            )
            made = await channel.declare_queue(
                queue, durable=True, arguments=dict(arguments)
            )
            await made.bind(exchange, key)

    asyncio.run(work())


def taken(settings: Settings, queue: str) -> list[str]:
    """Return the ids in a queue, in order, and take them out."""

    async def work() -> list[str]:
        found = []
        async with await aio_pika.connect(settings.events_url) as connection:
            channel = await connection.channel()
            there = await channel.get_queue(queue)
            while (item := await there.get(fail=False)) is not None:
                async with item.process():
                    found.append(json.loads(item.body)["id"])
        return found

    return asyncio.run(work())


def test_what_no_queue_takes_waits_and_holds_up_nothing_else(
    settings: Settings, engine: Engine
) -> None:
    first = happened(engine, MOVED, REFUND, MOVED, REFUND)
    bind(settings, "books", REFUND)
    with relay(settings):
        until(lambda: unsent(engine) == {first[0], first[2]})
        # The broker confirmed those two as well; a second look must not drop them.
        later = happened(engine, MOVED, REFUND)
        until(lambda: unsent(engine) == {first[0], first[2], later[0]})
        assert taken(settings, "books") == [first[1], first[3], later[1]]
        assert f"kind={MOVED}" in log_of(settings)
        bind(settings, "moves", MOVED)
        until(lambda: not unsent(engine))
    assert taken(settings, "moves") == [first[0], first[2], later[0]]


def test_a_full_queue_that_refuses_makes_its_kind_wait(
    settings: Settings, engine: Engine
) -> None:
    bind(
        settings, "small", REFUND, **{"x-max-length": 1, "x-overflow": "reject-publish"}
    )
    ids = happened(engine, REFUND, REFUND)
    with relay(settings):
        until(lambda: unsent(engine) == {ids[1]})
        assert taken(settings, "small") == [ids[0]]
        until(lambda: not unsent(engine))
    assert taken(settings, "small") == [ids[1]]


def test_a_kind_nobody_wants_waits_for_nobody(
    settings: Settings, engine: Engine
) -> None:
    bind(settings, "wanted", "#")
    ids = happened(engine, WISHED, REFUND)
    with relay(settings.model_copy(update={"events_kinds": [REFUND]})):
        until(lambda: not unsent(engine))
    assert taken(settings, "wanted") == [ids[1]]


def test_a_broker_killed_with_the_queue_it_forgot(
    settings: Settings, engine: Engine, broker: services.Server
) -> None:
    """What it confirmed and kept is not asked again; what it could not route is."""
    bind(settings, "kept", REFUND)
    kept = happened(engine, REFUND)
    with relay(settings) as process:
        until(lambda: not unsent(engine))
        broker.kill()
        lost = happened(engine, REFUND, MOVED)
        broker.start()
        asyncio.run(until_serving(settings.events_url))
        # A receiver declares at each connect, also what the broker still has.
        bind(settings, "kept", REFUND)
        until(lambda: unsent(engine) == {lost[1]})
        bind(settings, "late", MOVED)
        until(lambda: not unsent(engine))
        assert process.poll() is None
    assert set(taken(settings, "kept")) == {*kept, lost[0]}
    assert taken(settings, "late") == [lost[1]]


def test_told_twice_rather_than_never(settings: Settings, engine: Engine) -> None:
    """A relay that dies after telling and before noting it tells again, same id."""
    bind(settings, "twice", REFUND)
    ids = happened(engine, REFUND)
    with relay(settings):
        until(lambda: not unsent(engine))
    with write(engine) as session:
        session.execute(update(OutboxRow).values(sent_at=None))
    with relay(settings):
        until(lambda: not unsent(engine))
    assert taken(settings, "twice") == ids * 2
