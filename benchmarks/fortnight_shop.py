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

from aftercare.store.cases import CaseEventRow, CaseRow
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
from benchmarks.fortnight_plot import DAYS, FIRST, PAST, Plot

WORDS: dict[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("fortnight.yml").read_text(encoding="utf-8")
)
BEGIN = datetime(2026, 9, 6, 16, 0, tzinfo=UTC)  # a Monday's midnight in Shanghai
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


def build(seed: int, *, planted: bool = True, plot: Plot = FIRST) -> Shop:
    """Return a shop of seven weeks; without `planted` nothing goes wrong."""
    shop = Shop(np.random.default_rng(seed), plot=plot)
    first = BEGIN - PAST * DAY
    _people(shop, first - HOUR)
    for n in range(-PAST, DAYS):
        busy = plot.surge_size if planted and n == plot.surge else 1
        for _ in range(int(shop.rng.poisson(ORDERS * busy))):
            _order(shop, n, planted)
        for _ in range(int(shop.rng.poisson(TALKS * busy))):
            _talk(shop, n, "question", 0.05)
        if planted and plot.flood[0] <= n < plot.flood[1]:
            for _ in range(int(shop.rng.poisson(plot.flood_size * TALKS))):
                _talk(shop, n, "parcel", 0.35)
        for _ in range(int(shop.rng.poisson(PEOPLE))):
            _served(shop, n, planted)
    if planted:
        _ring(shop)
        _owed(shop)
    return shop


def _people(shop: Shop, at: datetime) -> None:
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


def _moment(shop: Shop, day: int) -> datetime:
    """Return a moment of a day: most between nine and eleven in the evening."""
    hour = float(np.clip(shop.rng.normal(15.5, 4.0), 0.1, 23.8))
    return BEGIN + (day + hour / 24) * DAY


def _order(shop: Shop, day: int, planted: bool) -> None:
    at = _moment(shop, day)
    who = f"c{int(shop.rng.integers(CUSTOMERS))}"
    spu = f"P{int(shop.rng.integers(PRODUCTS)):02d}"
    line = _bought(shop, who, f"1390000{int(who[1:]):04d}", spu, at, planted)
    delivered, line_id = line
    plot = shop.plot
    first, last = (BEGIN + day * DAY for day in plot.bad_days)
    bad = planted and spu == plot.bad and first <= delivered < last
    if shop.rng.random() < (plot.bad_share if bad else 0.008):
        fault = plot.fault if bad else "defect"
        _case(shop, line_id, who, delivered + shop.rng.uniform(2, 40) * HOUR, fault)
    elif shop.rng.random() < 0.03:
        _case(shop, line_id, who, delivered + shop.rng.uniform(2, 90) * HOUR, "dislike")


def _bought(
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


def _case(shop: Shop, line: str, who: str, at: datetime, reason: str) -> str:
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


def _talk(shop: Shop, day: int, kind: str, angry: float) -> None:
    at = _moment(shop, day)
    shop.number += 1
    name = f"t{shop.number}"
    intent = "track_logistics" if kind == "parcel" else "ask_product_usage"
    mood = -0.6 if shop.rng.random() < angry else 0.1
    rows: list[Any] = [
        ConversationRow(id=name, customer_id=None, owner="bot", next_seq=3)
    ]
    rows += _said(shop, name, [("customer", shop.pick(kind), at)], intent, mood)
    reply = (("bot", shop.pick("answer"), at + timedelta(seconds=2)),)
    rows += _said(shop, name, list(reply), None, None, first=2)
    shop.at(at, *rows)


def _served(shop: Shop, day: int, planted: bool) -> None:
    """A talk that a person led, closed, and that may be rated."""
    at = _moment(shop, day)
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
        ConversationRow(id=name, customer_id=who, owner="closed", next_seq=3)
    ]
    rows += _said(shop, name, [("customer", shop.pick("question"), at)], "inform", 0.0)
    said = MessageRow(
        conversation_id=name,
        seq=2,
        sender="agent",
        text=shop.pick(kind),
        at=taken + timedelta(seconds=30),
        payload={"agent": {"id": agent, "name": f"a{agent}"}},
    )
    closed = taken + 4 * timedelta(minutes=1)
    rows += [said, HandoverRow(conversation_id=name, agent_id=agent, closed_at=closed)]
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


def _said(
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


def _ring(shop: Shop) -> None:
    """Accounts of one phone, or each with the next, that send back all they buy."""
    plot = shop.plot
    for n in range(CUSTOMERS, CUSTOMERS + plot.ring):
        for order in range(plot.ring_orders):
            place = n + order % 2 if plot.chained else 0
            spu = f"P{int(shop.rng.integers(PRODUCTS)):02d}"
            at = BEGIN - shop.rng.uniform(2, 6) * DAY
            phone = f"1300000{place:04d}"
            _, line = _bought(shop, f"c{n}", phone, spu, at, False)
            back = BEGIN + shop.rng.uniform(*plot.ring_back) * DAY
            _case(shop, line, f"c{n}", back, "dislike")


def _owed(shop: Shop) -> None:
    """Returns that came in on one day, and whose money was forgotten."""
    for n in range(shop.plot.owed):
        at = BEGIN - 6 * DAY
        _, line = _bought(shop, f"c{n}", f"1390000{n:04d}", "P00", at, False)
        no = _case(shop, line, f"c{n}", BEGIN, "dislike")
        got = BEGIN + (shop.plot.owed_from + n / 10) * DAY

        def receive(session: Session, no: str = no, got: datetime = got) -> None:
            session.get_one(CaseRow, no).state = "goods_received"
            session.add(
                CaseEventRow(
                    case_no=no,
                    at=got,
                    actor="-",
                    rule="-",
                    before="awaiting_goods",
                    after="goods_received",
                )
            )

        shop.change(got, receive)
