"""A queue state as numbers for the learned refinement."""

from __future__ import annotations

import math

import numpy as np

from analytics.waiting.erlang import GammaWait, wait_from_position
from analytics.waiting.laws import Floats
from analytics.waiting.simulate import Laws
from analytics.waiting.state import QueueState

FEATURES = (
    "formula_s",
    "position",
    "queue_length",
    "capacity",
    "agents_free",
    "head_wait_s",
    "last_wait_s",
    "mean_recent_s",
    "arrivals",
    "starts",
    "hang_ups",
    "pace_s",
    "ahead_waited_s",
    "elapsed_s",
    "hour",
    "weekday",
    "priority",
    "skill",
    "plan_slots",
)
RISING = frozenset({"formula_s", "position"})  # more of it never shortens a wait
QUARTER_S = 900.0
NEAR_S = 600.0


def formula(state: QueueState, laws: Laws) -> GammaWait:
    """Return the wait by position, service and patience (QL_M), all slots busy."""
    return wait_from_position(
        state.position,
        max(state.capacity, 1),
        laws.of(state.skill).rate,
        laws.patience.rate,
    )


def features(state: QueueState, laws: Laws, skills: tuple[str, ...]) -> Floats:
    """Return the row of ``FEATURES``; NaN where a state does not say.

    ``skills`` fixes the numbers of skill names; a new one is NaN.
    """
    nan = math.nan
    recent = state.recent_waits_s
    elapsed = [s.elapsed_s for s in state.slots if s.elapsed_s is not None]
    waited = [w.waited_s for w in state.ahead]
    starts = nan if state.starts is None else float(state.starts)
    row = (
        formula(state, laws).mean_s,
        state.position,
        state.queue_length,
        state.capacity,
        state.agents_free,
        nan if state.head_wait_s is None else state.head_wait_s,
        recent[-1] if recent else nan,
        sum(recent) / len(recent) if recent else nan,
        nan if state.arrivals is None else state.arrivals,
        starts,
        nan if state.hang_ups is None else state.hang_ups,
        state.position * QUARTER_S / (starts + 1),
        sum(waited) / len(waited) if waited else nan,
        sum(elapsed) / len(elapsed) if elapsed else nan,
        state.at.hour + state.at.minute / 60,
        state.at.weekday(),
        state.priority,
        skills.index(state.skill) if state.skill in skills else nan,
        sum(c.slots for c in state.plan if c.in_s <= NEAR_S),
    )
    return np.asarray(row, float)
