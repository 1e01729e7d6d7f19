"""Seven weeks of an invented shop, with incidents planted in the last two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from aftercare.store.cases import CaseRow
from aftercare.store.console import AccountRow
from aftercare.store.desk import DeskEventRow, HandoverRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.models import (
    Base,
    CarrierEventRow,
    CustomerRow,
    OrderLineRow,
    OrderRow,
    ProductRow,
    ShipmentRow,
)
from aftercare.store.review import MessageIndexRow
from aftercare.store.unit_of_work import write
from benchmarks.fortnight_plot import FIRST, Plot

WORDS: dict[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("fortnight.yml").read_text(encoding="utf-8")
)
BEGIN = datetime(2026, 9, 6, 16, 0, tzinfo=UTC)  # a Monday's midnight in Shanghai
SECOND = timedelta(seconds=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PRODUCTS, CUSTOMERS, AGENTS = 12, 400, 5
CARRIERS = ("swift", "steady", "strike")
ORDERS, TALKS, PEOPLE = 60, 70, 9  # a day: orders, bot talks, people's talks


Change = Callable[[Session], None]


def _taken(due: list[Any], now: datetime) -> list[Any]:
    """Take what is due out of a list, in order."""
    due.sort(key=lambda item: item[:2])
    ready = [item for item in due if item[0] <= now]
    del due[: len(ready)]
    return ready


@dataclass
class Shop:
    """Rows and changes still to come, each with its moment."""

    rng: np.random.Generator
    rows: list[tuple[datetime, int, list[Any]]] = field(default_factory=list)
    changes: list[tuple[datetime, int, Change]] = field(default_factory=list)
    promises: list[datetime] = field(default_factory=list)
    number: int = 0
    plot: Plot = FIRST
    # What was sold: customer, product, order line, delivered.
    sold: list[tuple[str, str, str, datetime]] = field(default_factory=list)

    def at(self, moment: datetime, *rows: Any) -> None:
        """Let rows arrive at a moment; an index row follows its message."""
        self.number += 1
        self.rows.append((moment, self.number, list(rows)))

    def change(self, moment: datetime, do: Change) -> None:
        """Let something change at a moment."""
        self.number += 1
        self.changes.append((moment, self.number, do))

    def arrive(self, engine: Engine, now: datetime) -> None:
        """Write whatever has happened by now, parents first."""
        rows = [row for _, _, found in _taken(self.rows, now) for row in found]
        of: dict[int, MessageRow] = {}
        for before, row in zip([None, *rows], rows, strict=False):
            if isinstance(row, MessageIndexRow) and isinstance(before, MessageRow):
                of[id(row)] = before
        with write(engine) as session:
            for table in Base.metadata.sorted_tables:
                mine = [row for row in rows if row.__table__ is table]
                for row in mine:
                    if id(row) in of:
                        row.message_id = of[id(row)].id
                session.add_all(mine)
                session.flush()
            for _, _, do in _taken(self.changes, now):
                do(session)

    def pick(self, kind: str) -> str:
        """Return one of the sentences of a kind."""
        return str(self.rng.choice(WORDS[kind]))


def hire(shop: Shop, at: datetime) -> None:
    for n in range(PRODUCTS):
        shop.at(
            at,
            ProductRow(
                sku=f"P{n:02d}-1",
                spu=f"P{n:02d}",
                title=f"P{n:02d}",
                variant="-",
                category="digital",
                price_fen=9_900,
            ),
        )
    for n in range(CUSTOMERS + 6):
        shop.at(
            at,
            CustomerRow(id=f"c{n}", name="-", phone=f"1390000{n:04d}", created_at=at),
        )
    for n in range(1, AGENTS + 1):
        shop.at(
            at,
            AccountRow(
                id=n,
                login=f"a{n}",
                name=f"a{n}",
                password_hash="-",
                role="agent",
                skills=[],
                languages=["zh"],
                created_at=at,
            ),
        )


def moment_of(shop: Shop, day: float) -> datetime:
    """Return a moment of a day: most between nine and eleven in the evening."""
    hour = float(np.clip(shop.rng.normal(15.5, 4.0), 0.1, 23.8))
    return BEGIN + (day + hour / 24) * DAY


def sell(shop: Shop, day: int, planted: bool) -> None:
    at = moment_of(shop, day)
    who = f"c{int(shop.rng.integers(CUSTOMERS))}"
    spu = f"P{int(shop.rng.integers(PRODUCTS)):02d}"
    line = bought(shop, who, f"1390000{int(who[1:]):04d}", spu, at, planted)
    delivered, line_id = line
    shop.sold.append((who, spu, line_id, delivered))
    plot = shop.plot
    first, last = (BEGIN + day * DAY for day in plot.bad_days)
    bad = planted and spu == plot.bad and first <= delivered < last
    if shop.rng.random() < (plot.bad_share if bad else 0.008):
        fault = plot.fault if bad else "defect"
        open_case(shop, line_id, who, delivered + shop.rng.uniform(2, 40) * HOUR, fault)
    elif shop.rng.random() < 0.03:
        later = delivered + shop.rng.uniform(2, 90) * HOUR
        open_case(shop, line_id, who, later, "dislike")


def bought(
    shop: Shop, who: str, phone: str, spu: str, at: datetime, planted: bool
) -> tuple[datetime, str]:
    shop.number += 1
    no = f"o{shop.number}"
    carrier = str(shop.rng.choice(CARRIERS))
    shipped = at + shop.rng.uniform(6, 20) * HOUR
    steps = [shipped]
    while len(steps) < 5:
        steps.append(steps[-1] + shop.rng.uniform(8, 26) * HOUR)
    if planted and carrier == shop.plot.striker:
        stop, go = (BEGIN + day * DAY for day in shop.plot.strike)
        steps = [s if s < stop else s + max(go - s, timedelta()) for s in steps]
    order = OrderRow(
        order_no=no,
        customer_id=who,
        placed_at=at,
        paid_at=at,
        paid_fen=9_900,
        receiver_phone=phone,
        receiver_region="-",
    )
    line = OrderLineRow(
        id=f"{no}-1",
        customer_id=who,
        order_no=no,
        sku=f"{spu}-1",
        quantity=1,
        paid_fen=9_900,
    )
    shop.at(at, order, line)
    shop.at(
        shipped,
        ShipmentRow(
            id=f"s{no}",
            order_no=no,
            carrier=carrier,
            tracking_no=f"t{no}",
            shipped_at=shipped,
        ),
    )
    for step in steps[:-1]:
        shop.at(
            step,
            CarrierEventRow(
                shipment_id=f"s{no}", at=step, status="moved", place="-", text="-"
            ),
        )

    def deliver(session: Session) -> None:
        session.get_one(ShipmentRow, f"s{no}").delivered_at = steps[-1]

    shop.change(steps[-1], deliver)
    return steps[-1], f"{no}-1"


def open_case(shop: Shop, line: str, who: str, at: datetime, reason: str) -> str:
    shop.number += 1
    no = f"AS{shop.number}"
    row = CaseRow(
        case_no=no,
        idempotency_key=no,
        customer_id=who,
        line_id=line,
        kind="return_refund",
        state="awaiting_goods",
        reason=reason,
        freight="customer",
        rule="r",
        basis="b",
        amount_fen=9_900,
        opened_at=at,
    )
    shop.at(at, row)
    return no


def chat(
    shop: Shop,
    day: float,
    kind: str,
    angry: float,
    intent: str = "ask_product_usage",
) -> tuple[str, datetime]:
    """Let a customer ask the bot once; return the talk and its moment."""
    at = moment_of(shop, day)
    shop.number += 1
    name = f"t{shop.number}"
    mood = -0.6 if shop.rng.random() < angry else 0.1
    rows: list[Any] = [
        ConversationRow(id=name, customer_id=None, owner="bot", next_seq=3)
    ]
    rows += told(shop, name, [("customer", shop.pick(kind), at)], intent, mood)
    reply = (("bot", shop.pick("answer"), at + timedelta(seconds=2)),)
    rows += told(shop, name, list(reply), None, None, first=2)
    shop.at(at, *rows)
    return name, at


def served(shop: Shop, day: int, planted: bool) -> None:
    """A talk that a person led, closed, and that may be rated."""
    at = moment_of(shop, day)
    shop.number += 1
    name, agent = f"h{shop.number}", int(shop.rng.integers(1, AGENTS + 1))
    who = f"c{int(shop.rng.integers(CUSTOMERS))}"
    plot = shop.plot
    promises = (
        planted
        and agent == plot.promiser
        and day >= plot.promises_from
        and shop.rng.random() < plot.promise_share
    )
    taken = at + timedelta(seconds=float(shop.rng.exponential(60)))
    kind = plot.promise if promises else "answer"
    rows: list[Any] = [
        ConversationRow(
            id=name, customer_id=who, owner="closed", next_seq=5 if plot.more else 3
        )
    ]
    rows += told(shop, name, [("customer", shop.pick("question"), at)], "inform", 0.0)
    rows.append(spoken(name, agent, 2, shop.pick(kind), taken + 30 * SECOND))
    closed = taken + 240 * SECOND
    if plot.more:
        closed = more_said(shop, name, agent, day, closed, rows, planted)
    rows.append(HandoverRow(conversation_id=name, agent_id=agent, closed_at=closed))
    for step, moment in (("asked", at), ("taken", taken), ("closed", closed)):
        rows.append(
            DeskEventRow(
                conversation_id=name,
                at=moment,
                kind=step,
                actor=f"a{agent}",
                account_id=agent,
                before="human" if step == "closed" else "",
                after="closed" if step == "closed" else "",
                detail={"trigger": "asked"} if step == "asked" else None,
            )
        )
    shop.at(closed, *rows)
    if promises:
        shop.promises.append(closed)


def spoken(name: str, agent: int, seq: int, text: str, at: datetime) -> MessageRow:
    """Return what a person wrote in a talk."""
    return MessageRow(
        conversation_id=name,
        seq=seq,
        sender="agent",
        text=text,
        at=at,
        payload={"agent": {"id": agent, "name": f"a{agent}"}},
    )


def more_said(
    shop: Shop,
    name: str,
    agent: int,
    day: int,
    closed: datetime,
    rows: list[Any],
    planted: bool,
) -> datetime:
    """Let the customer ask again, and the agent answer, late or not; return the end."""
    plot = shop.plot
    lazy = planted and agent == plot.late_agent and day >= plot.late_from
    late = shop.rng.random() < (plot.late_share if lazy else 0.04)
    wait = shop.rng.uniform(240, 1_200) if late else shop.rng.uniform(10, 120)
    asked = [("customer", shop.pick("question"), closed)]
    rows += told(shop, name, asked, "inform", 0.0, first=3)
    answered = closed + float(wait) * SECOND
    rows.append(spoken(name, agent, 4, shop.pick("answer"), answered))
    return answered + 60 * SECOND


def told(
    shop: Shop,
    name: str,
    said: list[tuple[str, str, datetime]],
    intent: str | None,
    mood: float | None,
    first: int = 1,
) -> list[Any]:
    found: list[Any] = []
    for seq, (speaker, text, at) in enumerate(said, first):
        found.append(
            MessageRow(
                conversation_id=name,
                seq=seq,
                sender=speaker,
                text=text,
                at=at,
                answered_at=at + timedelta(seconds=2),
            )
        )
        found.append(
            MessageIndexRow(
                conversation_id=name,
                at=at,
                sender=speaker,
                intent=intent,
                sentiment=mood,
                settled=True,
            )
        )
    return found
