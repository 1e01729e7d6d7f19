"""Groups of linked accounts that send back far more than others do.

Sharing an address says nothing by itself: families and offices do. A group is
named when its return rate is beyond chance against all others (binomial tail,
false discovery rate over all groups: Benjamini & Hochberg 1995).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binom, false_discovery_control

from analytics.risk.customers import shared_groups

SMALLEST = 4  # more than a family
LEVEL = 0.01
TIMES = 2.0


@dataclass(frozen=True, slots=True)
class Ring:
    """Linked ``members`` with ``returned`` of ``lines``; ``usual`` would be others'."""

    members: tuple[str, ...]
    returned: int
    lines: int
    usual: float
    q: float


def rings(lines: pd.DataFrame) -> list[Ring]:
    """Return the groups unlike all others, the surest first.

    ``lines`` has columns customer, address, device and returned_at (NaT = kept).
    """
    links = pd.concat(
        pd.DataFrame({"customer": lines["customer"], "key": kind + lines[kind]})
        for kind in ("address", "device")
    )
    groups = {
        tuple(sorted({name, *others}))
        for name, others in shared_groups(links).items()
        if len(others) + 1 >= SMALLEST
    }
    if not groups:
        return []
    by = lines["returned_at"].notna().groupby(lines["customer"]).agg(["sum", "size"])
    named = sorted(groups)
    back = np.array([int(by.loc[list(g), "sum"].sum()) for g in named])
    size = np.array([int(by.loc[list(g), "size"].sum()) for g in named])
    others = (by["sum"].sum() - back + 0.5) / (by["size"].sum() - size + 1.0)
    q = false_discovery_control(binom.sf(back - 1, size, others))
    found = [
        Ring(group, int(back[i]), int(size[i]), float(others[i] * size[i]), float(q[i]))
        for i, group in enumerate(named)
        if q[i] <= LEVEL and back[i] >= TIMES * others[i] * size[i]
    ]
    return sorted(found, key=lambda ring: ring.q)
