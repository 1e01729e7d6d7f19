"""Queues with exponential times: Erlang B, C and A, and the wait from here.

Sources: Garnett, Mandelbaum & Reiman 2002 (Erlang A); Ibrahim & Whitt 2009
(the predictor QL_M). Rates are per second, waits in seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv, logsumexp


def erlang_b(servers: int, load: float) -> float:
    """Return the blocking probability of ``servers`` under ``load`` erlangs."""
    blocked = 1.0
    for busy in range(1, servers + 1):
        blocked = load * blocked / (busy + load * blocked)
    return blocked


def erlang_c_wait(arrival: float, service: float, servers: int) -> float:
    """Return the mean wait of those who wait, without hang-ups; inf if overloaded."""
    spare = servers * service - arrival
    return 1.0 / spare if spare > 0 else math.inf


def erlang_c_mean(arrival: float, service: float, servers: int) -> float:
    """Return the mean wait of all arrivals, without hang-ups; inf if overloaded."""
    load = arrival / service
    if load >= servers:
        return math.inf
    blocked = erlang_b(servers, load)
    must_wait = blocked / (1 - load / servers * (1 - blocked))
    return must_wait * erlang_c_wait(arrival, service, servers)


@dataclass(frozen=True, slots=True)
class ErlangA:
    """Steady state of M/M/n+M.

    ``mean_wait_s`` counts all arrivals, also those who hang up (Little's law);
    ``offered_wait_s`` is the wait of an endlessly patient customer who waits.
    """

    wait_probability: float
    abandon_probability: float
    mean_wait_s: float
    offered_wait_s: float
    mean_queue: float


def erlang_a(
    arrival: float, service: float, patience: float, servers: int, places: int = 2000
) -> ErlangA:
    """Return the steady state; ``patience`` is the rate of hanging up (> 0).

    The queue is cut at ``places`` waiting. Raises ``ValueError`` for a rate
    that is not positive or no server.
    """
    if min(arrival, service, patience) <= 0 or servers < 1:
        raise ValueError("rates are positive and there is a server")
    levels = np.arange(1, servers + places + 1)
    leave = np.minimum(levels, servers) * service
    leave = leave + np.maximum(levels - servers, 0) * patience
    logs = np.concatenate([[0.0], np.cumsum(np.log(arrival) - np.log(leave))])
    share = np.exp(logs - logsumexp(logs))
    queued = share[servers:]
    waiting = float(queued.sum())
    mean_queue = float(queued @ np.arange(len(queued)))
    ladder = np.cumsum(
        1.0 / (servers * service + patience * np.arange(len(queued)))
    )  # entry q: the wait of one who finds q waiting
    return ErlangA(
        waiting,
        patience * mean_queue / arrival,
        mean_queue / arrival,
        float(queued @ ladder) / waiting if waiting > 0 else 0.0,
        mean_queue,
    )


@dataclass(frozen=True, slots=True)
class GammaWait:
    """A wait by its first two moments, taken as a gamma law."""

    mean_s: float
    sd_s: float

    def quantile(self, share: float) -> float:
        """Return the wait that ``share`` of such customers do not exceed."""
        if self.sd_s == 0:
            return self.mean_s
        shape = (self.mean_s / self.sd_s) ** 2
        return float(gammaincinv(shape, share)) * self.mean_s / shape


def wait_from_position(
    position: int, slots: int, service: float, patience: float
) -> GammaWait:
    """Return the wait of the customer at ``position`` (1 = next), all slots busy.

    QL_M: the line moves at ``slots * service`` plus the hang-ups of those still
    ahead; the wait is a sum of independent exponential steps.
    """
    if slots < 1 or position < 1:
        raise ValueError("a wait needs a slot and a position from 1")
    rates = slots * service + patience * np.arange(position)
    return GammaWait(float((1 / rates).sum()), float(np.sqrt((1 / rates**2).sum())))
