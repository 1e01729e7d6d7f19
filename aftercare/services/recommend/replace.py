"""What to send instead, and what goes with what was repaired."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Engine, Select, func, select

from aftercare.services.access import Viewer
from aftercare.services.orders import LineView
from aftercare.services.recommend.data import (
    Article,
    Rates,
    articles,
    goods_frame,
    rates,
)
from aftercare.store.models import OrderLineRow, OrderRow, ProductRow
from aftercare.store.unit_of_work import read
from analytics.recommend import Content
from analytics.recommend.aftersales import (
    Candidate,
    Direction,
    Wish,
    companions,
    rank_replacements,
)

LETTERS = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL")
SIZE = re.compile(r"(?<![A-Za-z0-9])(X{0,3}[SL]|M|\d+(?:\.\d+)?)(?![A-Za-z0-9])", re.I)
# What is bought with a thing and kept beside it, never another of the same kind.
ALONGSIDE = frozenset({"accessory"})


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to send or to add; reasons are codes, the strongest first."""

    sku: str
    spu: str
    title: str
    variant: str
    price_fen: int
    image: str
    reasons: tuple[str, ...]


def size_of(variant: str) -> float | None:
    """Return the place of a variant's size on its article's scale, if it has one."""
    found = SIZE.search(variant)
    if found is None:
        return None
    word = found.group().upper()
    return float(LETTERS.index(word)) if word in LETTERS else float(word)


def replacements(
    engine: Engine,
    line: LineView,
    reason: str,
    direction: Direction | None = None,
    *,
    same_article: bool,
    size: int = 3,
) -> list[Offer]:
    """Return what fits better than a line's article, best first, in stock only.

    ``same_article`` keeps to its variants, which an exchange may send; else
    other articles of its category, which are bought anew.
    """
    with read(engine) as session:
        rows = {
            row.sku: row
            for row in session.scalars(
                select(ProductRow).where(ProductRow.category == line.category)
            )
        }
        known = articles(session)
        counted = rates(session, rows)
    alike = _alike(known, line.spu)
    pool = [
        _candidate(row, counted.get(row.sku, Rates()), alike.get(row.spu, 0.0))
        for row in rows.values()
    ]
    mine = next((c for c in pool if c.item == line.sku), None)
    if mine is None:
        return []
    fitting = [c for c in pool if (c.article == mine.article) == same_article]
    ranked = rank_replacements(Wish(mine, reason, direction), fitting, len(fitting))
    offers, shown = [], set()
    for found in ranked:
        row = rows[found.item]
        if same_article or row.spu not in shown:
            shown.add(row.spu)
            offers.append(_offer(row, found.reasons))
    return offers[:size]


def goes_with(
    engine: Engine, viewer: Viewer, line: LineView, size: int = 2
) -> list[Offer]:
    """Return accessories that owners of a line's article bought besides it."""
    with read(engine) as session:
        owners = set(session.scalars(_buyers(line.spu)))
        rows = session.scalars(
            select(ProductRow)
            .where(ProductRow.category.in_(ALONGSIDE), ProductRow.stock > 0)
            .order_by(ProductRow.sku)
        ).all()
        people = {s: set(session.scalars(_buyers(s))) for s in {r.spu for r in rows}}
        everybody = session.scalar(
            select(func.count(func.distinct(OrderRow.customer_id)))
        )
    pairs = {spu: len(owners & buyers) for spu, buyers in people.items()}
    counts = {spu: len(buyers) for spu, buyers in people.items()}
    found = companions(pairs, len(owners), counts, everybody or 1)
    first = {row.spu: row for row in reversed(rows)}
    mine = viewer.customer_id
    return [
        _offer(first[c.item], ("bought_together",))
        for c in found
        if mine not in people[c.item] and c.item != line.spu
    ][:size]


def _buyers(spu: str) -> Select[str]:
    return (
        select(OrderLineRow.customer_id)
        .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
        .where(ProductRow.spu == spu, OrderLineRow.is_gift.is_(False))
    )


def _alike(known: dict[str, Article], spu: str) -> dict[str, float]:
    order = list(known)
    values = Content().fit(goods_frame(known.values())).alike(order.index(spu))
    return dict(zip(order, values.tolist(), strict=True))


def _candidate(row: ProductRow, count: Rates, alike: float) -> Candidate:
    return Candidate(
        item=row.sku,
        article=row.spu,
        category=row.category,
        size=size_of(row.variant),
        price=row.price_fen,
        stock=row.stock,
        alike=alike,
        sold=count.sold,
        returned=count.returned,
        faults=count.faults,
        misfits=count.misfits,
    )


def _offer(row: ProductRow, reasons: tuple[str, ...]) -> Offer:
    return Offer(
        row.sku, row.spu, row.title, row.variant, row.price_fen, row.image, reasons
    )
