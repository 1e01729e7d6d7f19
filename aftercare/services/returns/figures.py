"""Return rates by product, size, batch and description, with how sure they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.domain.cases import CaseKind, CaseState
from aftercare.services.recommend.replace import SIZE
from aftercare.store.cases import CaseRow
from aftercare.store.models import OrderLineRow, OrderRow, ProductRow, ShipmentRow
from aftercare.store.unit_of_work import read
from analytics.forecast import return_rates

BACK = (CaseKind.RETURN_REFUND, CaseKind.REFUND_ONLY, CaseKind.EXCHANGE)
VOID = (CaseState.CANCELLED,)
WINDOW = timedelta(days=180)
# What came yesterday had no time to come back.
RIPE = timedelta(days=10)
# A batch is what left in one week: the shop keeps no other mark of it.
DIMENSIONS = ("product", "variant", "size", "batch", "category", "description")
FEWEST = 5  # pieces sold, below which a row says nothing
SURE = 0.95


def lines_sold(session: Session, now: datetime) -> pd.DataFrame:
    """Return one row for each line that had time to come back.

    Columns line, spu, title, variant, category, size, batch, placed_at, returned
    (bool), reason ("" where it stayed), case_no, talk.
    """
    case = (
        select(
            CaseRow.line_id,
            func.min(CaseRow.case_no).label("case_no"),
        )
        .where(CaseRow.kind.in_(BACK), CaseRow.state.not_in(VOID))
        .group_by(CaseRow.line_id)
        .subquery()
    )
    rows = session.execute(
        select(
            OrderLineRow.id,
            ProductRow.spu,
            ProductRow.title,
            ProductRow.variant,
            ProductRow.category,
            OrderRow.placed_at,
            ShipmentRow.shipped_at,
            CaseRow.reason,
            CaseRow.case_no,
            CaseRow.conversation_id,
        )
        .join(OrderRow, OrderRow.order_no == OrderLineRow.order_no)
        .join(ProductRow, ProductRow.sku == OrderLineRow.sku)
        .outerjoin(ShipmentRow, ShipmentRow.id == OrderLineRow.shipment_id)
        .outerjoin(case, case.c.line_id == OrderLineRow.id)
        .outerjoin(CaseRow, CaseRow.case_no == case.c.case_no)
        .where(
            OrderRow.placed_at >= now - WINDOW,
            OrderRow.placed_at <= now - RIPE,
            OrderLineRow.is_gift.is_(False),
        )
    ).all()
    names = ("line", "spu", "title", "variant", "category", "placed_at", "shipped_at")
    table = pd.DataFrame(
        [tuple(row) for row in rows], columns=[*names, "reason", "case_no", "talk"]
    )
    table["returned"] = table["case_no"].notna()
    table["reason"] = table["reason"].fillna("")
    # Few variants are sold many times, and a stamp of pandas costs ten of Python's.
    sizes = {variant: _size(variant) for variant in set(table["variant"])}
    table["size"] = [sizes[variant] for variant in table["variant"]]
    table["batch"] = [_week(row.shipped_at) for row in rows]
    return table


def figures(engine: Engine, now: datetime) -> dict[str, Any]:
    """Return the rates of every dimension, and the reasons of every product."""
    with read(engine) as session:
        table = lines_sold(session, now)
    if table.empty:
        return {"sold": 0, "returned": 0, "by": {}, "reasons": []}
    return {
        "sold": len(table),
        "returned": int(table["returned"].sum()),
        "by": {name: rates_by(table, name) for name in DIMENSIONS},
        "reasons": _reasons(table),
    }


def rates_by(table: pd.DataFrame, dimension: str) -> list[dict[str, Any]]:
    """Return the rate of each value of a dimension, the surest excess first.

    `above` is the chance that its true rate exceeds the shop's own; the rates are
    drawn towards the others as far as its sales are few.
    """
    keys = _keys(table, dimension)
    grouped = table.groupby(keys, sort=True)["returned"].agg(["sum", "size"])
    grouped = grouped[grouped["size"] >= FEWEST]
    if grouped.empty:
        return []
    back, sold = (grouped[name].to_numpy(int) for name in ("sum", "size"))
    found = return_rates(back, sold)
    # One look at the table, not one for each of thousands of batches.
    titles = dict(zip(table["spu"], table["title"], strict=True))
    rows = [
        {
            "key": str(key),
            "title": _title(titles, dimension, str(key)),
            "returned": int(back[n]),
            "sold": int(sold[n]),
            "rate": round(float(found.rate[n]), 4),
            "low95": round(float(found.low95[n]), 4),
            "high95": round(float(found.high95[n]), 4),
            "above": round(float(found.above[n]), 4),
            "high": bool(found.above[n] >= SURE),
        }
        for n, key in enumerate(grouped.index)
    ]
    return sorted(rows, key=lambda row: (-row["above"], row["key"]))


def _keys(table: pd.DataFrame, dimension: str) -> Any:
    if dimension == "product":
        return table["spu"]
    if dimension == "description":
        # What a customer reads before buying; several articles may share it.
        return table["title"]
    if dimension in ("size", "batch"):
        kept = table[dimension].where(table[dimension] != "")
        return (table["spu"] + " " + kept).rename(dimension)
    if dimension == "variant":
        return (table["spu"] + " " + table["variant"]).rename("variant")
    return table[dimension]


def _title(titles: dict[str, str], dimension: str, key: str) -> str:
    if dimension in ("category", "description"):
        return key
    spu, _, rest = key.partition(" ")
    return f"{titles[spu]} {rest}".strip()


def _reasons(table: pd.DataFrame) -> list[dict[str, Any]]:
    back = table[table["returned"]]
    rows = []
    for (spu, title), part in back.groupby(["spu", "title"], sort=True):
        counts = part["reason"].value_counts()
        rows.append(
            {
                "spu": spu,
                "title": title,
                "returned": len(part),
                "reasons": [
                    {"reason": str(code), "count": int(n)} for code, n in counts.items()
                ],
            }
        )
    return sorted(rows, key=lambda row: -row["returned"])


def _size(variant: str) -> str:
    found = SIZE.search(variant)
    return found.group().upper() if found else ""


def _week(moment: datetime | None) -> str:
    if moment is None:
        return ""
    year, week, _ = moment.isocalendar()
    return f"{year}-W{week:02d}"
