"""The invented people who serve: their accounts, shifts and ready replies."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import Engine, select

from aftercare.demo_month.words import house
from aftercare.domain.calendar import shop_day
from aftercare.services.console import accounts, beside, review
from aftercare.services.console.audit import SYSTEM, Actor
from aftercare.services.console.people import loads
from aftercare.services.console.rights import Role
from aftercare.services.planning.rota import Shift, copy_week, set_day
from aftercare.store.console import AccountRow
from aftercare.store.unit_of_work import read

EARLY, LATE = Shift(9 * 60, 16 * 60), Shift(15 * 60, 22 * 60)
WEEKS = 7


@dataclass(frozen=True, slots=True)
class Team:
    """Who supervises, who speaks, who corrects what was understood."""

    supervisor: Actor
    agents: tuple[Actor, ...]
    annotator: Actor

    def anybody(self, random: Random) -> Actor:
        """Return one of the agents."""
        return random.choice(self.agents)


def team(engine: Engine, since: datetime) -> Team:
    """Return the people, made where they are not there yet.

    Nobody knows their passwords: nobody signs in as them.
    """
    actors = [_person(engine, since, **item) for item in house()["team"]]
    by_role = {role: [a for a in actors if a.role == role] for role in Role}
    return Team(
        by_role[Role.SUPERVISOR][0],
        tuple(by_role[Role.AGENT]),
        by_role[Role.ANNOTATOR][0],
    )


def furnish(engine: Engine, found: Team, since: datetime) -> None:
    """Give the people shifts, ready replies and saved filters, and be there."""
    boss = found.supervisor
    first = shop_day(since)
    for place, agent in enumerate(found.agents):
        for n in range(7):
            shifts = [] if (n + 2 * place) % 7 == 0 else [(EARLY, LATE)[place % 2]]
            set_day(engine, boss, agent.account_id or 0, _on(first, n), shifts, since)
        beside.set_presence(engine, agent, "online", since)
    for week in range(1, WEEKS):
        copy_week(engine, boss, _on(first, 7 * week), since)
    known = {item["short"] for item in beside.canned(engine)}
    for item in house()["canned"]:
        if item["short"] not in known:
            beside.save_canned(engine, boss, now=since, **item)
    if not review.saved_filters(engine, boss):
        for item in house()["filters"]:
            review.save_filter(engine, boss, item["name"], item["query"], True)


def leave(engine: Engine, found: Team, now: datetime) -> None:
    """Let the people go: a shop must not give its customers to nobody.

    Who still holds a talk may not be gone, and has a break.
    """
    with read(engine) as session:
        busy = loads(session)
    for agent in found.agents:
        state = "break" if busy.get(agent.account_id or 0) else "offline"
        beside.set_presence(engine, agent, state, now)


def _on(first: date, days: int) -> date:
    return first + timedelta(days=days)


def _person(
    engine: Engine, since: datetime, login: str, name: str, role: str, skills: list[str]
) -> Actor:
    with read(engine) as session:
        known = session.scalar(select(AccountRow.id).where(AccountRow.login == login))
    if known is None:
        password = secrets.token_urlsafe(24)
        known = accounts.add(engine, login, name, password, Role(role), since)
        accounts.change_account(engine, SYSTEM, known, {"skills": skills}, since)
    return Actor(known, login, name, role)
