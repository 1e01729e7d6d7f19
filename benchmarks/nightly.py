"""How long the scheduled jobs take: `python -m benchmarks.nightly --messages 1000000`.

A shop of a year in one SQLite file, made by bulk inserts: messages evenly over the
year, orders, parcels, cases, talks with people. Each job of the registry is then
run once, in a process of its own, for the same moment; time and memory are told.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine, insert

from aftercare.services.jobs import JOBS, Context, find
from aftercare.services.knowledge.seed import seed_articles
from aftercare.store.cases import CaseEventRow, CaseRow
from aftercare.store.console import AccountRow
from aftercare.store.desk import DeskEventRow
from aftercare.store.engine import make_engine
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.migrations import upgrade
from aftercare.store.models import (
    CarrierEventRow,
    CustomerRow,
    OrderLineRow,
    OrderRow,
    ProductRow,
    ShipmentRow,
)
from aftercare.store.review import MessageIndexRow
from aftercare.store.unit_of_work import write
from benchmarks.fortnight_shop import WORDS

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
YEAR = 365
A_TALK = 6
LIMIT_S = 1_800
BATCH = 20_000
Row = dict[str, Any]


def make(engine: Engine, messages: int, customers: int) -> None:
    """Fill an empty database."""
    rng = np.random.default_rng(0)
    upgrade(engine)
    with write(engine) as session:
        seed_articles(session, NOW)
        for n in range(1, 21):
            session.add(
                AccountRow(
                    id=n,
                    login=f"a{n}",
                    name=f"a{n}",
                    password_hash="-",
                    role="agent",
                    skills=[],
                    languages=["zh"],
                    created_at=_ago(400),
                )
            )
    _put(engine, ProductRow, _products())
    _put(engine, CustomerRow, _customers(customers))
    orders = customers * 2
    ages = rng.uniform(0, YEAR, orders)
    owner = rng.integers(0, customers, orders)
    _put(engine, OrderRow, _orders(ages, owner))
    _put(engine, ShipmentRow, _shipments(ages))
    _put(engine, CarrierEventRow, _events(ages))
    _put(engine, OrderLineRow, _lines(owner, rng))
    cases = rng.choice(orders, orders // 10, replace=False)
    _put(engine, CaseRow, _cases(cases, ages, owner, rng))
    _put(engine, CaseEventRow, _moves(cases, ages))
    talks = messages // A_TALK
    when = np.sort(rng.uniform(0, YEAR, talks))[::-1]
    who = rng.integers(0, customers, talks)
    _put(engine, ConversationRow, _talks(who))
    _put(engine, MessageRow, _messages(when, rng))
    _put(engine, MessageIndexRow, _index(when, rng))
    _put(engine, DeskEventRow, _handovers(when))


def _put(engine: Engine, table: Any, rows: Iterator[Row]) -> None:
    batch: list[Row] = []
    with write(engine) as session:
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                session.execute(insert(table), batch)
                batch = []
        if batch:
            session.execute(insert(table), batch)


def _ago(days: float) -> datetime:
    return NOW - timedelta(days=float(days))


def _products() -> Iterator[Row]:
    for n in range(1_000):
        yield {
            "sku": f"P{n}-1",
            "spu": f"P{n}",
            "title": f"P{n}",
            "variant": "-",
            "category": ("clothes", "digital", "food", "home")[n % 4],
            "price_fen": 9_900,
            "exclusion": "none",
            "stock": 10,
            "image": "",
        }


def _customers(count: int) -> Iterator[Row]:
    for n in range(count):
        yield {
            "id": f"c{n}",
            "name": "-",
            "phone": f"1{n:010d}",
            "created_at": _ago(400),
        }


def _orders(ages: Any, owner: Any) -> Iterator[Row]:
    for n, (age, who) in enumerate(zip(ages, owner, strict=True)):
        yield {
            "order_no": f"o{n}",
            "customer_id": f"c{who}",
            "placed_at": _ago(age),
            "paid_at": _ago(age),
            "discount_fen": 0,
            "freight_fen": 0,
            "paid_fen": 9_900,
            "receiver_phone": f"1{who:010d}",
            "receiver_region": "-",
        }


def _shipments(ages: Any) -> Iterator[Row]:
    for n, age in enumerate(ages):
        yield {
            "id": f"s{n}",
            "order_no": f"o{n}",
            "carrier": f"k{n % 5}",
            "tracking_no": f"t{n}",
            "shipped_at": _ago(age - 0.5),
            "delivered_at": _ago(age - 3) if age > 3 else None,
        }


def _events(ages: Any) -> Iterator[Row]:
    for n, age in enumerate(ages):
        for step in (0.6, 1.5, 2.5):
            if age > step:
                yield {
                    "shipment_id": f"s{n}",
                    "at": _ago(age - step),
                    "status": "moved",
                    "place": "-",
                    "text": "-",
                }


def _lines(owner: Any, rng: Any) -> Iterator[Row]:
    products = rng.integers(0, 1_000, len(owner))
    for n, who in enumerate(owner):
        yield {
            "id": f"o{n}-1",
            "customer_id": f"c{who}",
            "order_no": f"o{n}",
            "sku": f"P{products[n]}-1",
            "shipment_id": f"s{n}",
            "quantity": 1,
            "paid_fen": 9_900,
            "refunded_fen": 0,
            "is_gift": False,
            "exclusion_confirmed": False,
            "intact": True,
            "repairs": 0,
        }


def _cases(cases: Any, ages: Any, owner: Any, rng: Any) -> Iterator[Row]:
    reasons = rng.choice(["dislike", "defect", "damaged", "size"], len(cases))
    for place, n in enumerate(cases):
        yield {
            "case_no": f"AS{n}",
            "idempotency_key": f"AS{n}",
            "customer_id": f"c{owner[n]}",
            "line_id": f"o{n}-1",
            "kind": "return_refund",
            "state": "done",
            "reason": str(reasons[place]),
            "detail": "",
            "amount_fen": 9_900,
            "freight": "customer",
            "rule": "r",
            "basis": "b",
            "needs_human": False,
            "opened_at": _ago(max(ages[n] - 5, 0.0)),
        }


def _moves(cases: Any, ages: Any) -> Iterator[Row]:
    for n in cases:
        yield {
            "case_no": f"AS{n}",
            "at": _ago(max(ages[n] - 8, 0.0)),
            "actor": "policy",
            "rule": "r",
            "before": "goods_received",
            "after": "done",
        }


def _talks(who: Any) -> Iterator[Row]:
    for n, customer in enumerate(who):
        yield {
            "id": f"t{n}",
            "customer_id": f"c{customer}",
            "owner": "closed" if n % 10 == 0 else "bot",
            "next_seq": A_TALK + 1,
        }


def _messages(when: Any, rng: Any) -> Iterator[Row]:
    asked, said = WORDS["question"] + WORDS["fault"], WORDS["answer"]
    picks = rng.integers(0, 1_000, (len(when), A_TALK))
    for n, age in enumerate(when):
        for k in range(A_TALK):
            at = _ago(age) + timedelta(seconds=40 * k)
            mine = k % 2 == 0
            words = asked if mine else said
            agent = not mine and n % 10 == 0
            yield {
                "conversation_id": f"t{n}",
                "seq": k + 1,
                "sender": "customer" if mine else "agent" if agent else "bot",
                "text": words[picks[n, k] % len(words)],
                "at": at,
                "answered_at": at if mine else None,
                "payload": {"agent": {"id": 1 + n % 20, "name": "-"}}
                if agent
                else None,
            }


def _index(when: Any, rng: Any) -> Iterator[Row]:
    mood = rng.uniform(-1, 1, len(when) * A_TALK)
    for n, age in enumerate(when):
        for k in range(A_TALK):
            place = n * A_TALK + k
            mine = k % 2 == 0
            yield {
                "message_id": place + 1,
                "conversation_id": f"t{n}",
                "at": _ago(age) + timedelta(seconds=40 * k),
                "sender": "customer" if mine else "bot",
                "pinyin": "",
                "intent": "ask_product_usage" if mine else None,
                "sentiment": float(mood[place]) if mine else None,
                "fallback": False,
                "actions": "",
                "slots": "",
                "settled": True,
            }


def _handovers(when: Any) -> Iterator[Row]:
    for n in range(0, len(when), 10):
        at = _ago(when[n])
        for kind, later in (("asked", 30), ("taken", 90), ("closed", 300)):
            yield {
                "conversation_id": f"t{n}",
                "at": at + timedelta(seconds=later),
                "kind": kind,
                "actor": "-",
                "account_id": 1 + n % 20,
                "before": "human" if kind == "closed" else "",
                "after": "closed" if kind == "closed" else "",
                "detail": {"trigger": "asked"} if kind == "asked" else None,
            }


def one(path: Path, name: str) -> None:
    """Run one job here and print its time, memory and result."""
    job = find(name)
    if job is None:
        raise LookupError(name)
    engine = make_engine(f"sqlite:///{path}")
    started = time.monotonic()
    result = job.do(Context(engine, path.parent, NOW, 365))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    spent = time.monotonic() - started
    print(f"{name}: {spent:.1f} s, {peak} MB, {json.dumps(result, default=str)[:160]}")


def main() -> None:
    """Make the shop, then run the jobs one after the other."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--messages", type=int, default=1_000_000)
    wanted.add_argument("--customers", type=int, default=100_000)
    wanted.add_argument("--folder", type=Path, required=True)
    wanted.add_argument("--job")
    wanted.add_argument("--without", nargs="*", default=[])
    chosen = wanted.parse_args()
    path = chosen.folder / "nightly.db"
    if chosen.job:
        one(path, chosen.job)
        return
    chosen.folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    if not path.exists():
        make(make_engine(f"sqlite:///{path}"), chosen.messages, chosen.customers)
    made = time.monotonic() - started
    size = path.stat().st_size // 2**20
    print(
        platform.machine(), f"{chosen.messages} messages, {chosen.customers} customers"
    )
    print(f"made in {made:.0f} s, {size} MB", flush=True)
    for job in JOBS:
        if job.name in chosen.without:
            continue
        command = [sys.executable, "-m", "benchmarks.nightly", "--job", job.name]
        try:
            ended = subprocess.run(
                [*command, "--folder", str(chosen.folder)], timeout=LIMIT_S, check=False
            )
            if ended.returncode:
                print(f"{job.name}: failed with {ended.returncode}", flush=True)
        except subprocess.TimeoutExpired:
            print(f"{job.name}: not done in {LIMIT_S} s", flush=True)


if __name__ == "__main__":
    main()
