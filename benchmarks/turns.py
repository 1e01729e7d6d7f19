"""Whole turns per second and their times, ours beside stock Rasa.

    python -m benchmarks.turns [--peers same defaults] [--seconds 10] [--talks 1 8 32]

Ours goes the whole way: socket, gateway, database, Rasa, actions, shop. Stock
Rasa answers over `rest` with stand-in actions that look nothing up. All on one
machine, the load's own processor time included. A new shop first does what the
night left over, 30 s after its start, while customers are served: `--after-jobs`
waits for the end of that, and measures what a shop does on a common day.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import numpy as np
from sqlalchemy import select

from aftercare.services.jobs import JOBS
from aftercare.services.jobs.runs import RUNNING
from aftercare.settings import ROOT
from aftercare.store.jobs import JobRunRow
from aftercare.store.unit_of_work import read
from benchmarks import turns_peers as peers
from benchmarks.turns_load import (
    SAYS,
    Say,
    closed,
    long_talk,
    opened,
    our_customers,
    stock_customers,
)
from tests.integration.stack import Stack, running

# The load comes from one address and types faster than people do.
NO_LIMITS = {"talk_messages_per_10s": 10**6, "address_messages_per_10s": 10**6}
SEED = 20
WARM_S = 3.0
OPEN_RATE, OPEN_TALKS = 20.0, 60
# Turns compared of a long talk: medians of what lies around turn 5 and turn 120,
# whole rounds of what the customers say, so that both hold the same questions.
EARLY, LATE = slice(2, 2 + len(SAYS)), slice(116, 116 + len(SAYS))
LONG_TALKS = 2
JOBS_S = 900
Customers = Callable[[int], AbstractAsyncContextManager[list[Say]]]


async def measure(
    customers: Customers, chosen: argparse.Namespace, name: str, pids: dict[str, int]
) -> None:
    """Measure one running system and print its lines."""
    for count in chosen.talks:
        async with customers(count) as says:
            await closed(says, WARM_S)
            before = _used(pids)
            took = await closed(says, chosen.seconds)
            after = _used(pids)
        _show(name, f"{count:3} talks", took, chosen.seconds)
        # Holds on a busy machine too, where times do not.
        each = {part: (after[part] - before[part]) / len(took) for part in pids}
        shown = ", ".join(f"{part} {1000 * used:.1f}" for part, used in each.items())
        total = 1000 * sum(each.values())
        print(f"{name:16} processor ms a turn: {total:.1f} ({shown})", flush=True)
    if chosen.open_seconds:
        async with customers(OPEN_TALKS) as says:
            took = await opened(says, OPEN_RATE, chosen.open_seconds, SEED)
        _show(name, f"{OPEN_RATE:.0f} msg/s", took, chosen.open_seconds)
    if chosen.long:
        ratios = []
        for _ in range(LONG_TALKS):
            async with customers(1) as says:
                took = await long_talk(says[0], LATE.stop)
            ratios.append(np.median(took[LATE]) / np.median(took[EARLY]))
        shown = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        print(f"{name:16} turn 120 / turn 5: {np.median(ratios):.2f} ({shown})")


def wait_for_jobs(stack: Stack) -> None:
    """Return when every scheduled job has ended once.

    Raises:
        TimeoutError: one has not within `JOBS_S` seconds.
    """
    due = {job.name for job in JOBS if job.requests is None}
    begun = time.monotonic()
    ended: set[str] = set()
    while not due <= ended:
        if time.monotonic() - begun > JOBS_S:
            raise TimeoutError(f"not ended: {sorted(due - ended)}")
        time.sleep(1)
        over = select(JobRunRow.job).where(JobRunRow.state != RUNNING)
        with read(stack.engine) as session:
            ended = set(session.scalars(over))
    print(f"the night's work: {time.monotonic() - begun:.0f} s", flush=True)


def _show(name: str, load: str, took: list[float], seconds: float) -> None:
    p50, p95, p99 = np.percentile(took, [50, 95, 99]) * 1000
    print(
        f"{name:16} {load}  {len(took) / seconds:7.1f} turns/s  "
        f"p50 {p50:7.1f}  p95 {p95:7.1f}  p99 {p99:7.1f} ms  n={len(took)}",
        flush=True,
    )


def _used(pids: dict[str, int]) -> dict[str, float]:
    return {part: peers.processor_s(pid) for part, pid in pids.items()}


def _show_memory(name: str, pids: dict[str, int]) -> None:
    now = {part: round(peers.memory_mb(pid)) for part, pid in pids.items()}
    peak = peers.peak_mb(pids["rasa"])
    print(f"{name:16} memory, PSS MB: {now}; Rasa's peak {peak:.0f}", flush=True)


def main() -> None:
    """Measure ours, then each peer, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", choices=peers.NAMES, nargs="*", default=peers.NAMES)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--talks", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--open-seconds", type=float, default=20)
    parser.add_argument("--long", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--skip-ours", action="store_true")
    parser.add_argument("--after-jobs", action="store_true")
    chosen = parser.parse_args()
    print(machine(), flush=True)
    ready = [peers.trained(name) for name in chosen.peers]
    with tempfile.TemporaryDirectory() as folder:
        if not chosen.skip_ours:
            with running(Path(folder) / "ours", **NO_LIMITS) as stack:
                customers = partial(our_customers, stack)
                if chosen.after_jobs:
                    wait_for_jobs(stack)
                pids = peers.pids_of(list(stack.parts.values()))
                asyncio.run(measure(customers, chosen, "ours", pids))
                _show_memory("ours", pids)
        for peer in ready:
            name = f"stock {peer.name}"
            with peers.running(peer, Path(folder) / peer.name) as found:
                customers = partial(stock_customers, found.address)
                asyncio.run(measure(customers, chosen, name, found.pids))
                _show_memory(name, found.pids)
            print(
                f"{name:16} training {peer.trained_s} s, start {found.started_s:.0f} s"
            )


def machine() -> str:
    """Return what a figure was measured on."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    ).stdout.strip()
    python = platform.python_version()
    return f"{platform.platform()}, Python {python}, commit {commit}, seed {SEED}"


if __name__ == "__main__":
    main()
