"""The queue played forward from now, many times at once.

First come, first served with skills: later arrivals never delay an earlier
customer, so the future of those ahead is enough (Kiefer & Wolfowitz 1955, with
hang-ups). Each step takes the next customer in line to the earliest slot that
can take them, in all replications together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.waiting.laws import Floats, Law
from analytics.waiting.state import QueueState, ShiftChange, Slot, Waiting

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Laws:
    """Law of service by skill, and of patience; ``""`` is any other skill."""

    service: Mapping[str, Law]
    patience: Law

    def of(self, skill: str) -> Law:
        """Return the law of service of ``skill``."""
        return self.service.get(skill) or self.service[""]


def simulate_waits(
    state: QueueState, laws: Laws, replications: int, rng: np.random.Generator
) -> Floats:
    """Return waits (replications,) in seconds; inf where nobody is left to serve."""
    slots = state.slots or _plain_slots(state)
    ahead = state.ahead or _plain_ahead(state)
    floor = _Floor(slots, state.plan, laws, replications, rng)
    units = rng.standard_exponential((2, len(ahead), replications))
    for place, customer in enumerate(ahead):
        patience = laws.patience.residual(np.array(customer.waited_s), units[0, place])
        service = laws.of(customer.skill).draw(units[1, place])
        floor.seat(customer.skill, patience, service)
    return floor.earliest(customer_skill=state.skill)[0]


def _plain_slots(state: QueueState) -> tuple[Slot, ...]:
    busy = max(state.capacity - state.agents_free * state.cap, 0)
    return (Slot(elapsed_s=0.0),) * busy + (Slot(),) * (state.capacity - busy)


def _plain_ahead(state: QueueState) -> tuple[Waiting, ...]:
    count = state.position - 1
    head = state.head_wait_s or 0.0
    return tuple(Waiting(head * (1 - i / max(count, 1))) for i in range(count))


class _Floor:
    """When each slot is next free, by replication (rows) and slot (columns)."""

    def __init__(
        self,
        slots: tuple[Slot, ...],
        plan: tuple[ShiftChange, ...],
        laws: Laws,
        replications: int,
        rng: np.random.Generator,
    ) -> None:
        joins = [c for c in plan for _ in range(c.slots) if c.slots > 0]
        groups = sorted({s.group for s in slots} | {c.group for c in plan})
        self._skills = [s.skills for s in slots] + [c.skills for c in joins]
        owners = [s.group for s in slots] + [c.group for c in joins]
        self._group = np.array([groups.index(name) for name in owners], np.int64)
        self._free = np.zeros((replications, len(self._skills)))
        for column, change in enumerate(joins, start=len(slots)):
            self._free[:, column] = change.in_s
        for skill in {s.skill for s in slots}:
            held = [
                i
                for i, s in enumerate(slots)
                if s.elapsed_s is not None and s.skill == skill
            ]
            if held:
                elapsed = np.array([slots[i].elapsed_s for i in held], float)
                unit = rng.standard_exponential((replications, len(held)))
                self._free[:, held] = laws.of(skill).residual(elapsed, unit)
        self._leaves = _leave_times(plan, groups)
        self._gone = np.zeros((replications, len(groups)), np.int64)
        self._rows = np.arange(replications)
        self._columns: dict[str, Ints] = {}

    def _eligible(self, skill: str) -> Ints:
        if skill not in self._columns:
            able = [i for i, can in enumerate(self._skills) if not can or skill in can]
            self._columns[skill] = np.array(able, np.int64)
        return self._columns[skill]

    def earliest(self, customer_skill: str) -> tuple[Floats, Ints]:
        """Return when and at which slot the next of this skill is served."""
        columns = self._eligible(customer_skill)
        if not len(columns):
            return np.full(len(self._rows), np.inf), np.zeros(len(self._rows), np.int64)
        while True:
            part = self._free if len(columns) == self._free.shape[1] else None
            part = self._free[:, columns] if part is None else part
            slot = columns[part.argmin(axis=1)]
            when = self._free[self._rows, slot]
            if self._leaves.shape[1] == 1:
                return when, slot
            group = self._group[slot]
            ends = self._leaves[group, self._gone[self._rows, group]]
            left = (when >= ends) & np.isfinite(when)
            if not left.any():
                return when, slot
            # Whoever is free first after the end of a shift goes home.
            self._gone[self._rows[left], group[left]] += 1
            self._free[self._rows[left], slot[left]] = np.inf

    def seat(self, skill: str, patience: Floats, service: Floats) -> None:
        """Serve one customer ahead, unless they hang up first."""
        when, slot = self.earliest(skill)
        stays = (patience > when) & np.isfinite(when)
        rows = self._rows[stays]
        self._free[rows, slot[stays]] = when[stays] + service[stays]


def _leave_times(plan: tuple[ShiftChange, ...], groups: list[str]) -> Floats:
    """Return (groups, most leaves + 1), padded with inf."""
    times: list[list[float]] = [
        sorted(c.in_s for c in plan if c.group == name for _ in range(-c.slots))
        for name in groups
    ]
    table = np.full((max(len(groups), 1), max(map(len, times), default=0) + 1), np.inf)
    for row, found in enumerate(times):
        table[row, : len(found)] = found
    return table
