"""A real system under kill -9: customers who note what they were told, and a killer.

The record is written by the customers and by the killer, not by what is tested: the
checker (`chaos_check`) compares it with what the database holds at the end.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import socketio
import yaml
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from aftercare.store.engine import make_engine
from tests.integration.stack import Stack
from tests.postgres import Cluster

WORDS: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("chaos.yml").read_text(encoding="utf-8")
)
ANSWER_S = 4.0
CONFIRM_S = 10.0
BACK_S = 600.0
APART_S = 6.0
DATABASE = "database"


@dataclass(slots=True)
class Kill:
    """One kill; moments are of the wall clock, in seconds."""

    victim: str
    at: float
    back: float = 0.0


@dataclass
class Record:
    """What the customers saw and what was done to the system."""

    sent: int = 0
    acked: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    heard: dict[str, list[int]] = field(default_factory=dict)
    kills: list[Kill] = field(default_factory=list)
    died: list[str] = field(default_factory=list)


class Widget:
    """A customer's page: resends what is not acknowledged, comes back, asks on."""

    def __init__(self, url: str, record: Record, token: str | None = None) -> None:
        """Know the address; connect with the first word."""
        self._url = url
        self._token = token
        self._record = record
        self._names = itertools.count(1)
        self.talk: str | None = None
        self.last: dict[str, Any] = {}
        self.spoke = asyncio.Event()
        self.io = socketio.AsyncClient(reconnection=False)

    async def _connect(self) -> None:
        self.io = socketio.AsyncClient(reconnection=False)
        confirmed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def confirm(talk: str) -> None:
            if not confirmed.done():
                confirmed.set_result(talk)

        async def keep(said: dict[str, Any]) -> None:
            seq = said.get("metadata", {}).get("seq")
            if seq is not None:
                self._record.heard.setdefault(str(self.talk), []).append(seq)
            self.last = said
            self.spoke.set()

        self.io.on("session_confirm", confirm)
        self.io.on("bot_uttered", keep)
        auth = {"notice": True} | ({"token": self._token} if self._token else {})
        await self.io.connect(self._url, auth=auth, transports=["websocket"])
        await self.io.emit("session_request", {"session_id": self.talk})
        self.talk = await asyncio.wait_for(confirmed, CONFIRM_S)

    async def _tried(self, event: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to an event, over any number of connections."""
        while True:
            try:
                if not self.io.connected:
                    await self._connect()
                data = body | {"session_id": self.talk}
                found: dict[str, Any] = await self.io.call(event, data, timeout=5)
            except (socketio.exceptions.SocketIOError, TimeoutError):
                await self.leave()
                await asyncio.sleep(0.2)
                continue
            if found.get("reason") not in ("busy", "too_many_messages"):
                return found
            await asyncio.sleep(0.5)

    async def say(self, words: str) -> None:
        """Send until it is acknowledged, then wait a little for an answer."""
        name = f"m{next(self._names)}"
        self._record.sent += 1
        self.spoke.clear()
        ack = await self._tried("user_uttered", {"message": words, "client_id": name})
        assert ack["ok"], ack
        self._record.acked[str(self.talk), name] = (ack["seq"], words)
        try:
            await asyncio.wait_for(self.spoke.wait(), ANSWER_S)
        except TimeoutError:
            pass  # the checker asks for the answer at the end

    async def history(self) -> list[dict[str, Any]]:
        """Return all that was said, as the server has it."""
        found = await self._tried("history_request", {"after_seq": 0})
        return list(found["messages"])

    async def leave(self) -> None:
        """Close the page."""
        try:
            await self.io.disconnect()
        except socketio.exceptions.SocketIOError:
            pass  # it was cut already


async def chat(widget: Widget, over: asyncio.Event, pick: random.Random) -> None:
    """Ask one thing after another."""
    while not over.is_set():
        await widget.say(pick.choice(WORDS["talk"]))
        await asyncio.sleep(pick.random())


async def buy_back(widget: Widget) -> None:
    """Ask for a refund and press what is offered, the last button three times."""
    await widget.say(WORDS["refund"])
    for _ in range(6):
        offered = [b["payload"] for b in widget.last.get("quick_replies") or []]
        wanted = (p for mark in WORDS["press"] for p in offered if mark in p)
        payload = next(wanted, WORDS["refund"])
        await widget.say(payload)
        if '"nonce"' in payload:
            await widget.say(payload)
            await widget.say(payload)
            return


class Keeper:
    """Starts again what has died, as the supervisor does; notes who died alone."""

    def __init__(self, stack: Stack, record: Record) -> None:
        """Expect nobody to die yet."""
        self._stack = stack
        self._record = record
        self.expected: set[str] = set()

    async def keep(self) -> None:
        """Look after everybody until cancelled.

        In the main thread: a child is ended with the thread that started it.
        """
        # The supervisor's own pace; each death counts as the first, or the pauses
        # between restarts would be what is measured.
        while True:
            await asyncio.sleep(0.2)
            self.look()

    def look(self) -> None:
        """Start again who is dead now."""
        for name, child in self._stack.parts.items():
            if child.is_dead():
                if name not in self.expected:
                    self._record.died.append(name)
                self.expected.discard(name)
                child.failures = 0
                child.check(self._stack.settings, lambda _: None)


def is_there(stack: Stack, victim: str) -> bool:
    """Return whether a part answers by itself."""
    settings = stack.settings
    if victim == DATABASE:
        engine = make_engine(settings.database_url)
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
            return True
        except SQLAlchemyError:
            return False
        finally:
            engine.dispose()
    urls = {
        "web": f"{stack.url}/healthz",
        "actions": f"http://127.0.0.1:{settings.actions_port}/health",
        "rasa": f"{settings.rasa_url}/webhooks/aftercare/",
    }
    try:
        return httpx.get(urls[victim], timeout=2, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


async def kill_all(
    stack: Stack,
    victims: list[str],
    record: Record,
    keeper: Keeper,
    pick: random.Random,
    cluster: Cluster | None = None,
) -> None:
    """Kill each victim at a random moment; one that is not back yet waits its turn."""
    left, returning = list(victims), {}
    while left:
        # Far enough apart that turns are under way when the next one comes.
        await asyncio.sleep(pick.uniform(0.5, APART_S))
        away = {name for name, task in returning.items() if not task.done()}
        victim = next((name for name in left if name not in away), None)
        if victim is None:
            continue
        left.remove(victim)
        kill = Kill(victim, time.time())
        record.kills.append(kill)
        if victim == DATABASE:
            assert cluster is not None
            await asyncio.to_thread(cluster.kill)
        else:
            keeper.expected.add(victim)
            await asyncio.to_thread(stack.kill, victim)
        returning[victim] = asyncio.create_task(_until_back(stack, kill))
    await asyncio.gather(*returning.values())


async def _until_back(stack: Stack, kill: Kill) -> None:
    await until(lambda: is_there(stack, kill.victim), BACK_S, kill.victim)
    kill.back = time.time()


async def until(condition: Callable[[], bool], limit: float, what: str) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: it did not hold in time; says what was waited for.
    """
    end = time.monotonic() + limit
    while not await asyncio.to_thread(condition):
        if time.monotonic() > end:
            raise TimeoutError(what)
        await asyncio.sleep(0.05)
