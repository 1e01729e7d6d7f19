"""What a campaign added: treated against those left alone, with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.stats import fisher_exact

from analytics.satisfaction.scores import Share, wilson


@dataclass(frozen=True, slots=True)
class Lift:
    """Rates of both groups, their difference with a 95 % interval, and its p-value.

    The figures are None where a group is empty.
    """

    treated: Share
    control: Share
    difference: float | None
    low: float | None
    high: float | None
    p: float | None

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out no difference."""
        return (
            self.low is not None
            and self.high is not None
            and not (self.low <= 0 <= self.high)
        )


def lift(hits: int, count: int, control_hits: int, control_count: int) -> Lift:
    """Return the difference of two shares (Newcombe 1998, method 10).

    Raises:
        ValueError: more hits than people.
    """
    treated, control = wilson(hits, count), wilson(control_hits, control_count)
    if not count or not control_count:
        return Lift(treated, control, None, None, None, None)
    p, low_p, high_p = _known(treated)
    q, low_q, high_q = _known(control)
    table = [
        [hits, count - hits],
        [control_hits, control_count - control_hits],
    ]
    return Lift(
        treated,
        control,
        p - q,
        p - q - math.hypot(p - low_p, high_q - q),
        p - q + math.hypot(high_p - p, q - low_q),
        float(fisher_exact(table).pvalue),
    )


def _known(share: Share) -> tuple[float, float, float]:
    return share.value or 0.0, share.low or 0.0, share.high or 0.0
