"""Who comes when, about what: drawn once from a seed, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from aftercare.demo_month.clock import in_hours
from aftercare.demo_month.goods import Piece, Pieces
from aftercare.demo_month.words import Script, scripts
from aftercare.domain.calendar import SHOP_ZONE

DAYS = 30
# So many of each kind, and the rest as it comes.
EACH, TALKS = 2, 180
# Visits an hour by the shop's clock: two peaks, few at night.
HOURS = (2, 1, 1, 0, 0, 1, 2, 3, 6, 9, 11, 10, 8, 8, 9, 10, 9, 7, 7, 9, 12, 12, 9, 5)
WEEKEND = 1.35
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
LAST = 40 * MINUTE
# Lately one product's soles come off: something for the alerts to see.
BATCH, BATCH_TALKS, BATCH_DAYS = "exchange_run_sole", 10, 3
# Talks that are not over when the console is opened first, by how; without a word
# it is the case they led to that waits.
WAITING, HELD = "waiting", "held"
# What came back and was then forgotten: its refund is late by law, or will be soon.
FORGOTTEN, DAY_MINUTES = "forgotten", 24 * 60
OPEN = (
    ("human_now", WAITING, 4),
    ("upset_late", WAITING, 11),
    ("track_stalled", WAITING, 2),
    ("address", HELD, 17),
    ("upset_quality", HELD, 24),
    ("human_now", HELD, 9),
    ("complaint", "", 95),
    ("refund_damaged", "", 150),
    ("not_received", "", 110),
    ("refund_intransit", "", 75),
    ("refund_dislike", FORGOTTEN, 14 * DAY_MINUTES),
    ("refund_size", FORGOTTEN, 13 * DAY_MINUTES),
    ("refund_dislike", FORGOTTEN, 8 * DAY_MINUTES),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One talk to come; `open` says how it is still open at the end, "" if not."""

    number: int
    at: datetime
    script: Script
    piece: Piece | None
    open: str = ""


def plan(free: list[Piece], now: datetime, seed: int) -> list[Visit]:
    """Return the visits of the days before `now`, in order of time."""
    random, found = Random(seed), scripts()
    usual = [script for script in found.values() if script.weight]
    kinds = usual * EACH + _drawn(usual, random)
    hours = _Hours(now)
    # Those of one product first: else others have taken what there is of it.
    wanted = [
        (now - random.uniform(0.1, BATCH_DAYS) * DAY, found[BATCH], "")
        for _ in range(BATCH_TALKS)
    ]
    wanted += [
        (now - minutes * MINUTE, found[name], how) for name, how, minutes in OPEN
    ]
    wanted += sorted(
        ((hours.moment(script, random), script, "") for script in kinds),
        key=lambda item: item[0],
    )
    known = Pieces(free)
    held = []
    for at, script, how in wanted:
        piece = known.take(script, at, random) if script.bought != "none" else None
        if piece is not None or script.bought == "none":
            held.append((at, script, piece, how))
    held.sort(key=lambda item: item[0])
    return [Visit(number, *item) for number, item in enumerate(held, 1)]


class _Hours:
    """The hours of the month, and how busy each is.

    A talk that needs people is held while they work: else a few waits over night
    would be most of all waiting. The last minutes are left to what is open still.
    """

    def __init__(self, now: datetime) -> None:
        self._now = now
        begin = now - DAYS * DAY
        self._hours = [begin + n * HOUR for n in range(DAYS * 24)]
        self._busy = [_busy(hour) for hour in self._hours]
        self._served = [
            busy if _works(hour) else 0.0
            for hour, busy in zip(self._hours, self._busy, strict=True)
        ]

    def moment(self, script: Script, random: Random) -> datetime:
        """Return a moment for a talk."""
        if script.lately:
            at = self._now - random.uniform(1, script.lately) * HOUR
        else:
            weights = self._busy if script.human is None else self._served
            at = random.choices(self._hours, weights)[0]
            at += random.uniform(0, 60) * MINUTE
        return min(at, self._now - LAST)


def _works(at: datetime) -> bool:
    """Return whether people work then, and for long enough to end a talk."""
    return all(in_hours(moment) == moment for moment in (at, at + 2 * HOUR))


def _busy(hour: datetime) -> float:
    local = hour.astimezone(SHOP_ZONE)
    return HOURS[local.hour] * (WEEKEND if local.weekday() >= 5 else 1.0)


def _drawn(usual: list[Script], random: Random) -> list[Script]:
    return random.choices(usual, [script.weight for script in usual], k=TALKS)
