"""Customers under whose load a system is measured, and what they wait.

A closed load sends the next message when the last is answered: how many turns a
second a system does. An open one sends at its own pace, whatever comes back: how
long customers wait. Waits of the open load count from when a message was due, so a
system that stands still cannot hide it (Tene's "coordinated omission").
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import socketio
import yaml

from tests.integration.stack import Stack

SAYS: list[str] = yaml.safe_load(
    Path(__file__).with_name("talks.yml").read_text("utf-8")
)
Say = Callable[[str], Awaitable[None]]
LIMIT_S = 120


class OurCustomer:
    """A socket of the real gateway; a turn ends with the stored answer."""

    def __init__(self, stack: Stack, token: str) -> None:
        self._url, self._token = stack.url, token
        self._client = socketio.AsyncClient()
        self._heard_seq = 0
        self._news = asyncio.Event()
        self._session: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def open(self) -> Say:
        self._client.on("bot_uttered", self._heard)
        self._client.on("session_confirm", self._session.set_result)
        await self._client.connect(
            self._url,
            auth={"token": self._token, "notice": True},
            transports=["websocket"],
        )
        await self._client.emit("session_request", {"session_id": None})
        await self._session
        return self.say

    async def _heard(self, said: dict[str, Any]) -> None:
        self._heard_seq = max(self._heard_seq, said["metadata"].get("seq", 0))
        self._news.set()

    async def say(self, text: str) -> None:
        body = {"message": text, "session_id": self._session.result()}
        body["client_id"] = uuid4().hex
        ack = await self._client.call("user_uttered", body, timeout=LIMIT_S)
        assert ack["ok"], ack
        while self._heard_seq <= ack["seq"]:
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), LIMIT_S)

    async def close(self) -> None:
        await self._client.disconnect()


@asynccontextmanager
async def our_customers(stack: Stack, count: int) -> AsyncIterator[list[Say]]:
    """Yield what `count` signed-in customers of ours say with."""
    token = stack.token("C-DEMO-1")
    customers = [OurCustomer(stack, token) for _ in range(count)]
    yield [await customer.open() for customer in customers]
    for customer in customers:
        await customer.close()


@asynccontextmanager
async def stock_customers(address: str, count: int) -> AsyncIterator[list[Say]]:
    """Yield what `count` customers of a REST channel say with."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(LIMIT_S)) as http:

        def customer() -> Say:
            sender = uuid4().hex

            async def say(text: str) -> None:
                body = {"sender": sender, "message": text}
                async with http.post(address, json=body) as answer:
                    assert await answer.json(), "an empty answer"

            return say

        yield [customer() for _ in range(count)]


async def closed(says: Sequence[Say], seconds: float) -> list[float]:
    """Return the seconds of every turn finished in the time given."""
    took: list[float] = []
    end = time.perf_counter() + seconds

    async def customer(say: Say, first: int) -> None:
        turn = first
        while time.perf_counter() < end:
            started = time.perf_counter()
            await say(SAYS[turn % len(SAYS)])
            if time.perf_counter() <= end:
                took.append(time.perf_counter() - started)
            turn += 1

    await asyncio.gather(*(customer(say, i) for i, say in enumerate(says)))
    return took


async def opened(
    says: Sequence[Say], rate: float, seconds: float, seed: int
) -> list[float]:
    """Return what each message waited, sent at random times, `rate` a second.

    The arrivals are Poisson's; each goes to the next customer in turn.
    """
    draws = random.Random(seed)
    locks = [asyncio.Lock() for _ in says]
    took: list[float] = []
    tasks: list[asyncio.Task[None]] = []

    async def one(number: int, due: float) -> None:
        async with locks[number % len(says)]:
            await says[number % len(says)](SAYS[number % len(SAYS)])
        took.append(time.perf_counter() - due)

    due, end = time.perf_counter(), time.perf_counter() + seconds
    while (due := due + draws.expovariate(rate)) < end:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(len(tasks), due)))
    await asyncio.gather(*tasks)
    return took


async def long_talk(say: Say, turns: int) -> list[float]:
    """Return the seconds of each turn of one long conversation."""
    took = []
    for turn in range(turns):
        started = time.perf_counter()
        await say(SAYS[turn % len(SAYS)])
        took.append(time.perf_counter() - started)
    return took
