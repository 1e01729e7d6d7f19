"""What is known when a customer asks how long, and what may be answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Basis = Literal["immediate", "defaults", "formula", "boosting", "simulator", "unknown"]
RECENT = 10  # waits of the last customers to enter service that a state carries


@dataclass(frozen=True, slots=True)
class Waiting:
    """One customer ahead: seconds waited so far, and the skill asked for."""

    waited_s: float
    skill: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place with an agent: ``elapsed_s`` of the talk in it, None when idle.

    ``skills`` it can take (empty: all); ``skill`` of the talk it holds now. An
    agent with a cap of three talks is three slots. ``group`` ties slots to the
    shift plan.
    """

    elapsed_s: float | None = None
    skills: frozenset[str] = frozenset()
    skill: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class ShiftChange:
    """``slots`` more (or fewer, if negative) in ``in_s`` seconds from now."""

    in_s: float
    slots: int
    group: str = ""
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class QueueState:
    """The queue at ``at`` (aware), seen by one customer.

    ``position`` 1 is next in line; ``cap`` talks may run at once per agent.
    Counts over the last quarter of an hour are ``arrivals``, ``starts`` (talks
    begun) and ``hang_ups``; None where nobody counted. ``ahead`` (in order of
    service), ``slots`` and ``plan`` let the simulator look closer than counts
    can; they may stay empty.

    Raises ``ValueError`` for a naive time or impossible counts.
    """

    at: datetime
    queue_length: int
    position: int
    agents_online: int
    agents_free: int = 0
    cap: int = 1
    head_wait_s: float | None = None
    recent_waits_s: tuple[float, ...] = ()
    arrivals: int | None = None
    starts: int | None = None
    hang_ups: int | None = None
    priority: int = 0
    skill: str = ""
    ahead: tuple[Waiting, ...] = ()
    slots: tuple[Slot, ...] = ()
    plan: tuple[ShiftChange, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be a queue."""
        if self.at.tzinfo is None:
            raise ValueError("at must be an aware time")
        counts = (self.queue_length, self.agents_online, self.agents_free)
        if min(counts) < 0 or self.position < 1 or self.cap < 1:
            raise ValueError("counts are >= 0, position and cap >= 1")
        if self.agents_free > self.agents_online:
            raise ValueError("more agents free than online")

    @property
    def capacity(self) -> int:
        """Talks that can run at once."""
        return self.agents_online * self.cap


@dataclass(frozen=True, slots=True)
class WaitForecast:
    """A wait in seconds, or nothing where the data support no promise.

    ``lo80_s`` … ``hi80_s`` holds the wait four times in five; ``announce_s``
    is what may be said aloud: rounded up, outlasted by at most one in five.
    All four are None when ``basis`` is ``unknown``. ``reasons`` are codes, most
    weighty first; ``samples`` is the number of past waits it stands on.
    """

    expected_s: float | None
    lo80_s: float | None
    hi80_s: float | None
    announce_s: float | None
    basis: Basis
    reasons: tuple[str, ...]
    samples: int = 0

    @property
    def known(self) -> bool:
        """Whether anything may be said about the wait."""
        return self.expected_s is not None


def unknown(*reasons: str, samples: int = 0) -> WaitForecast:
    """Return the honest answer where nothing can be promised."""
    return WaitForecast(None, None, None, None, "unknown", reasons, samples)
