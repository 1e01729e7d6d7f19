"""Turns a second and memory with 1, 2 and 4 Rasa workers.

    python -m benchmarks.scale --workers 1 --talks 16 --turns 6

The whole system as `aftercare up` keeps it, on a PostgreSQL of its own (Debian's
package), one web process and one action server; each talk sends its next message
when the last is answered (a closed loop), so the queue is never longer than the
talks. What is measured is answered turns over the time of all of them, after one
warm-up turn each, and the resident memory of each part at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path

import psutil
import yaml

from tests.integration.stack import Stack
from tests.integration.test_scale_e2e import Customer
from tests.postgres import cluster

TALKS = Path(__file__).with_name("scale.yml")
SEED = 6


def main() -> None:
    """Measure one number of workers and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--talks", type=int, default=16)
    parser.add_argument("--turns", type=int, default=6)
    chosen = parser.parse_args()
    with cluster() as postgres, tempfile.TemporaryDirectory() as folder:
        stack = Stack(
            Path(folder),
            database_url=postgres.create(),
            tracker_url=postgres.create(),
            rasa_workers=chosen.workers,
        )
        try:
            stack.start()
            stack.wait_until_ready()
            wait_for_all(stack)
            seconds, times = asyncio.run(load(stack, chosen.talks, chosen.turns))
            memory = {name: resident(stack, name) for name in stack.parts}
        finally:
            stack.stop()
    number = chosen.talks * chosen.turns
    cut = statistics.quantiles(times, n=20)
    print(f"cpus {os.cpu_count()}, {platform.processor() or platform.machine()}")
    print(f"workers {chosen.workers}, talks {chosen.talks}, turns {number}")
    print(f"turns/s {number / seconds:.1f}")
    print(f"p50 {statistics.median(times) * 1000:.0f} ms, p95 {cut[18] * 1000:.0f} ms")
    for name, found in memory.items():
        print(f"memory {name} {found / 2**20:.0f} MB")


def wait_for_all(stack: Stack) -> None:
    """Wait for every Rasa, not only for the first."""
    import httpx

    for address in stack.settings.rasa_addresses:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                url = f"{address}/webhooks/aftercare/"
                if httpx.get(url, trust_env=False).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.2)


async def load(stack: Stack, talks: int, turns: int) -> tuple[float, list[float]]:
    """Run all talks at once; return the seconds and each turn's."""
    texts: list[str] = yaml.safe_load(TALKS.read_text("utf-8"))
    customers = [Customer(stack.url, f"b{n}") for n in range(talks)]
    times: list[float] = []
    for one in customers:
        await one.connect()

    async def turn(one: Customer, text: str, key: str) -> float:
        before = len(one.heard)
        begun = time.perf_counter()
        await one.say(text, key)
        while len(one.heard) == before:
            await asyncio.sleep(0.002)
        return time.perf_counter() - begun

    await asyncio.gather(*(turn(one, texts[0], "warm") for one in customers))

    async def talk(number: int, one: Customer) -> None:
        for step in range(turns):
            text = texts[(SEED + number + step) % len(texts)]
            times.append(await turn(one, text, f"t{step}"))

    begun = time.perf_counter()
    await asyncio.gather(*(talk(n, one) for n, one in enumerate(customers)))
    seconds = time.perf_counter() - begun
    for one in customers:
        await one.io.disconnect()
    return seconds, times


def resident(stack: Stack, name: str) -> int:
    """Return the bytes a part and its children hold (RSS)."""
    process = stack.parts[name].process
    assert process is not None
    top = psutil.Process(process.pid)
    family = [top, *top.children(recursive=True)]
    return sum(item.memory_info().rss for item in family)


if __name__ == "__main__":
    main()
