"""More than one of everything, by settings alone; one of each killed under load."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio
import yaml
from sqlalchemy import select

from aftercare.services.console import accounts
from aftercare.services.console.rights import Role
from aftercare.settings import ROOT
from aftercare.store.cases import CaseEventRow
from aftercare.store.messages import MessageRow
from aftercare.store.models import RefundRow
from aftercare.store.scale import OutboxRow
from aftercare.store.unit_of_work import read
from tests.integration import services
from tests.integration.receiver import bind, received, until_bound
from tests.integration.stack import Stack, free_port
from tests.postgres import Cluster
from tests.trust.profile import size

WORDS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "conversations" / "failures.yml").read_text("utf-8")
)
PASSWORD = "correct horse 1"
# Ten processes and three servers: too much for each commit on two shared cores.
pytestmark = pytest.mark.skipif(
    os.environ.get("AFTERCARE_SOAK") != "1",
    reason="run by make soak (AFTERCARE_SOAK=1)",
)
CUSTOMERS, MESSAGES = 6, 5
WAIT_S = 100
# So long the broker and Redis are away by `make soak`.
AWAY_S = 600


@dataclass
class Farm:
    """The stack, what it stands on, and the address in front of it."""

    stack: Stack
    front: str
    webs: tuple[str, str]
    redis: services.Server
    broker: services.Server


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory, postgres: Cluster) -> Iterator[Farm]:
    """Two of each part on PostgreSQL, Redis, RabbitMQ, behind the shipped nginx."""
    services.needed("redis-server", "nginx", str(services.RABBIT))
    with ExitStack() as held:
        redis = held.enter_context(services.redis())
        broker = held.enter_context(services.rabbitmq())
        stack = Stack(
            tmp_path_factory.mktemp("farm"),
            database_url=postgres.create(),
            tracker_url=postgres.create(),
            redis_url=f"redis://127.0.0.1:{redis.port}/0",
            events_url=f"amqp://guest:guest@127.0.0.1:{broker.port}/",
            web_workers=2,
            rasa_workers=2,
            actions_workers=2,
        )
        held.callback(stack.stop)
        stack.start()
        first = stack.settings.web_port
        front, private = free_port(), free_port()
        ports = {
            "listen 80;": f"listen 127.0.0.1:{front};",
            "listen 127.0.0.1:5050;": f"listen 127.0.0.1:{private};",
            "127.0.0.1:8000": f"127.0.0.1:{first}",
            "127.0.0.1:8001": f"127.0.0.1:{first + 1}",
        }
        shipped = ROOT / "deploy" / "nginx" / "aftercare.conf"
        held.enter_context(services.nginx(shipped, ports))
        stack.wait_until_ready()
        webs = tuple(f"http://127.0.0.1:{first + n}" for n in range(2))
        yield Farm(stack, f"http://127.0.0.1:{front}", webs, redis, broker)  # type: ignore[arg-type]


@dataclass
class Customer:
    """A widget: resends what is not acknowledged, reconnects, asks for history."""

    url: str
    name: str
    token: str | None = None
    session: str | None = None
    acked: dict[str, int] = field(default_factory=dict)
    heard: list[dict[str, Any]] = field(default_factory=list)
    io: socketio.AsyncClient = field(default_factory=socketio.AsyncClient)

    async def connect(self) -> None:
        self.io = socketio.AsyncClient(reconnection=False)
        confirmed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def confirm(session: str) -> None:
            if not confirmed.done():
                confirmed.set_result(session)

        async def keep(said: dict[str, Any]) -> None:
            self.heard.append(said)

        self.io.on("session_confirm", confirm)
        self.io.on("bot_uttered", keep)
        await self.io.connect(
            self.url,
            # nginx chooses a process by address and browser.
            headers={"user-agent": self.name},
            auth={"notice": True} | ({"token": self.token} if self.token else {}),
            transports=["websocket"],
        )
        await self.io.emit("session_request", {"session_id": self.session})
        self.session = await asyncio.wait_for(confirmed, 10)

    async def say(self, text: str, client_id: str) -> None:
        """Send until it is acknowledged, over any number of connections."""
        body = {"message": text, "client_id": client_id}
        async with asyncio.timeout(WAIT_S):
            while client_id not in self.acked:
                try:
                    if not self.io.connected:
                        await self.connect()
                    data = body | {"session_id": self.session}
                    ack = await self.io.call("user_uttered", data, timeout=5)
                except (socketio.exceptions.SocketIOError, TimeoutError):
                    await self.io.disconnect()
                    await asyncio.sleep(0.2)
                    continue
                assert ack["ok"], ack
                self.acked[client_id] = ack["seq"]

    async def history(self) -> list[dict[str, Any]]:
        if not self.io.connected:
            await self.connect()
        asked = {"session_id": self.session, "after_seq": 0}
        answer = await self.io.call("history_request", asked, timeout=10)
        found: list[dict[str, Any]] = answer["messages"]
        return found

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(WAIT_S):
            while not condition():
                await asyncio.sleep(0.05)


def rows(farm: Farm, talk: str | None) -> list[MessageRow]:
    query = select(MessageRow).where(MessageRow.conversation_id == talk)
    with read(farm.stack.engine) as session:
        return list(session.scalars(query.order_by(MessageRow.seq)))


def all_answered(farm: Farm, customers: list[Customer]) -> bool:
    waiting = select(MessageRow.id).where(
        MessageRow.conversation_id.in_([one.session for one in customers]),
        MessageRow.sender == "customer",
        MessageRow.answered_at.is_(None),
    )
    with read(farm.stack.engine) as session:
        return session.scalars(waiting).first() is None


def test_one_of_each_is_killed_and_nothing_is_lost_or_doubled(farm: Farm) -> None:
    order = random.Random(6)

    async def talk(one: Customer) -> None:
        await one.connect()
        for number in range(MESSAGES):
            await one.say(WORDS["hello"], f"{one.name}-{number}")
            await asyncio.sleep(order.random() * 0.3)

    async def murder() -> None:
        for victim in ("rasa-2", "actions-2", "web-2"):
            await asyncio.sleep(0.4)
            await asyncio.to_thread(farm.stack.kill, victim)

    async def scenario() -> list[Customer]:
        customers = [Customer(farm.front, f"browser {n}") for n in range(CUSTOMERS)]
        await asyncio.gather(murder(), *map(talk, customers))
        await customers[0].until(lambda: all_answered(farm, customers))
        for one in customers:
            seen = [item["seq"] for item in await one.history()]
            assert seen == list(range(1, len(seen) + 1))
            await one.io.disconnect()
        return customers

    try:
        customers = asyncio.run(scenario())
    finally:
        farm.stack.start("rasa-2", "actions-2", "web-2")
    for one in customers:
        assert len(one.acked) == MESSAGES
        found = rows(farm, one.session)
        mine = [row for row in found if row.sender == "customer"]
        # Stored once each, in the order they were sent, and answered.
        assert [row.client_id for row in mine] == list(one.acked)
        assert [row.seq for row in mine] == list(one.acked.values())
        assert all(row.answered_at and row.understanding for row in mine)
        assert not any("failed" in (row.understanding or {}) for row in mine)
        answers = Counter(row.trace for row in found if row.sender == "bot")
        assert set(answers) == {row.trace for row in mine}
        said = [item["metadata"]["seq"] for item in one.heard if item.get("text")]
        assert len(said) == len(set(said))


def test_an_agent_and_a_customer_at_different_processes(farm: Farm) -> None:
    accounts.add(
        farm.stack.engine, "lin", "lin", PASSWORD, Role("agent"), datetime.now(UTC)
    )
    wait_for_web(farm)

    async def scenario() -> None:
        customer = Customer(farm.webs[0], "here")
        await customer.connect()
        async with httpx.AsyncClient(
            base_url=f"{farm.webs[1]}/api", trust_env=False, timeout=30
        ) as desk:
            body = {"login": "lin", "password": PASSWORD}
            signed = await desk.post("/session", json=body)
            desk.headers["X-CSRF-Token"] = signed.json()["csrf"]
            await customer.say("/request_human", "c1")
            path = f"/conversations/{customer.session}"
            taken = await until_ok(desk, f"{path}/take")
            assert taken.status_code == 200, taken.text
            for number in range(3):
                words = {"text": f"words {number}", "client_id": f"w{number}"}
                sent = await desk.post(f"{path}/messages", json=words)
                assert sent.status_code == 200, sent.text
        wanted = ["words 0", "words 1", "words 2"]

        def heard() -> list[str]:
            texts = [item.get("text", "") for item in customer.heard]
            return [text for text in texts if text in wanted]

        await customer.until(lambda: len(heard()) >= 3)
        assert heard() == wanted
        await customer.io.disconnect()

    asyncio.run(scenario())


async def until_ok(desk: httpx.AsyncClient, path: str) -> httpx.Response:
    """Ask again while the bot has not handed the conversation over yet."""
    end = time.monotonic() + WAIT_S
    while True:
        answer = await desk.post(path, json={})
        if answer.status_code == 200 or time.monotonic() > end:
            return answer
        await asyncio.sleep(0.2)


def wait_for_web(farm: Farm) -> None:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        try:
            httpx.get(f"{farm.webs[1]}/healthz", trust_env=False)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError


def test_the_broker_and_redis_go_away_and_no_event_is_lost(farm: Farm) -> None:
    token = farm.stack.token("C-DEMO-3")
    line = "8800000000030005-1"
    before: set[str] = set()

    async def scenario() -> list[dict[str, Any]]:
        queue_name, url = "receiver", farm.stack.settings.events_url
        customer = Customer(farm.front, "buyer", token)
        # Those of the other tests go to their own queue: what no queue takes waits.
        await bind(url, "early")
        await customer.until(lambda: waiting_events(farm) == 0)
        before.update(event_ids(farm))
        await received(url, "early", gone=True)
        await bind(url, queue_name)
        farm.broker.kill()
        farm.redis.kill()
        await customer.connect()
        await talk_on(farm, customer, size("AWAY", 0, AWAY_S))
        for number, text in enumerate(WORDS["refund_nuts"]):
            await customer.say(text, f"c{number}")
            await customer.until(lambda: all_answered(farm, [customer]))
        # The answer may be made at the other process, whose words come by the log.
        await customer.until(lambda: confirming(customer))
        payload = confirming(customer)[-1]
        await asyncio.gather(*(customer.say(payload, f"press{n}") for n in range(3)))
        await customer.until(lambda: all_answered(farm, [customer]))
        await customer.io.disconnect()
        assert waiting_events(farm) > 0
        await asyncio.to_thread(farm.broker.start)
        await asyncio.to_thread(farm.redis.start)
        # As a receiver does at each connect: a broker killed so soon after a binding
        # may have forgotten it, and what it cannot route waits here.
        await until_bound(url, queue_name)
        await customer.until(lambda: waiting_events(farm) == 0)
        return await received(url, queue_name)

    got = asyncio.run(scenario())
    with read(farm.stack.engine) as session:
        money = session.scalars(
            select(RefundRow).where(RefundRow.line_id == line)
        ).all()
        moves = session.scalars(
            select(CaseEventRow.trace).where(CaseEventRow.case_no == money[0].case_no)
        ).all()
    assert len(money) == 1
    # The press, the case and the refund share one trace.
    assert set(moves) == {money[0].trace} and money[0].trace
    # Every event written while they were away arrived, and nothing else did.
    ids = {item["id"] for item in got}
    assert ids == event_ids(farm) - before
    refunds = {item["id"]: item for item in got if item["kind"] == "refund.written"}
    assert [item["line_id"] for item in refunds.values()] == [line]
    told = json.dumps(got)
    assert "C-DEMO-3" not in told and WORDS["refund_nuts"][0] not in told


async def talk_on(farm: Farm, customer: Customer, seconds: int) -> None:
    """Go on chatting so long, and say how long the answers took."""
    took: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.monotonic()
        await customer.say(WORDS["hello"], f"away{len(took)}")
        await customer.until(lambda: all_answered(farm, [customer]))
        took.append(time.monotonic() - begun)
        await asyncio.sleep(1)
    if took:
        print(f"away {seconds} s: {len(took)} turns, slowest {max(took):.1f} s")  # noqa: T201


def confirming(customer: Customer) -> list[str]:
    """Return what the buttons that confirm send, in the order they were heard."""
    shown = [b for item in customer.heard for b in item.get("quick_replies") or []]
    return [b["payload"] for b in shown if b["payload"].startswith("/affirm")]


def event_ids(farm: Farm) -> set[str]:
    with read(farm.stack.engine) as session:
        return set(session.scalars(select(OutboxRow.event_id)))


def waiting_events(farm: Farm) -> int:
    query = select(OutboxRow.id).where(OutboxRow.sent_at.is_(None))
    with read(farm.stack.engine) as session:
        return len(session.scalars(query).all())
