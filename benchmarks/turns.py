"""Whole turns per second and their times, ours beside stock Rasa.

    python -m benchmarks.turns --peer same|defaults [--seconds 20]

One simulated customer sends its next message when the last one is answered.
Ours goes the whole way: socket, gateway, database, Rasa, actions, shop. Stock
Rasa answers over `rest` with stand-in actions that look nothing up.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import numpy as np
import socketio
import yaml

from aftercare.settings import ROOT
from benchmarks.turns_peers import memory_mb, ours, stock
from tests.integration.stack import Stack

SAYS: list[str] = yaml.safe_load(
    Path(__file__).with_name("talks.yml").read_text("utf-8")
)
CONFIGS = {
    "same": Path(__file__).with_name("stock") / "config_same.yml",
    "defaults": Path(__file__).with_name("stock") / "config_defaults.yml",
}
Say = Callable[[str], Awaitable[None]]


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
            self._url, auth={"token": self._token}, transports=["websocket"]
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
        ack = await self._client.call("user_uttered", body, timeout=60)
        assert ack["ok"], ack
        while self._heard_seq <= ack["seq"]:
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), 60)

    async def close(self) -> None:
        await self._client.disconnect()


async def load(says: list[Say], seconds: float) -> list[float]:
    """Return the seconds of every turn finished in the time given."""
    took: list[float] = []
    end = time.perf_counter() + seconds

    async def customer(say: Say, first: int) -> None:
        turn = first
        while time.perf_counter() < end:
            started = time.perf_counter()
            await say(SAYS[turn % len(SAYS)])
            took.append(time.perf_counter() - started)
            turn += 1

    await asyncio.gather(*(customer(say, i) for i, say in enumerate(says)))
    return took


async def measure_ours(stack: Stack, count: int, seconds: float) -> list[float]:
    token = stack.token("C-DEMO-1")
    customers = [OurCustomer(stack, token) for _ in range(count)]
    says = [await customer.open() for customer in customers]
    await load(says, 2)
    took = await load(says, seconds)
    for customer in customers:
        await customer.close()
    return took


async def measure_stock(address: str, count: int, seconds: float) -> list[float]:
    async with aiohttp.ClientSession() as http:

        def customer(number: int) -> Say:
            async def say(text: str) -> None:
                body = {"sender": f"{count}-{number}", "message": text}
                async with http.post(address, json=body) as answer:
                    assert await answer.json(), "an empty answer"

            return say

        says = [customer(number) for number in range(count)]
        await load(says, 2)
        return await load(says, seconds)


def show(name: str, count: int, took: list[float], seconds: float) -> None:
    """Print one line of the table."""
    p50, p95, p99 = np.percentile(took, [50, 95, 99]) * 1000
    rate = len(took) / seconds
    print(
        f"{name:16} {count:3} talks  {rate:7.1f} turns/s  "
        f"p50 {p50:7.1f}  p95 {p95:7.1f}  p99 {p99:7.1f} ms  n={len(took)}",
        flush=True,
    )


def main() -> None:
    """Measure both and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", choices=sorted(CONFIGS), default="same")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--talks", type=int, nargs="+", default=[1, 8, 32])
    chosen = parser.parse_args()
    print(platform.platform(), platform.python_version(), f"root {ROOT.name}")
    with tempfile.TemporaryDirectory() as folder:
        with ours(Path(folder) / "ours") as (stack, pids):
            for count in chosen.talks:
                took = asyncio.run(measure_ours(stack, count, chosen.seconds))
                show("ours", count, took, chosen.seconds)
            memory = {name: round(memory_mb(pid)) for name, pid in pids.items()}
            print("ours, memory MB:", memory)
        config = CONFIGS[chosen.peer]
        with stock(Path(folder) / "stock", config) as (address, pids, trained):
            print(f"stock training {trained:.0f} s")
            for count in chosen.talks:
                took = asyncio.run(measure_stock(address, count, chosen.seconds))
                show(f"stock {chosen.peer}", count, took, chosen.seconds)
            memory = {name: round(memory_mb(pid)) for name, pid in pids.items()}
            print("stock, memory MB:", memory)


if __name__ == "__main__":
    main()
