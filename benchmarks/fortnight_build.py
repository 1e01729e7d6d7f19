"""The shop of a simulated fortnight: its ordinary life, and what is planted."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from aftercare.store.cases import CaseEventRow, CaseRow
from aftercare.store.knowledge import ArticleUseRow
from benchmarks.fortnight_plot import DAYS, FIRST, PAST, Plot
from benchmarks.fortnight_shop import (
    BEGIN,
    CUSTOMERS,
    DAY,
    HOUR,
    ORDERS,
    PEOPLE,
    PRODUCTS,
    TALKS,
    Shop,
    bought,
    chat,
    hire,
    open_case,
    sell,
    served,
)

# What customers of the fuller shop ask, and how often of a hundred.
ASKED = {
    "ask_product_usage": 26,
    "track_logistics": 24,
    "ask_return_policy": 12,
    "ask_delivery_time": 9,
    "request_invoice": 8,
    "ask_coupon": 8,
    "ask_refund_progress": 5,
    "ask_warranty": 5,
    "report_defect": 3,
}
ARTICLES, ANSWERED, JUDGED, HELPED = 12, 0.6, 0.3, 0.85
WRONG = "A04"


def build(seed: int, *, planted: bool = True, plot: Plot = FIRST) -> Shop:
    """Return a shop of seven weeks; without `planted` nothing goes wrong."""
    shop = Shop(np.random.default_rng(seed), plot=plot)
    hire(shop, BEGIN - PAST * DAY - HOUR)
    for n in range(-PAST, DAYS):
        busy = plot.surge_size if planted and n == plot.surge else 1
        if plot.rough:
            weekend = 1.25 if n % 7 in (5, 6) else 1.0
            busy *= weekend * float(np.exp(shop.rng.normal(0, plot.rough)))
        for _ in range(int(shop.rng.poisson(ORDERS * busy))):
            sell(shop, n, planted)
        for _ in range(int(shop.rng.poisson(TALKS * busy))):
            _ask(shop, n, planted)
        if planted and plot.flood[0] <= n < plot.flood[1]:
            for _ in range(int(shop.rng.poisson(plot.flood_size * TALKS))):
                chat(shop, n, "parcel", 0.35, "track_logistics")
        for _ in range(int(shop.rng.poisson(PEOPLE))):
            served(shop, n, planted)
    if planted:
        _ring(shop)
        _owed(shop)
        _recalled(shop)
        _unpaid(shop)
    return shop


def _ask(shop: Shop, day: int, planted: bool) -> None:
    """Let a customer ask; in the fuller shop an article may answer, and be judged."""
    if not shop.plot.more:
        chat(shop, day, "question", 0.05)
        return
    names = list(ASKED)
    shares = np.array([ASKED[name] for name in names], float)
    intent = str(shop.rng.choice(names, p=shares / shares.sum()))
    name, at = chat(shop, day, "question", 0.05, intent)
    if shop.rng.random() >= ANSWERED:
        return
    key = f"A{int(shop.rng.integers(ARTICLES)):02d}"
    wrong = shop.plot.wrong_from
    fails = planted and key == WRONG and wrong is not None and at >= BEGIN + wrong * DAY
    good = shop.rng.random() < (shop.plot.wrong_helps if fails else HELPED)
    judged = shop.rng.random() < JUDGED
    shop.at(
        at,
        ArticleUseRow(
            conversation_id=name,
            seq=1,
            at=at,
            intent=intent,
            article_key=key,
            version=2 if fails else 1,
            score=0.8,
            helpful=bool(good) if judged else None,
        ),
    )


def _ring(shop: Shop) -> None:
    """Accounts of one phone, or each with the next, that send back all they buy."""
    plot = shop.plot
    for n in range(CUSTOMERS, CUSTOMERS + plot.ring):
        for order in range(plot.ring_orders):
            place = n + order % 2 if plot.chained else 0
            if plot.mixed:  # one's own phone, and any other's
                place = int(shop.rng.integers(plot.ring)) if order % 2 else 100 + n
            spu = f"P{int(shop.rng.integers(PRODUCTS)):02d}"
            at = BEGIN - shop.rng.uniform(2, 6) * DAY
            phone = f"1300000{place:04d}"
            _, line = bought(shop, f"c{n}", phone, spu, at, False)
            if plot.ring_keeps and shop.rng.random() < plot.ring_keeps:
                continue
            back = BEGIN + shop.rng.uniform(*plot.ring_back) * DAY
            open_case(shop, line, f"c{n}", back, plot.ring_reason)


def _owed(shop: Shop) -> None:
    """Returns that came in on one day, and whose money was forgotten."""
    for n in range(shop.plot.owed):
        at = BEGIN - 6 * DAY
        _, line = bought(shop, f"c{n}", f"1390000{n:04d}", "P00", at, False)
        no = open_case(shop, line, f"c{n}", BEGIN, "dislike")
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


def _recalled(shop: Shop) -> None:
    """Two days in which those who have the product ask, and a third send it back."""
    plot = shop.plot
    if plot.recalled is None:
        return
    told = BEGIN + plot.recalled_on * DAY
    for who, spu, line, delivered in shop.sold:
        if spu != plot.recalled or delivered > told or shop.rng.random() >= 0.4:
            continue
        day = plot.recalled_on + float(shop.rng.uniform(0, 2))
        _, at = chat(shop, int(day), "question", 0.2, "ask_warranty")
        if shop.rng.random() < 0.33:
            open_case(shop, line, who, max(at, told) + HOUR, "dislike")


def _unpaid(shop: Shop) -> None:
    """Days on which more and more ask where their money is."""
    first = shop.plot.unpaid_from
    if first is None:
        return
    for n in range(int(first), DAYS):
        for _ in range(int(shop.rng.poisson(shop.plot.unpaid))):
            chat(shop, n, "question", 0.3, "ask_refund_progress")
