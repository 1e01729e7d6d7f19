"""What goes wrong in each of the simulated fortnights."""

from __future__ import annotations

from dataclasses import dataclass

PAST, DAYS = 35, 14
BAD, STRIKER, PROMISER = "P03", "strike", "a1"


@dataclass(frozen=True)
class Plot:
    """What goes wrong, from which day on, and how much of it."""

    bad: str = BAD
    bad_days: tuple[float, float] = (3, DAYS)
    bad_share: float = 0.25
    fault: str = "defect"
    striker: str = STRIKER
    strike: tuple[float, float] = (5, 11)
    # Questions about late parcels: between these days, so many of the usual talks.
    flood: tuple[int, int] = (6, 11)
    flood_size: float = 0.7
    promiser: int = 1
    promises_from: int = 4
    promise_share: float = 0.5
    promise: str = "promise"
    # Accounts, whether each shares a phone with the next alone, and their orders.
    ring: int = 6
    chained: bool = False
    ring_orders: int = 3
    ring_back: tuple[float, float] = (2, 8)
    owed_from: float = 2
    owed: int = 4
    # A day of the festival, and how many times the usual talks and orders.
    surge: int | None = None
    surge_size: float = 2.5


FIRST = Plot()
SECOND = Plot(
    bad="P08",
    bad_days=(6, DAYS),
    bad_share=0.5,
    fault="missing",
    striker="swift",
    strike=(8.4, 10),
    flood=(9, 11),
    flood_size=0.4,
    promiser=3,
    promises_from=1,
    promise_share=0.3,
    promise="promise_second",
    ring=4,
    chained=True,
    ring_orders=2,
    ring_back=(5, 9),
    owed_from=4,
    owed=2,
    surge=12,
)
