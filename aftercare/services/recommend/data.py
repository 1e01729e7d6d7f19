"""The shop's rows as the recommenders need them: articles, kept purchases, rates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from aftercare.domain.cases import CaseKind, CaseState
from aftercare.services.consents import Purpose, refused
from aftercare.store.cases import CaseRow
from aftercare.store.models import OrderLineRow, OrderRow, ProductRow

BACK = (CaseKind.RETURN_REFUND, CaseKind.EXCHANGE)
# A case of these says: not this article again.
UNHAPPY = (*BACK, CaseKind.REPAIR, CaseKind.COMPLAINT)
VOID = (CaseState.CANCELLED, CaseState.REFUSED)
FAULTS = ("defect", "damaged")


@dataclass(frozen=True, slots=True)
class Article:
    """One article with its cheapest price in fen and all its stock."""

    spu: str
    title: str
    category: str
    price_fen: int
    stock: int
    image: str


def articles(session: Session) -> dict[str, Article]:
    """Return all articles by their number."""
    rows = session.execute(
        select(
            ProductRow.spu,
            func.min(ProductRow.title),
            func.min(ProductRow.category),
            func.min(ProductRow.price_fen),
            func.sum(ProductRow.stock),
            func.min(ProductRow.image),
        ).group_by(ProductRow.spu)
    )
    return {row[0]: Article(*row[:4], int(row[4]), row[5]) for row in rows}


def goods_frame(found: Iterable[Article]) -> pd.DataFrame:
    """Return articles as `analytics.recommend.Content` takes them."""
    items = list(found)
    return pd.DataFrame(
        {
            "title": [item.title for item in items],
            "category": [item.category for item in items],
            "price": [float(item.price_fen) for item in items],
        },
        index=[item.spu for item in items],
    )


def purchases(session: Session) -> pd.DataFrame:
    """Return kept purchases as columns user, item, at (seconds), oldest first.

    Gifts were not chosen and returned goods were not liked; who refused to be
    profiled is not learned from either.
    """
    back = select(CaseRow.line_id).where(
        CaseRow.kind.in_(BACK), CaseRow.state.not_in(VOID)
    )
    rows = session.execute(
        select(OrderLineRow.customer_id, ProductRow.spu, OrderRow.placed_at)
        .join(OrderRow, OrderRow.order_no == OrderLineRow.order_no)
        .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
        .where(
            OrderLineRow.is_gift.is_(False),
            OrderLineRow.refunded_fen < OrderLineRow.paid_fen,
            OrderLineRow.id.not_in(back),
        )
    ).all()
    silent = refused(session, Purpose.PERSONALISED)
    kept = [(c, s, at.timestamp()) for c, s, at in rows if c not in silent]
    frame = pd.DataFrame(kept, columns=["user", "item", "at"])
    return frame.sort_values(["at", "user", "item"], ignore_index=True)


@dataclass(frozen=True, slots=True)
class Rates:
    """Pieces sold of a variant, and cases that brought some back, by reason."""

    sold: int = 0
    returned: int = 0
    faults: int = 0
    misfits: int = 0


def rates(session: Session, skus: Iterable[str]) -> dict[str, Rates]:
    """Return how often variants come back; variants never sold are left out."""
    wanted = list(skus)
    pieces = session.execute(
        select(OrderLineRow.sku, func.sum(OrderLineRow.quantity))
        .where(OrderLineRow.sku.in_(wanted))
        .group_by(OrderLineRow.sku)
    )
    sold = {sku: int(number) for sku, number in pieces}

    def times(*reasons: str) -> Any:
        return func.sum(case((CaseRow.reason.in_(reasons), 1), else_=0))

    rows = session.execute(
        select(OrderLineRow.sku, func.count(), times(*FAULTS), times("size"))
        .join(CaseRow, CaseRow.line_id == OrderLineRow.id)
        .where(
            OrderLineRow.sku.in_(wanted),
            CaseRow.kind.in_(UNHAPPY),
            CaseRow.state.not_in(VOID),
        )
        .group_by(OrderLineRow.sku)
    )
    back = {sku: (int(n), int(f), int(m)) for sku, n, f, m in rows}
    return {
        sku: Rates(number, *back.get(sku, (0, 0, 0))) for sku, number in sold.items()
    }
