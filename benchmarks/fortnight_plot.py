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
    # A shop with more of its life: articles with verdicts, several questions a talk.
    more: bool = False
    # How much one day differs from the next (sd of its logarithm), beside weekends.
    rough: float = 0.0
    # From this day on an article answers wrongly.
    wrong_from: float | None = None
    wrong_helps: float = 0.25
    # An agent who lets customers wait in the talk.
    late_agent: int | None = None
    late_from: float = 0
    late_share: float = 0.6
    # The maker calls a product back: who bought it asks, some send it back unharmed.
    recalled: str | None = None
    recalled_on: float = 0
    # From this day on so many a day ask where the money is that a bank holds back.
    unpaid_from: float | None = None
    unpaid: float = 5.0
    # A ring of accounts with phones of their own that have parcels sent to each
    # other's, and keep some of what they buy.
    mixed: bool = False
    ring_keeps: float = 0.0
    ring_reason: str = "dislike"


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
# What the others did not plant: a wrong article, late answers without a promise, a
# smaller festival, other goods, a ring with other marks, a recall, money held back.
THIRD = Plot(
    bad="P10",
    bad_days=(2, DAYS),
    bad_share=0.35,
    fault="damaged",
    striker="steady",
    strike=(11.6, 12.8),
    flood=(12, 13),
    flood_size=0.3,
    promiser=0,
    ring=5,
    mixed=True,
    ring_orders=4,
    ring_keeps=0.25,
    ring_reason="defect",
    ring_back=(3, 9),
    owed_from=20,
    owed=0,
    surge=10,
    surge_size=1.8,
    more=True,
    wrong_from=3,
    late_agent=2,
    late_from=5,
    recalled="P05",
    recalled_on=7.5,
    unpaid_from=8,
)
