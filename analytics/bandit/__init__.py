"""Choosing by learning among things that are safe to try, and judging it offline.

A policy turns contexts (n, d) into probabilities (n, arms). What is drawn is kept
with its probability, so that another policy can be judged on the same rows
(`offpolicy`). Every arm keeps a floor: what is never tried is never known.
"""

from analytics.bandit.linear import LinUcb
from analytics.bandit.offpolicy import (
    Estimate,
    direct,
    doubly_robust,
    ips,
    predicted,
    snips,
)
from analytics.bandit.policies import EpsilonGreedy, pick, uniform, with_floor
from analytics.bandit.thompson import Thompson

__all__ = [
    "EpsilonGreedy",
    "Estimate",
    "LinUcb",
    "Thompson",
    "direct",
    "doubly_robust",
    "ips",
    "pick",
    "predicted",
    "snips",
    "uniform",
    "with_floor",
]
