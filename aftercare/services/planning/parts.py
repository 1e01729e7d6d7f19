"""Which spare parts to order, what too few and too many of them cost."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aftercare.domain.cases import CaseKind, CaseState
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.store.cases import CaseRow
from aftercare.store.models import OrderLineRow, ProductRow
from aftercare.store.planning import PartRow, PartUseRow
from aftercare.store.unit_of_work import read, write
from analytics.forecast import GammaDemand, OrderCosts, order_parts
from analytics.topics import fault_graph, likely_parts

Floats = NDArray[np.float64]
WEEKS = 52
REVIEW_WEEKS = 1.0  # parts are ordered once a week
# `GammaDemand` is tuned on months; these are the same per week.
DISCOUNT, PRIOR_WEEKS = 0.82 ** (12 / 52), 2.0 * 52 / 12
HOLD_A_YEAR = 0.3  # of a piece's price: capital, space, and going out of use
LEAST_SERVICE = 0.8
# A repair that has begun or will, and whose part is not yet taken.
WAITING = (
    CaseState.OPEN,
    CaseState.APPROVED,
    CaseState.AWAITING_GOODS,
    CaseState.GOODS_RECEIVED,
)


def proposals(engine: Engine, now: datetime) -> list[dict[str, Any]]:
    """Return every part with its order, costs and why, the most urgent first."""
    with read(engine) as session:
        return proposals_in(session, now)


def proposals_in(session: Session, now: datetime) -> list[dict[str, Any]]:
    """Return the same inside a transaction."""
    rows = session.scalars(select(PartRow).order_by(PartRow.part_no)).all()
    if not rows:
        return []
    uses = session.scalars(
        select(PartUseRow).where(
            PartUseRow.at >= now - timedelta(weeks=WEEKS), PartUseRow.at <= now
        )
    ).all()
    demand = _demand(rows, uses, now)
    owed = _owed(session, rows, uses)
    found: list[dict[str, Any]] = []
    for lead in sorted({row.lead_days for row in rows}):
        at = [n for n, row in enumerate(rows) if row.lead_days == lead]
        found += _of_lead([rows[n] for n in at], demand[at], owed[at], demand, at)
    found.sort(key=lambda item: (-item["cost_too_few_now_fen"], item["part_no"]))
    return found


def save_part(
    engine: Engine, actor: Actor, part_no: str, fields: dict[str, Any], now: datetime
) -> None:
    """Add a part or change what is known of it."""
    with write(engine) as session:
        row = session.get(PartRow, part_no, with_for_update=True)
        if row is None:
            row = PartRow(part_no=part_no, since=now)
            session.add(row)
        for name, value in fields.items():
            setattr(row, name, value)
        record(session, actor, "part.save", now, part_no, **fields)


def take_part(
    engine: Engine,
    actor: Actor,
    case_no: str,
    part_no: str,
    quantity: int,
    now: datetime,
) -> bool:
    """Take a part from the shelf for a repair, once; False if it was taken before.

    Raises:
        AftercareError: NOT_FOUND; ILLEGAL_MOVE where it is no repair or the shelf
            holds fewer.
    """
    key = hashlib.sha256(f"{case_no}\n{part_no}".encode()).hexdigest()
    try:
        with write(engine) as session:
            case = session.get(CaseRow, case_no)
            part = session.get(PartRow, part_no, with_for_update=True)
            if case is None or part is None:
                raise AftercareError(Reason.NOT_FOUND)
            if session.scalar(select(PartUseRow.id).where(PartUseRow.key == key)):
                return False
            if case.kind != CaseKind.REPAIR or part.on_hand < quantity:
                raise AftercareError(Reason.ILLEGAL_MOVE, str(part.on_hand))
            spu = session.scalar(
                select(ProductRow.spu)
                .join(OrderLineRow, OrderLineRow.sku == ProductRow.sku)
                .where(OrderLineRow.id == case.line_id)
            )
            part.on_hand -= quantity
            session.add(
                PartUseRow(
                    key=key,
                    part_no=part_no,
                    spu=spu or "",
                    fault=case.reason,
                    quantity=quantity,
                    at=now,
                )
            )
            record(session, actor, "part.take", now, case_no, part=part_no, n=quantity)
    except IntegrityError:
        return False
    return True


def _of_lead(
    rows: Sequence[PartRow], mine: Floats, owed: Floats, all_: Floats, at: list[int]
) -> list[dict[str, Any]]:
    """Return the orders of the parts that take equally long to come."""
    # The whole shelf is fitted each time: few parts borrow from the others.
    model = GammaDemand(discount=DISCOUNT, prior_periods=PRIOR_WEEKS).fit(all_)
    model.shape_, model.rate_ = model.shape_[at], model.rate_[at]
    model.dispersion_ = model.dispersion_[at]
    lead = rows[0].lead_days / 7
    cycle = lead + REVIEW_WEEKS
    hold = np.array([r.unit_fen * HOLD_A_YEAR * cycle / 52 for r in rows])
    costs = OrderCosts(
        np.array([float(max(r.short_fen, 1)) for r in rows]), np.maximum(hold, 1.0)
    )
    on_hand = np.array([float(r.on_hand) for r in rows]) - np.ceil(owed)
    coming = np.array([float(r.on_order) for r in rows])
    made = order_parts(
        model,
        lead_periods=lead,
        review_periods=REVIEW_WEEKS,
        on_hand=on_hand,
        on_order=coming,
        costs=costs,
        least_service=LEAST_SERVICE,
    )
    law = model.law(cycle)
    position = np.maximum(on_hand + coming, 0.0)
    short_now = law.shortage(position) * costs.too_few_fen
    fortnight = model.law(2.0)
    return [
        {
            "part_no": row.part_no,
            "name": row.name,
            "spus": row.spus,
            "on_hand": row.on_hand,
            "on_order": row.on_order,
            "lead_days": row.lead_days,
            "unit_fen": row.unit_fen,
            "short_fen": row.short_fen,
            "owed": round(float(owed[n]), 1),
            "order": int(made.order[n]),
            "up_to": int(made.up_to[n]),
            "expected": round(float(made.expected[n]), 2),
            "low80": int(made.low80[n]),
            "high80": int(made.high80[n]),
            "service": round(float(made.service[n]), 3),
            "service_now": round(float(law.served(position)[n]), 3),
            "cost_too_few_fen": round(float(made.cost_too_few_fen[n])),
            "cost_too_many_fen": round(float(made.cost_too_many_fen[n])),
            "cost_too_few_now_fen": round(float(short_now[n])),
            "fortnight": round(float(fortnight.mean[n]), 2),
            "why": {
                "weeks": [int(v) for v in np.nan_to_num(mine[n][-26:])],
                "cycle_days": round(7 * cycle),
                "ratio": round(float(costs.ratio[n]), 3),
                "hold_fen": round(float(costs.too_many_fen[n])),
            },
        }
        for n, row in enumerate(rows)
    ]


def _demand(
    rows: Sequence[PartRow], uses: Sequence[PartUseRow], now: datetime
) -> Floats:
    """Return pieces (parts, weeks), oldest first; nan before a part was stocked."""
    place = {row.part_no: n for n, row in enumerate(rows)}
    table = np.zeros((len(rows), WEEKS))
    for use in uses:
        week = WEEKS - 1 - int((now - use.at) / timedelta(weeks=1))
        if use.part_no in place and 0 <= week < WEEKS:
            table[place[use.part_no], week] += use.quantity
    for n, row in enumerate(rows):
        known = max(1, min(WEEKS, int((now - row.since) / timedelta(weeks=1)) + 1))
        seen = np.flatnonzero(table[n])
        first = min(WEEKS - known, int(seen[0])) if len(seen) else WEEKS - known
        table[n, :first] = np.nan
    return table


def graph_of(uses: Sequence[PartUseRow]) -> Any:
    """Return the graph of products, parts and faults."""
    return fault_graph((use.spu, use.part_no, use.fault) for use in uses)


def _owed(
    session: Session, rows: Sequence[PartRow], uses: Sequence[PartUseRow]
) -> Floats:
    """Return the pieces that repairs now waiting will likely take, (parts,)."""
    place = {row.part_no: n for n, row in enumerate(rows)}
    owed = np.zeros(len(rows))
    graph = graph_of(uses)
    waiting = session.execute(
        select(ProductRow.spu, CaseRow.reason)
        .join(OrderLineRow, OrderLineRow.sku == ProductRow.sku)
        .join(CaseRow, CaseRow.line_id == OrderLineRow.id)
        .where(CaseRow.kind == CaseKind.REPAIR, CaseRow.state.in_(WAITING))
    ).all()
    kinds: dict[tuple[str, str], int] = defaultdict(int)
    for spu, reason in waiting:
        kinds[spu, reason] += 1
    for (spu, reason), cases in kinds.items():
        fitting = {
            place[part_no]: share
            for part_no, share in likely_parts(graph, spu, reason)
            if part_no in place and spu in rows[place[part_no]].spus
        }
        for n, share in fitting.items():
            owed[n] += cases * share / sum(fitting.values())
    return owed
