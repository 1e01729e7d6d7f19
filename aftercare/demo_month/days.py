"""The rounds of each day: what the shop does by itself, and what people go through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from aftercare.demo_month import rounds
from aftercare.demo_month.clock import Story
from aftercare.demo_month.plan import DAYS
from aftercare.demo_month.words import house
from aftercare.demo_month.world import World
from aftercare.domain.calendar import SHOP_ZONE, shop_day
from aftercare.services.alerts.watch import watch
from aftercare.services.console.index import catch_up
from aftercare.services.customers import campaigns
from aftercare.services.knowledge.gaps import draft_gaps
from aftercare.services.planning.nightly import make_plan
from aftercare.services.quality.check import check_ended
from aftercare.services.quality.review import pick_talks

# Articles are drafted from what was asked in vain a week long.
DRAFT_EVERY = 7
# Plans need four weeks: of these nights there is something to hold against what came.
PLANS = range(DAYS - 2, DAYS)
CAMPAIGN_AFTER = 8


def go_by(world: World, since: datetime) -> Story:
    """Tell the rounds of every day of the month."""
    first = shop_day(since)
    for n in range(DAYS + 1):
        for clock, do in ROUNDS:
            at = datetime.combine(first + timedelta(days=n), clock, SHOP_ZONE)
            if at >= since:
                yield at
                do(world, n, at)


def _night(world: World, n: int, at: datetime) -> None:
    catch_up(world.engine)
    check_ended(world.engine, at)
    if n in PLANS:
        make_plan(world.engine, at)


def _drafts(world: World, n: int, at: datetime) -> None:
    if n % DRAFT_EVERY == DRAFT_EVERY - 1:
        draft_gaps(world.engine, at)


def _pick(world: World, n: int, at: datetime) -> None:
    pick_talks(world.engine, at)


def _morning(world: World, n: int, at: datetime) -> None:
    rounds.morning(world, at)


def _noon(world: World, n: int, at: datetime) -> None:
    boss = world.team.supervisor
    if n == CAMPAIGN_AFTER and not campaigns.listed(world.engine, at):
        found = campaigns.add(world.engine, boss, dict(house()["campaign"]), at)
        campaigns.switch(world.engine, boss, found["id"], campaigns.RUNNING, at)
    campaigns.run(world.engine, at)


def _evening(world: World, n: int, at: datetime) -> None:
    watch(world.engine, at)


ROUNDS: tuple[tuple[time, Callable[[World, int, datetime], None]], ...] = (
    (time(0, 20), _night),
    (time(4), _drafts),
    (time(7), _pick),
    (time(10), _morning),
    (time(12), _noon),
    (time(20), _evening),
)
