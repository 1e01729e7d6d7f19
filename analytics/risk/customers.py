"""What is unusual about a customer's returns, measured against peers.

Clothes come back more often than kettles: a rate is compared with what peers
return of the same goods, and drawn to it while orders are few (empirical Bayes,
Efron & Morris 1975), so that honest buyers of clothes do not stand out.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd

PRIOR_ORDERS = 8.0
HELD = 0.5
FAMILY_SIZE = 2  # people of one home share an address; that says nothing
LATE_SHARE = 0.8  # of the return window
BURST_DAYS = 7
FEATURES = (
    "returns_above_peers",
    "claims_above_peers",
    "refund_value_above_peers",
    "late_returns",
    "burst_of_returns",
    "linked_accounts",
    "linked_returns",
)
COLUMNS = frozenset(
    {
        "customer",
        "category",
        "paid_fen",
        "ordered_at",
        "returned_at",
        "refund_fen",
        "claim",
        "window_days",
        "address",
        "device",
    }
)


def shared_groups(links: pd.DataFrame, most: int = 200) -> dict[str, frozenset[str]]:
    """Return for each customer the others reached by a shared address or device.

    ``links`` has columns customer and key; a key of more than ``most`` customers
    (a parcel station, a campus) links nobody.
    """
    pairs = links.dropna().drop_duplicates()
    count = pairs.groupby("key")["customer"].transform("size")
    pairs = pairs[(count > 1) & (count <= most)]
    graph = nx.Graph()
    graph.add_edges_from(
        (("customer", c), ("key", k))
        for c, k in zip(pairs["customer"], pairs["key"], strict=True)
    )
    groups: dict[str, frozenset[str]] = {}
    for part in nx.connected_components(graph):
        people = frozenset(name for kind, name in part if kind == "customer")
        groups.update({name: people - {name} for name in people})
    return groups


def customer_features(orders: pd.DataFrame) -> pd.DataFrame:
    """Return one row of ``FEATURES`` per customer from order lines.

    ``orders`` has ``COLUMNS``: times are timestamps (``returned_at`` NaT if
    kept), money in fen, ``claim`` True for "broken / missing / not received",
    ``window_days`` the return window. Raises ``ValueError`` if one is missing.
    """
    if missing := COLUMNS - set(orders.columns):
        raise ValueError(f"missing columns: {sorted(missing)}")
    rows = orders.assign(
        returned=orders["returned_at"].notna().astype(float),
        claim=orders["claim"].astype(float),
        refund_fen=orders["refund_fen"].fillna(0).astype(float),
    )
    held = (rows["returned_at"] - rows["ordered_at"]).dt.total_seconds() / 86400
    rows["late"] = (held > LATE_SHARE * rows["window_days"]).astype(float)
    out = pd.DataFrame(index=pd.Index(sorted(rows["customer"].unique())))
    out["returns_above_peers"] = _above(rows, "returned")
    out["claims_above_peers"] = _above(rows, "claim")
    out["refund_value_above_peers"] = _value_above(rows)
    out["late_returns"] = _late(rows)
    out["burst_of_returns"] = _bursts(rows).reindex(out.index).fillna(0.0)
    groups = shared_groups(_links(rows))
    linked = {name: groups.get(name, frozenset()) for name in out.index}
    out["linked_accounts"] = [
        np.log1p(max(len(linked[name]) - FAMILY_SIZE, 0)) for name in out.index
    ]
    excess = out["returns_above_peers"].to_dict()
    out["linked_returns"] = [
        _mean_excess([excess[other] for other in linked[name]]) for name in out.index
    ]
    return out[list(FEATURES)].clip(lower=0)  # below the peers is nothing to see


def _mean_excess(values: list[float]) -> float:
    return float(sum(values) / (len(values) + 1))


def _above(rows: pd.DataFrame, what: str) -> pd.Series[float]:
    """Return (seen - peers' number on the same goods) / spread, 0 = like peers.

    A Pearson residual with half a case added to the variance, which holds back
    customers of few orders and means the same for clothes and for kettles.
    """
    total = rows.groupby("category")[what].transform("sum")
    size = rows.groupby("category")[what].transform("size")
    overall = float(rows[what].mean())
    expected = (total + PRIOR_ORDERS * overall) / (size + PRIOR_ORDERS)
    spread = expected * (1 - expected)
    by = rows.assign(expected=expected, spread=spread).groupby("customer")
    return (by[what].sum() - by["expected"].sum()) / (by["spread"].sum() + HELD) ** 0.5


def _value_above(rows: pd.DataFrame) -> pd.Series[float]:
    """Return how much dearer the returned goods are than the customer's others."""
    by = rows.groupby("customer")
    paid, refund = by["paid_fen"].sum(), by["refund_fen"].sum()
    share, lines = refund / paid.clip(lower=1), by["returned"].sum() / by.size()
    return (share - lines) * by.size() / (by.size() + PRIOR_ORDERS)


def _late(rows: pd.DataFrame) -> pd.Series[float]:
    """Return late returns against what so many returns have among all customers."""
    usual = rows["late"].sum() / max(rows["returned"].sum(), 1)
    by = rows.groupby("customer")
    returned, late = by["returned"].sum(), by["late"].sum()
    return (late - usual * returned) / (usual * (1 - usual) * returned + HELD) ** 0.5


def _bursts(rows: pd.DataFrame) -> pd.Series[float]:
    """Return the log of most returns in a week, beyond two and the peers' pace.

    The pace: a third of all the returns that peers would make of these goods.
    """
    rate = rows.groupby("category")["returned"].transform("mean")
    pace = rate.groupby(rows["customer"]).sum() / 3
    back = rows.dropna(subset=["returned_at"]).sort_values("returned_at")
    if back.empty:
        return pd.Series(dtype=float)
    span = np.timedelta64(BURST_DAYS, "D")

    def most(times: pd.Series[pd.Timestamp]) -> float:
        values = times.dt.tz_localize(None).to_numpy()
        until = np.searchsorted(values, values + span, side="right")
        return float((until - np.arange(len(values))).max())

    week = back.groupby("customer")["returned_at"].apply(most)
    return np.log1p((week - 2 - pace.reindex(week.index)).clip(lower=0))


def _links(rows: pd.DataFrame) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"customer": rows["customer"], "key": kind + rows[kind]})
        for kind in ("address", "device")
    ]
    return pd.concat(parts)
