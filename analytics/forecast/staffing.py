"""Agents per half-hour for a service level, patience counted: Erlang A.

Erlang C, without hang-ups, asks for 7 to 25 % more people (`benchmarks`). The
service level is the share of all contacts answered within the target; a virtual
wait below it counts. Steady state holds within a half-hour while talks are short
against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import gammainc

from analytics.forecast.types import Floats
from analytics.waiting.laws import fit_law

MOST_AGENTS = 2_000


@dataclass(frozen=True, slots=True)
class ServiceTarget:
    """Answer ``share`` of the contacts within ``within_s`` seconds."""

    share: float = 0.8
    within_s: float = 180.0


@dataclass(frozen=True, slots=True)
class Work:
    """One contact's work: mean talk, mean patience, talks an agent holds at once."""

    talk_s: float
    patience_s: float
    at_once: int = 1


def fit_patience(
    waits_s: Sequence[float], hung_up: Sequence[bool], default_s: float = 600.0
) -> float:
    """Return the mean patience in seconds; who was answered is a censored wait.

    Few hang-ups are drawn towards ``default_s`` (`analytics.waiting.laws`).
    """
    return fit_law(waits_s, hung_up, default_s).mean_s


@lru_cache(maxsize=20_000)
def service_level(per_hour: float, agents: int, work: Work, within_s: float) -> float:
    """Return the share answered within ``within_s``, in steady state (M/M/n+M).

    A customer who finds q waiting is answered after q + 1 departures, about a
    gamma law of the same mean and variance, unless they hang up first.
    """
    if per_hour <= 0:
        return 1.0
    slots = agents * work.at_once
    if slots < 1:
        return 0.0
    arrival, leave = per_hour / 3600.0, 1.0 / work.talk_s
    theta = 1.0 / work.patience_s
    queue = np.arange(_places(arrival, leave, theta, slots))
    down = slots * leave + theta * np.arange(1, len(queue))
    upper = np.concatenate([[0.0], np.cumsum(np.log(arrival / down))])
    busy = np.arange(1, slots + 1)
    lower = np.concatenate([[0.0], np.cumsum(np.log(arrival / (busy * leave)))])
    logs = np.concatenate([lower[:-1], lower[-1] + upper])
    share = np.exp(logs - logs.max())
    share /= share.sum()
    rates = slots * leave + theta * queue
    mean, variance = np.cumsum(1 / rates), np.cumsum(1 / rates**2)
    shape, scale = mean**2 / variance, variance / mean
    # E[exp(-theta V); V <= t] of a gamma law: in time, and still there.
    there = (1 + theta * scale) ** -shape
    in_time = there * gammainc(shape, within_s * (1 / scale + theta))
    return float(share[:slots].sum() + (share[slots:] * in_time).sum())


def _places(arrival: float, leave: float, theta: float, slots: int) -> int:
    """Return a queue length that practically is never reached."""
    surplus = max(arrival - slots * leave, 0.0) / theta
    return int(surplus + 10 * np.sqrt(arrival / theta + surplus) + 50)


def agents_needed(per_hour: float, work: Work, target: ServiceTarget) -> int:
    """Return the fewest agents that keep the target; 0 without contacts."""
    if per_hour <= 0:
        return 0
    low, high = 0, 1
    while service_level(per_hour, high, work, target.within_s) < target.share:
        low, high = high, high * 2
        if high > MOST_AGENTS:
            raise ValueError("more agents than a shop has: check the contacts")
    while high - low > 1:
        middle = (low + high) // 2
        if service_level(per_hour, middle, work, target.within_s) >= target.share:
            high = middle
        else:
            low = middle
    return high


def staff_plan(
    contacts: Floats, work: Work, target: ServiceTarget, *, slot_minutes: int = 30
) -> Floats:
    """Return agents for contacts per slot, any shape; whole people.

    Contacts are rounded up to whole tenths an hour, so that days share work.
    """
    per_hour = np.ceil(np.asarray(contacts, float) * 60 / slot_minutes * 10) / 10
    need = np.vectorize(lambda rate: agents_needed(float(rate), work, target))
    return np.asarray(need(per_hour), float)


def rota_gaps(need: Floats, rota: Floats, absent: float = 0.0) -> Floats:
    """Return people missing (+) or to spare (-) per slot.

    ``absent`` people of each slot with a rota do not come (what-if).
    """
    there = np.maximum(np.asarray(rota, float) - absent, 0.0)
    return np.asarray(need - there)
