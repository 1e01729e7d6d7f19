"""Turns a second, processor time and memory with 1, 2 and 4 Rasa workers.

    python -m benchmarks.scale --workers 1 --talks 16 --turns 12 --runs 3

The whole system as `aftercare up` keeps it, on a PostgreSQL and a Redis of its own
(Debian's packages) behind the nginx that is shipped: two web processes, an action
server for two Rasa workers. Each talk sends its next message when the last is
answered (a closed loop), so the queue is never longer than the talks. What is
measured is answered turns over the time of all of them, after one warm-up turn
each, what each part had of the processors meanwhile, and its memory at the end
(PSS: what is shared is counted once). Processor time tells more than turns a second
where a machine is shared or has fewer cores than parts.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import re
import statistics
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

import psutil
import yaml

from aftercare.settings import ROOT
from tests.integration import services
from tests.integration.stack import Stack, free_port
from tests.integration.test_scale_e2e import Customer
from tests.postgres import Cluster, cluster

TALKS = Path(__file__).with_name("scale.yml")
SEED, WEBS = 6, 2


def main() -> None:
    """Measure one number of workers and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--talks", type=int, default=16)
    parser.add_argument("--turns", type=int, default=12)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    with ExitStack() as held:
        postgres = held.enter_context(cluster())
        redis = held.enter_context(services.redis())
        stack = Stack(
            Path(held.enter_context(tempfile.TemporaryDirectory())),
            database_url=postgres.create(),
            tracker_url=postgres.create(),
            redis_url=f"redis://127.0.0.1:{redis.port}/0",
            web_workers=WEBS,
            rasa_workers=chosen.workers,
            actions_workers=(chosen.workers + 1) // 2,
        )
        held.callback(stack.stop)
        stack.start()
        first, front = stack.settings.web_port, free_port()
        ports = {
            "listen 80;": f"listen 127.0.0.1:{front};",
            "listen 127.0.0.1:5050;": f"listen 127.0.0.1:{free_port()};",
            "127.0.0.1:8000": f"127.0.0.1:{first}",
            "127.0.0.1:8001": f"127.0.0.1:{first + 1}",
        }
        shipped = ROOT / "deploy" / "nginx" / "aftercare.conf"
        nginx = held.enter_context(services.nginx(shipped, ports))
        stack.wait_until_ready()
        wait_for_all(stack)
        parts = {name: pid_of(child.process) for name, child in stack.parts.items()}
        parts |= {"redis": pid_of(redis.process), "nginx": pid_of(nginx.process)}
        parts |= {"postgresql": server_of(postgres), "the load": os.getpid()}
        print(f"{os.cpu_count()} cores, {platform.processor() or platform.machine()}")
        print(f"workers {chosen.workers}, talks {chosen.talks}, turns {chosen.turns}")
        idle(parts)
        for run in range(chosen.runs):
            measure(f"http://127.0.0.1:{front}", parts, chosen, run)


def measure(
    url: str, parts: dict[str, int], chosen: argparse.Namespace, run: int
) -> None:
    """Print one run: turns a second, waits, and what each part took of it."""
    busy, seconds, times = asyncio.run(
        load(url, parts, chosen.talks, chosen.turns, f"{run}")
    )
    number = len(times)
    cut = statistics.quantiles(times, n=20)
    print(
        f"turns/s {number / seconds:.1f}, p50 {statistics.median(times) * 1000:.0f} ms,"
        f" p95 {cut[18] * 1000:.0f} ms; machine's load {os.getloadavg()[0]:.0f}",
        flush=True,
    )
    kinds: dict[str, float] = defaultdict(float)
    for name, spent in busy.items():
        kinds[re.sub(r"-\d+$", "", name)] += spent / number * 1000
    told = ", ".join(f"{name} {spent:.1f}" for name, spent in kinds.items())
    print(f"  processor ms a turn: {told}; all {sum(kinds.values()):.1f}")
    memory = {name: pss(pid) / 2**20 for name, pid in parts.items()}
    told = ", ".join(f"{name} {found:.0f}" for name, found in memory.items())
    print(f"  PSS MB: {told}", flush=True)


def idle(parts: dict[str, int], seconds: float = 10.0) -> None:
    """Print what each kind of part takes while nobody talks."""
    before = {name: processor(pid) for name, pid in parts.items()}
    time.sleep(seconds)
    kinds: dict[str, float] = defaultdict(float)
    for name, pid in parts.items():
        spent = processor(pid) - before[name]
        kinds[re.sub(r"-\d+$", "", name)] += spent / seconds * 1000
    told = ", ".join(f"{name} {spent:.0f}" for name, spent in kinds.items())
    print(f"  nobody talks, processor ms a second: {told}", flush=True)


def wait_for_all(stack: Stack) -> None:
    """Wait for every Rasa, not only for the first."""
    import httpx

    for address in stack.settings.rasa_addresses:
        end = time.monotonic() + 240
        while time.monotonic() < end:
            try:
                url = f"{address}/webhooks/aftercare/"
                if httpx.get(url, trust_env=False).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.2)


async def load(
    url: str, parts: dict[str, int], talks: int, turns: int, run: str
) -> tuple[dict[str, float], float, list[float]]:
    """Run all talks at once; return processor time by part, seconds, each turn's."""
    texts: list[str] = yaml.safe_load(TALKS.read_text("utf-8"))
    customers = [Customer(url, f"b{run}-{n}") for n in range(talks)]
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

    await asyncio.gather(*(turn(one, texts[0], f"warm{run}") for one in customers))

    async def talk(number: int, one: Customer) -> None:
        for step in range(turns):
            text = texts[(SEED + number + step) % len(texts)]
            times.append(await turn(one, text, f"t{run}-{step}"))

    before = {name: processor(pid) for name, pid in parts.items()}
    begun = time.perf_counter()
    await asyncio.gather(*(talk(n, one) for n, one in enumerate(customers)))
    seconds = time.perf_counter() - begun
    busy = {name: processor(pid) - before[name] for name, pid in parts.items()}
    for one in customers:
        await one.io.disconnect()
    return busy, seconds, times


def pid_of(process: object) -> int:
    """Return the number of a process that was started."""
    assert process is not None
    return int(getattr(process, "pid"))  # noqa: B009 (two kinds of Popen)


def server_of(postgres: Cluster) -> int:
    """Return the number of the database's first process."""
    folder = Path(postgres.url("postgres").split("host=")[1])
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


def family(pid: int) -> list[psutil.Process]:
    """Return a process and all its children; of the load, itself alone."""
    top = psutil.Process(pid)
    return [top] if pid == os.getpid() else [top, *top.children(recursive=True)]


def processor(pid: int) -> float:
    """Return the seconds of processor a part and its children have had."""
    times = [item.cpu_times() for item in family(pid)]
    return sum(item.user + item.system for item in times)


def pss(pid: int) -> float:
    """Return the bytes a part and its children hold, what is shared counted once."""
    return float(sum(item.memory_full_info().pss for item in family(pid)))


if __name__ == "__main__":
    main()
