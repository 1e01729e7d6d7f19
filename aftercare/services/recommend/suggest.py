"""A few articles for one customer, each with its why, within a time limit.

Learned where there is a good model and the customer allows it, else what sells;
a model that is missing, broken or slow never breaks a talk.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
import scipy.sparse as sp
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.services import analytics_models
from aftercare.services.access import Viewer
from aftercare.services.consents import Purpose, allows
from aftercare.services.recommend.data import UNHAPPY, Article, articles
from aftercare.services.recommend.learn import MODEL
from aftercare.services.recommend.payload import Recommender, unpack
from aftercare.store.cases import CaseRow
from aftercare.store.models import OrderLineRow, OrderRow, ProductRow
from aftercare.store.unit_of_work import read
from analytics.recommend import mixed, top

log = logging.getLogger(__name__)
LIMIT_S = 1.0
SELLS_WITHIN = timedelta(days=90)
CANDIDATES = 30
# Used up and bought again; the rest is not offered to who has it.
USED_UP = frozenset({"food"})
_threads = ThreadPoolExecutor(4, thread_name_prefix="suggest")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article and why: `because` is the title of the customer's own article.

    `basis` is bought (others who bought `because`), or popular (what sells).
    """

    article: Article
    basis: str
    because: str | None


def suggest(
    engine: Engine, viewer: Viewer, now: datetime, size: int = 3
) -> list[Suggestion]:
    """Return up to ``size`` articles in stock, best first; empty if none fit."""
    try:
        work = _threads.submit(_learned, engine, viewer, now, size)
        found = work.result(LIMIT_S)
        if found:
            return found
    except TookTooLong:
        log.warning("suggestions took too long; what sells is shown")
    except Exception as error:  # a model must never break a talk
        log.error("no learned suggestions: %s", type(error).__name__)
    return what_sells(engine, viewer, now, size)


def what_sells(
    engine: Engine, viewer: Viewer, now: datetime, size: int = 3
) -> list[Suggestion]:
    """Return what sold most lately; nothing of the customer goes into it but
    what they already had or sent back, which is left out."""
    with read(engine) as session:
        known = articles(session)
        count = func.count()
        rows = session.execute(
            select(ProductRow.spu, count)
            .join(OrderLineRow, OrderLineRow.sku == ProductRow.sku)
            .join(OrderRow, OrderRow.order_no == OrderLineRow.order_no)
            .where(
                OrderRow.placed_at > now - SELLS_WITHIN,
                OrderLineRow.is_gift.is_(False),
            )
            .group_by(ProductRow.spu)
            .order_by(count.desc(), ProductRow.spu)
        ).all()
        owned, unhappy = _own(session, viewer.customer_id)
    out = _left_out(known, set(owned), unhappy)
    order = [spu for spu, _ in rows if spu not in out]
    return [Suggestion(known[spu], "popular", None) for spu in order[:size]]


def of_name(engine: Engine, names: Sequence[str], size: int = 3) -> list[Article]:
    """Return articles in stock whose title has one of the names, cheapest first."""
    with read(engine) as session:
        known = articles(session).values()
    found = [x for x in known if x.stock > 0 and any(n in x.title for n in names)]
    return sorted(found, key=lambda item: (item.price_fen, item.spu))[:size]


def product_facts(engine: Engine, spu: str) -> tuple[Article, list[str]] | None:
    """Return an article and its variants in stock, None if there is none."""
    with read(engine) as session:
        found = articles(session).get(spu)
        if found is None:
            return None
        query = select(ProductRow.variant).where(
            ProductRow.spu == spu, ProductRow.stock > 0
        )
        return found, list(session.scalars(query.order_by(ProductRow.sku)))


def _learned(
    engine: Engine, viewer: Viewer, now: datetime, size: int
) -> list[Suggestion]:
    if not allows(engine, viewer.customer_id, Purpose.PERSONALISED):
        return []
    version = analytics_models.version_in_use(engine, MODEL)
    if version is None:
        return []
    ready = _load(engine, version)
    if ready is None:
        return []
    with read(engine) as session:
        known = articles(session)
        owned, unhappy = _own(session, viewer.customer_id)
    history = _history(ready, owned, unhappy)
    scores = ready.model.score(history)
    out = _left_out(known, set(owned), unhappy)
    allowed = [s in known and s not in out for s in ready.model.items_]
    scores[:, ~np.array(allowed)] = -np.inf
    listed = top(scores, None, CANDIDATES)[0]
    listed = listed[np.isfinite(scores[0, listed])]
    groups = np.array(
        [known[s].category if s in known else "" for s in ready.model.items_]
    )
    picked = mixed(listed, scores[0, listed], groups, size)
    reasons = ready.model.because(history, picked)
    return [
        Suggestion(
            known[ready.model.items_[item]],
            why.basis if why.own is not None else "popular",
            None if why.own is None else known[ready.model.items_[why.own]].title,
        )
        for item, why in zip(picked, reasons, strict=True)
    ]


@lru_cache(maxsize=2)
def _load(engine: Engine, version: int) -> Recommender | None:
    """Return the good model at the time of a version, read once a process."""
    stored = analytics_models.in_use(engine, MODEL)
    return None if stored is None else unpack(stored.payload)


def _history(ready: Recommender, owned: list[str], unhappy: set[str]) -> sp.csr_matrix:
    codes = [ready.codes[s] for s in owned if s in ready.codes and s not in unhappy]
    row = sp.csr_matrix((1, len(ready.codes)), dtype=np.float32)
    if codes:
        kept = sorted(set(codes))
        one = np.ones(len(kept), np.float32)
        row = sp.csr_matrix((one, ([0] * len(kept), kept)), row.shape)
    return row


def _own(session: Session, customer_id: str | None) -> tuple[list[str], set[str]]:
    """Return the articles a customer bought, and those they were unhappy with."""
    if customer_id is None:
        return [], set()
    mine = (
        select(ProductRow.spu)
        .join(OrderLineRow, OrderLineRow.sku == ProductRow.sku)
        .where(OrderLineRow.customer_id == customer_id)
    )
    bought = list(session.scalars(mine.where(OrderLineRow.is_gift.is_(False))))
    bad = mine.join(CaseRow, CaseRow.line_id == OrderLineRow.id)
    return bought, set(session.scalars(bad.where(CaseRow.kind.in_(UNHAPPY))))


def _left_out(
    known: dict[str, Article], owned: set[str], unhappy: set[str]
) -> set[str]:
    gone = {s for s, a in known.items() if a.stock <= 0}
    kept = {s for s in owned if s in known and known[s].category not in USED_UP}
    return gone | kept | unhappy
