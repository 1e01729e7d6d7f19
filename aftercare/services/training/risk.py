"""What is unusual in customers' returns, against their peers."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from sqlalchemy import Engine, func, select

from aftercare.domain.cases import CaseKind
from aftercare.services.risk.desk import labels
from aftercare.services.training.trainable import TooFewError, Trained
from aftercare.store.cases import CaseRow
from aftercare.store.models import OrderLineRow, OrderRow, ProductRow, RefundRow
from aftercare.store.unit_of_work import read
from analytics.risk import RiskModel, customer_features

FEWEST = 50
FEWEST_RETURNS = 30
WINDOW_DAYS = 7
BACK = (CaseKind.RETURN_REFUND, CaseKind.REFUND_ONLY, CaseKind.EXCHANGE)
CLAIMS = frozenset({"defect", "damaged", "missing", "wrong_item"})


def train(engine: Engine, now: datetime) -> Trained:
    """Fit on all customers; stability is the rank correlation of two halves.

    Raises:
        TooFewError: fewer than FEWEST customers or FEWEST_RETURNS returns.
    """
    lines = order_lines(engine, now)
    returns = int(lines["returned_at"].notna().sum())
    if returns < FEWEST_RETURNS:
        raise TooFewError(returns, FEWEST_RETURNS)
    table = customer_features(lines)
    if len(table) < FEWEST:
        raise TooFewError(len(table), FEWEST)
    order = np.random.default_rng(0).permutation(len(table))
    halves = (order[: len(order) // 2], order[len(order) // 2 :])
    scores = [RiskModel().fit(table.iloc[half]).score(table) for half in halves]
    alike = float(spearmanr(*scores).statistic)
    known = labels(engine)
    verdicts = [known.get(str(name), float("nan")) for name in table.index]
    # Verdicts that are too few to learn from leave it as it is.
    model = RiskModel().fit(table, verdicts)
    return Trained(model, len(table), {"stability": alike, "verdicts": len(known)})


def order_lines(engine: Engine, now: datetime) -> pd.DataFrame:
    """Return the order lines up to a moment, with what came back of them."""
    first = (
        select(
            CaseRow.line_id,
            func.min(CaseRow.opened_at).label("returned_at"),
            func.max(CaseRow.reason).label("reason"),
        )
        .where(CaseRow.kind.in_(BACK), CaseRow.opened_at <= now)
        .group_by(CaseRow.line_id)
        .subquery()
    )
    paid_back = (
        select(RefundRow.line_id, func.sum(RefundRow.amount_fen).label("refund_fen"))
        .group_by(RefundRow.line_id)
        .subquery()
    )
    query = (
        select(
            OrderLineRow.customer_id.label("customer"),
            ProductRow.category,
            OrderLineRow.paid_fen,
            OrderRow.placed_at.label("ordered_at"),
            first.c.returned_at,
            first.c.reason,
            paid_back.c.refund_fen,
            OrderRow.receiver_phone.label("address"),
        )
        .join(OrderRow, OrderRow.order_no == OrderLineRow.order_no)
        .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
        .outerjoin(first, first.c.line_id == OrderLineRow.id)
        .outerjoin(paid_back, paid_back.c.line_id == OrderLineRow.id)
        .where(OrderRow.placed_at <= now)
        .order_by(OrderRow.placed_at)
    )
    with read(engine) as session:
        rows = session.execute(query).all()
    names = list(query.selected_columns.keys())
    table = pd.DataFrame([tuple(row) for row in rows], columns=names)
    for name in ("ordered_at", "returned_at"):
        table[name] = pd.to_datetime(table[name], utc=True)
    table["claim"] = table["reason"].isin(CLAIMS)
    table["refund_fen"] = table["refund_fen"].astype(float)
    return table.assign(window_days=WINDOW_DAYS, device=None).drop(columns="reason")
