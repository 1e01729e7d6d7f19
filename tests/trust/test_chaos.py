"""kill -9 at random moments: nothing acknowledged is lost or answered twice.

A commit kills the web process and the actions once each under their customers;
`make soak` kills 200 times, Rasa and PostgreSQL too. The figures are printed.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from aftercare.store.cases import CaseRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.unit_of_work import read
from aftercare.web.identity import shop_token
from tests.integration.stack import Stack
from tests.postgres import Cluster, cluster
from tests.trust import chaos, chaos_check
from tests.trust.ledger import check_money
from tests.trust.profile import SOAK, size
from tests.trust.shop import Customer, make_customer, make_product
from tests.trust.test_truth import check_promises

SEED = 20261126
CHATTERS, BUYERS_AT_ONCE = 5, 2
# The aim of the project: answered or marked failed so long after recovery.
ANSWERED_S = 60.0
LEFT_S = 600.0


def victims(kills: int, pick: random.Random, *, database: bool) -> list[str]:
    """Return whom to kill, in random order."""
    if not SOAK:
        return ["web", "actions"] * (kills // 2)
    kinds = ["web", "web", "web", "actions", "actions", "actions", "rasa", "rasa"]
    kinds += [chaos.DATABASE] * 2 if database else []
    found = [kinds[number % len(kinds)] for number in range(kills)]
    pick.shuffle(found)
    return found


async def everything(
    stack: Stack, record: chaos.Record, own: Cluster | None, kills: int
) -> list[Customer]:
    """Let customers talk and buy back while the killer works; return the buyers."""
    pick = random.Random(SEED)
    over = asyncio.Event()
    buyers: list[Customer] = []
    widgets: list[chaos.Widget] = []

    async def keep_buying() -> None:
        while not over.is_set():
            buyer = await asyncio.to_thread(_buyer, stack)
            if buyer is None:
                await asyncio.sleep(0.5)
                continue
            buyers.append(buyer)
            secret = stack.settings.shop_jwt_secret
            token = shop_token(str(buyer.viewer.customer_id), secret, datetime.now(UTC))
            widgets.append(chaos.Widget(stack.url, record, token))
            await chaos.buy_back(widgets[-1])

    keeper = chaos.Keeper(stack, record)
    keeping = asyncio.create_task(keeper.keep())
    try:
        guests = [chaos.Widget(stack.url, record) for _ in range(CHATTERS)]
        widgets += guests
        talking = [
            *(chaos.chat(one, over, random.Random(n)) for n, one in enumerate(guests)),
            *(keep_buying() for _ in range(BUYERS_AT_ONCE)),
        ]
        tasks = [asyncio.create_task(one) for one in talking]
        chosen = victims(kills, pick, database=own is not None)
        await chaos.kill_all(stack, chosen, record, keeper, pick, own)
        over.set()
        await asyncio.gather(*tasks)
        await chaos.until(lambda: _nothing_waits(stack, record), LEFT_S, "answers")
        for one in widgets:
            numbers = [item["seq"] for item in await one.history()]
            assert numbers == list(range(1, len(numbers) + 1))
            await one.leave()
    finally:
        keeping.cancel()
        keeper.look()
    return buyers


def _buyer(stack: Stack) -> Customer | None:
    """Make a customer with things to send back; None while the database is away."""
    try:
        return make_customer(stack.engine, datetime.now(UTC))
    except SQLAlchemyError:
        return None


def _nothing_waits(stack: Stack, record: chaos.Record) -> bool:
    talks = {talk for talk, _ in record.acked}
    query = select(MessageRow.id).where(
        MessageRow.conversation_id.in_(talks),
        MessageRow.sender == "customer",
        MessageRow.answered_at.is_(None),
    )
    with read(stack.engine) as session:
        return session.scalars(query).first() is None


def judge(stack: Stack, own: Cluster | None, kills: int) -> None:
    """Run the whole and check the record, the money and the promises."""
    make_product(stack.engine)
    record = chaos.Record()
    buyers = asyncio.run(everything(stack, record, own, kills))
    found = chaos_check.check(stack.engine, record)
    names = [str(buyer.viewer.customer_id) for buyer in buyers]
    with read(stack.engine) as session:
        cases = list(
            session.scalars(select(CaseRow).where(CaseRow.customer_id.in_(names)))
        )
    print(found.text(record))  # noqa: T201 - the figures are what the soak is for
    print(f"buyers {len(buyers)}, cases {len(cases)}")  # noqa: T201
    stack.wait_until_ready()
    assert found.wrong == {}
    assert record.died == []
    assert len(record.kills) == kills
    assert max(found.late) <= ANSWERED_S or not SOAK
    assert cases or not SOAK
    for buyer in buyers:
        check_money(stack.engine, buyer.lines)
    for talk, customer in _talks_of(stack, names):
        check_promises(stack, talk, customer)


def _talks_of(stack: Stack, names: list[str]) -> list[tuple[str, str]]:
    with read(stack.engine) as session:
        rows = session.execute(
            select(ConversationRow.id, ConversationRow.customer_id).where(
                ConversationRow.customer_id.in_(names)
            )
        )
        return [(row.id, str(row.customer_id)) for row in rows]


def test_nothing_is_lost_or_doubled_by_kills(stack: Stack) -> None:
    """SQLite, as `make run` has it."""
    judge(stack, None, size("CHAOS", 2, 100))


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[Cluster]:
    """A server of this module alone: it is killed under everybody's feet."""
    with cluster() as made:
        yield made


@pytest.mark.skipif(not SOAK, reason="run by make soak (AFTERCARE_SOAK=1)")
def test_nothing_is_lost_or_doubled_with_postgres_killed_too(
    own_postgres: Cluster, tmp_path: Path
) -> None:
    stack = Stack(
        tmp_path / "stack",
        database_url=own_postgres.create(),
        tracker_url=own_postgres.create(),
    )
    try:
        stack.start()
        stack.wait_until_ready()
        judge(stack, own_postgres, size("CHAOS", 2, 200))
    finally:
        stack.stop()
