"""Four seeded queues whose true laws are known, and an oracle that knows them.

A customer's potential wait depends on earlier arrivals only (first come, first
served), so each is found in order of arrival; the log holds what a shop would
see: the state on entry, and the wait or the hang-up.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from scipy.stats import norm

from analytics.waiting import QueueState, ShiftChange, Slot, Talk, Waiting, WaitRecord

START = datetime(2026, 3, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = 86400.0
LOOK_S = 3600.0  # how far the shift plan is shown


@dataclass(frozen=True)
class Time:
    """Exponential (cv 1) or lognormal time of a mean in seconds."""

    mean: float
    cv: float = 1.0
    lognormal: bool = False

    @property
    def shape(self) -> float:
        return math.sqrt(math.log(1 + self.cv**2))

    def draw(self, rng: np.random.Generator, after: float = 0.0) -> float:
        """Return a time, given that it lasts beyond ``after``; minus ``after``."""
        if not self.lognormal:
            return float(rng.exponential(self.mean))
        mu = math.log(self.mean) - self.shape**2 / 2
        if after <= 0:
            return float(rng.lognormal(mu, self.shape))
        alive = norm.sf((math.log(after) - mu) / self.shape)
        gone = norm.isf(alive * rng.random())
        return max(math.exp(mu + self.shape * gone) - after, 0.0)


@dataclass(frozen=True)
class Agent:
    """On duty from ``start`` to ``end`` hours of each day, for ``skills``."""

    start: float = 8.0
    end: float = 22.0
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Scenario:
    """Arrivals per second by hour and skill, agents, and the laws."""

    name: str
    agents: list[Agent]
    rate: Callable[[float], float]
    service: dict[str, Time]
    patience: Time
    share: dict[str, float]
    busy_day_cv: float = 0.0


@dataclass
class Call:
    at: float
    skill: str
    patience: float
    begins: float = math.inf
    leaves: float = math.inf
    record: WaitRecord | None = None
    potential: float = 0.0


@dataclass
class Log:
    """What happened: calls that queued, and all talks."""

    queued: list[Call] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)


def _hump(peak: float) -> Callable[[float], float]:
    def rate(hour: float) -> float:
        if not 8 <= hour < 21.5:
            return 0.0
        wave = 0.55 + 0.3 * math.sin((hour - 8) / 13.5 * math.pi)
        return peak * (wave + 0.15 * math.sin((hour - 8) / 13.5 * 4 * math.pi))

    return rate


def scenarios() -> list[Scenario]:
    """Return small, large, shifts with other laws, and two skills."""
    every = {"": 1.0}
    minute = 60.0
    small = Scenario(
        "small", [Agent()] * 6, _hump(6 / 300 * 1.35), {"": Time(300)},
        Time(6 * minute), every,
    )  # fmt: skip
    large = Scenario(
        "large", [Agent()] * 30, _hump(30 / 300 * 1.3), {"": Time(300)},
        Time(6 * minute), every,
    )  # fmt: skip
    shifts = [(8, 16, 8), (9, 13, 7), (10, 19, 6), (13, 22, 8), (17, 22, 6)]
    crew = [Agent(a, b) for a, b, n in shifts for _ in range(n)]
    uneven = Scenario(
        "shifts", crew, _hump(20 / 300 * 1.25), {"": Time(300, 1.2, True)},
        Time(8 * minute, 1.5, True), every, 0.2,
    )  # fmt: skip
    first, second = frozenset({"goods"}), frozenset({"repair"})
    team = [Agent(skills=first)] * 6 + [Agent(skills=second)] * 4
    team = team + [Agent(skills=first | second)] * 3
    skills = Scenario(
        "two skills", team, _hump(13 / 330 * 1.3),
        {"goods": Time(240, 1.1, True), "repair": Time(480, 0.8, True)},
        Time(7 * minute, 1.3, True), {"goods": 0.6, "repair": 0.4},
    )  # fmt: skip
    return [small, large, uneven, skills]


def _arrivals(world: Scenario, day: int, rng: np.random.Generator) -> list[Call]:
    most = max(world.rate(h / 10) for h in range(240)) * 1.01
    factor = 1.0
    if world.busy_day_cv:
        factor = rng.gamma(1 / world.busy_day_cv**2, world.busy_day_cv**2)
    names = list(world.share)
    calls, t = [], 0.0
    while True:
        t += rng.exponential(1 / (most * factor))
        if t >= DAY:
            return calls
        if rng.random() < world.rate(t / 3600) / most:
            skill = str(rng.choice(names, p=list(world.share.values())))
            calls.append(Call(day * DAY + t, skill, world.patience.draw(rng)))


def run(world: Scenario, days: int, seed: int, keep: float = 1.0) -> Log:
    """Play ``days`` days; a share ``keep`` of those who queue is logged."""
    rng = np.random.default_rng(seed)
    log = Log()
    for day in range(days):
        _play_day(world, day, rng, log, keep)
    return log


def _play_day(
    world: Scenario, day: int, rng: np.random.Generator, log: Log, keep: float
) -> None:
    base = day * DAY
    free = [base + a.start * 3600 for a in world.agents]
    ends = [base + a.end * 3600 for a in world.agents]
    talks: list[list[tuple[float, float, str]]] = [[] for _ in world.agents]
    line: list[Call] = []
    for call in _arrivals(world, day, rng):
        line = [c for c in line if min(c.begins, c.leaves) > call.at]
        able = [
            j
            for j, a in enumerate(world.agents)
            if (not a.skills or call.skill in a.skills)
            and max(free[j], call.at) < ends[j]
        ]
        if not able:
            continue  # closed: nobody comes back to this line today
        best = min(able, key=free.__getitem__)
        begins = max(free[best], call.at)
        call.potential = begins - call.at
        answered = call.patience > call.potential
        if call.potential > 0 and rng.random() < keep:
            state = _state(world, call, line, talks, free, ends, base)
            wait = min(call.potential, call.patience)
            call.record = WaitRecord(state, wait, answered)
            log.queued.append(call)
        if answered:
            length = world.service[call.skill].draw(rng)
            free[best] = begins + length
            talks[best] = [x for x in talks[best] if x[1] > call.at]
            talks[best].append((begins, begins + length, call.skill))
            log.talks.append(Talk(length, True, call.skill))
            call.begins = begins
        else:
            call.leaves = call.at + call.patience
        if call.potential > 0:
            line.append(call)


def _state(
    world: Scenario,
    call: Call,
    line: list[Call],
    talks: list[list[tuple[float, float, str]]],
    free: list[float],
    ends: list[float],
    base: float,
) -> QueueState:
    now = call.at
    slots, plan = [], []
    for j, agent in enumerate(world.agents):
        name = f"agent{j}"
        on = base + agent.start * 3600
        if on > now:
            if on - now < LOOK_S:
                plan.append(ShiftChange(on - now, 1, name, agent.skills))
            continue
        held = next((x for x in talks[j] if x[0] <= now < x[1]), None)
        if held is None and ends[j] <= now:
            continue
        skill = held[2] if held else ""
        slots.append(Slot(now - held[0] if held else None, agent.skills, skill, name))
        if ends[j] - now < LOOK_S:
            plan.append(ShiftChange(max(ends[j] - now, 0.0), -1, name))
    return QueueState(
        at=START + timedelta(seconds=now),
        queue_length=len(line),
        position=1 + len(line),
        agents_online=max(len(slots), 1),
        head_wait_s=now - line[0].at if line else 0.0,
        skill=call.skill,
        ahead=tuple(Waiting(now - c.at, c.skill) for c in line),
        slots=tuple(slots),
        plan=tuple(plan),
    )


def oracle(
    world: Scenario, state: QueueState, times: int, rng: np.random.Generator
) -> float:
    """Return the mean wait under the true laws: plain Python, one run at a time."""
    ends = {c.group: c.in_s for c in state.plan if c.slots < 0}
    joins = [c for c in state.plan if c.slots > 0]
    total = 0.0
    for _ in range(times):
        free = [
            world.service[s.skill].draw(rng, s.elapsed_s)
            if s.elapsed_s is not None
            else 0.0
            for s in state.slots
        ] + [c.in_s for c in joins]
        can = [s.skills for s in state.slots] + [c.skills for c in joins]
        until = [ends.get(s.group, math.inf) for s in state.slots]
        until += [math.inf] * len(joins)
        for one in (*state.ahead, Waiting(0.0, state.skill)):
            able = [
                j
                for j, t in enumerate(free)
                if t < until[j] and (not can[j] or one.skill in can[j])
            ]
            if not able:
                begins = 7200.0
                continue
            best = min(able, key=free.__getitem__)
            begins = free[best]
            if world.patience.draw(rng, one.waited_s) > begins:
                free[best] = begins + world.service[one.skill].draw(rng)
        total += begins
    return total / times
