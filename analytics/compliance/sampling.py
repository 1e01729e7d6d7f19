"""Which talks a person should read: the risky, and some by lot to stay honest.

Risky talks find more faults than chance; the drawn ones keep the estimate of
the shop's true rate unbiased (Horvitz & Thompson 1952, normalised as in Hájek
1971), and show what the score does not see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

BY_LOT = 0.3
# Log-odds by hand, until people's verdicts teach better ones.
WEIGHTS = {
    "severe": 2.0,
    "other_findings": 0.8,
    "angry": 0.7,
    "handed_over": 0.3,
    "refused": 0.6,
    "money": 0.4,
    "by_agent": 0.5,
    "low_score": 1.5,
}


@dataclass(frozen=True, slots=True)
class Picked:
    """A talk to read: its place, why, and the chance with which it was picked."""

    place: int
    why: Literal["risk", "lot"]
    chance: float


def prior_risk(signals: dict[str, float]) -> float:
    """Return a risk in 0…1 from signals named in ``WEIGHTS`` (others are ignored)."""
    odds = sum(WEIGHTS.get(name, 0.0) * value for name, value in signals.items())
    return float(1 / (1 + np.exp(3.0 - odds)))


def pick(
    risks: Sequence[float], budget: int, random_state: int = 0, by_lot: float = BY_LOT
) -> list[Picked]:
    """Return up to ``budget`` talks: the riskiest, and a share by simple lot.

    Ties are broken by lot, so that equal risks have equal chances.
    """
    values = np.asarray(risks, float)
    rng = np.random.default_rng(random_state)
    order = np.lexsort((rng.random(len(values)), -values))
    if budget >= len(values):
        return [Picked(int(place), "risk", 1.0) for place in order]
    drawn = max(round(budget * by_lot), 1) if budget else 0
    top, rest = order[: budget - drawn], order[budget - drawn :]
    lot = rng.choice(rest, size=drawn, replace=False) if drawn else rest[:0]
    chance = drawn / max(len(rest), 1)
    return [Picked(int(place), "risk", 1.0) for place in top] + [
        Picked(int(place), "lot", chance) for place in lot
    ]


def estimated_share(faulty: Sequence[bool], chances: Sequence[float]) -> float | None:
    """Return the share of faulty talks among all, from the read ones."""
    weight = 1 / np.asarray(chances, float)
    if not len(weight):
        return None
    return float((weight * np.asarray(faulty, float)).sum() / weight.sum())
