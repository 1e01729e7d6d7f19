"""How many parts to order: newsvendor over the lead time.

Order up to S, the quantile of the demand between this order's decision and the
arrival of the next one (lead time + review period). The quantile is the critical
ratio of the costs (Arrow, Harris & Marschak 1951), or the service asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.forecast.intermittent import GammaDemand
from analytics.forecast.types import Floats


@dataclass(frozen=True, slots=True)
class OrderCosts:
    """What one piece too few, or too many, costs over a cycle, in fen."""

    too_few_fen: Floats
    too_many_fen: Floats

    @property
    def ratio(self) -> Floats:
        """Return the critical ratio, the share of cycles to be served in full."""
        return np.asarray(self.too_few_fen / (self.too_few_fen + self.too_many_fen))


@dataclass(frozen=True, slots=True)
class PartOrder:
    """Per part: pieces to order, the level ordered up to, and expected costs.

    ``cost_too_few_fen`` and ``cost_too_many_fen`` are expectations over the
    protection time if the order is placed as proposed; ``service`` the chance
    that nothing runs short.
    """

    order: Floats
    up_to: Floats
    expected: Floats
    low80: Floats
    high80: Floats
    service: Floats
    cost_too_few_fen: Floats
    cost_too_many_fen: Floats


def order_parts(
    model: GammaDemand,
    *,
    lead_periods: float,
    review_periods: float,
    on_hand: Floats,
    on_order: Floats,
    costs: OrderCosts,
    least_service: float = 0.0,
) -> PartOrder:
    """Return the order of each part; arrays are (parts,), whole pieces.

    ``on_hand`` is less what is owed. ``least_service`` (0 … 1) is never gone
    below, however cheap running short is.
    """
    law = model.law(lead_periods + review_periods)
    share = np.maximum(costs.ratio, least_service)
    up_to = law.quantile(share)
    position = np.asarray(on_hand + on_order, float)
    order = np.maximum(up_to - position, 0.0)
    level = np.maximum(position + order, 0.0)
    short = law.shortage(level)
    left = level - law.mean + short
    low, high = law.quantiles(np.array([0.1, 0.9])).T
    return PartOrder(
        order,
        up_to,
        law.mean,
        low,
        high,
        law.served(level),
        short * costs.too_few_fen,
        left * costs.too_many_fen,
    )
