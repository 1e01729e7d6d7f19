"""Filling the demo shop with its month: once, and gone on with where it was cut off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine, func, select

from aftercare.demo_month import days, parcels, rounds, talk, team
from aftercare.demo_month.goods import check_shop, pieces
from aftercare.demo_month.plan import DAY, DAYS, plan
from aftercare.demo_month.world import PREFIX, World
from aftercare.services.console.index import catch_up
from aftercare.store.cases import CaseRow
from aftercare.store.console import ConsoleSettingRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import read, write

SEED = 20261127
MARK = "demo_month"
# What is begun by then is answered before the month ends.
BREATH = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Filled:
    """What the month came to."""

    talks: int
    messages: int
    cases: int
    ratings: int


def fill(engine: Engine, now: datetime, seed: int = SEED) -> Filled | None:
    """Write the month before `now`; None where it has been finished before.

    A run that was cut off is gone on with as of its own moment: talks it has begun
    are left as they are. `finish` marks the month as there.

    Raises:
        Refused: the database is not the demo shop.
    """
    check_shop(engine)
    begun = _begun(engine, now)
    if begun is None:
        return None
    since = begun - DAYS * DAY
    world = World(engine, team.team(engine, since), seed)
    team.furnish(engine, world.team, since)
    _once(engine, "parcels", partial(parcels.scan, engine, begun, seed))
    known = {number for number, _ in _known(engine)}
    for visit in plan(pieces(engine, since), begun, seed):
        if visit.number not in known:
            world.clock.begin(visit.at, talk.hold(world, visit))
    world.clock.begin(since, days.go_by(world, since))
    world.clock.run(begun - BREATH)
    team.leave(engine, world.team, now)
    catch_up(engine)
    return counted(engine)


def _once(engine: Engine, what: str, do: Callable[[], None]) -> None:
    """Do a part that must not be done again by a run that goes on with the month."""
    with read(engine) as session:
        if what in session.get_one(ConsoleSettingRow, MARK).value:
            return
    do()
    with write(engine) as session:
        row = session.get_one(ConsoleSettingRow, MARK)
        row.value = dict(row.value) | {what: True}


def judge(engine: Engine, now: datetime, seed: int = SEED) -> None:
    """Let the supervisor judge some of what the night's jobs noted."""
    rounds.judge_risk(World(engine, team.team(engine, now), seed), now)


def finish(engine: Engine, now: datetime) -> None:
    """Mark the month as there, so that it is never written twice."""
    with write(engine) as session:
        row = session.get_one(ConsoleSettingRow, MARK)
        row.value = dict(row.value) | {"done": now.isoformat()}


def counted(engine: Engine) -> Filled:
    """Count what is there of the month."""
    ids = [talk_id for _, talk_id in _known(engine)]
    with read(engine) as session:

        def count(table: type, column: object) -> int:
            query = select(func.count()).select_from(table).where(column.in_(ids))  # type: ignore[attr-defined]
            return session.scalar(query) or 0

        rated = select(func.count()).where(
            SurveyRow.score.is_not(None), SurveyRow.conversation_id.in_(ids)
        )
        return Filled(
            len(ids),
            count(MessageRow, MessageRow.conversation_id),
            count(CaseRow, CaseRow.conversation_id),
            session.scalar(rated) or 0,
        )


def _begun(engine: Engine, now: datetime) -> datetime | None:
    """Return the month's end, kept from the first run; None where it is there."""
    with write(engine) as session:
        row = session.get(ConsoleSettingRow, MARK)
        if row is None:
            value = {"begun": now.isoformat()}
            row = ConsoleSettingRow(key=MARK, value=value, at=now, by=MARK)
            session.add(row)
        if "done" in row.value:
            return None
        return datetime.fromisoformat(row.value["begun"])


def _known(engine: Engine) -> list[tuple[int, str]]:
    """Return the talks that were written, by their number in the plan."""
    with read(engine) as session:
        ids = session.scalars(
            select(ConversationRow.id).where(ConversationRow.id.startswith(PREFIX))
        )
        return [(int(talk_id.split("-")[1]), talk_id) for talk_id in ids]
