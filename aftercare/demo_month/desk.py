"""The part of a talk that a person leads: the wait, the words, the end."""

from __future__ import annotations

from aftercare.demo_month import surveys
from aftercare.demo_month.clock import Story, in_hours
from aftercare.demo_month.plan import HELD, WAITING
from aftercare.demo_month.voice import SECOND, passes, said
from aftercare.demo_month.words import Human, one_of
from aftercare.demo_month.world import Talk
from aftercare.services.console import beside, takeover
from aftercare.services.console.audit import Actor
from aftercare.services.console.case_open import Wish, open_for_customer
from aftercare.services.console.composer import send
from aftercare.services.transfer import Trigger, transfer

# An answer that comes late now and then, for the audit to see.
LATE = 0.05
TAGS = 0.3
# How far a talk has come that is still led by a person at the end.
HELD_STEPS = 2


def serve(talk: Talk, human: Human) -> Story:
    """Put the talk in the queue and let an agent lead it to its end."""
    world, random, still = talk.world, talk.random, talk.visit.open
    transfer(world.engine, talk.id, Trigger(human.why), talk.at)
    if still == WAITING:
        passes(talk, 50, 80)
        yield talk.at
        said(talk, one_of("still_there", random))
        return
    agent = _agent(talk, human)
    passes(talk, *_wait(talk, human))
    if still != HELD:
        talk.at = in_hours(talk.at)
    yield talk.at
    takeover.take(world.engine, agent, talk.id, talk.at)
    steps = human.talk[:HELD_STEPS] if still == HELD else human.talk
    for number, (who, lines) in enumerate(steps):
        text = random.choice(lines).format(**_facts(talk))
        passes(talk, *_pause(talk, who))
        yield talk.at
        if who == "c":
            said(talk, text)
            continue
        if number and human.grant:
            _grant(talk, agent, human)
        _told(talk, agent, text)
    _beside(talk, agent, human)
    if still != HELD:
        passes(talk, 20, 120)
        yield talk.at
        _ended(talk, agent, human)


def _agent(talk: Talk, human: Human) -> Actor:
    agents = talk.world.team.agents
    return agents[human.agent - 1] if human.agent else talk.random.choice(agents)


def _wait(talk: Talk, human: Human) -> tuple[float, float]:
    """Return the bounds of the wait for a person, in seconds."""
    slow = talk.visit.open != HELD and talk.random.random() < human.slow
    return (200, 600) if slow else (12, 110)


def _pause(talk: Talk, who: str) -> tuple[float, float]:
    """Return how long a customer or an agent takes to write, in seconds."""
    if who == "c":
        return 8, 60
    return (190, 420) if talk.random.random() < LATE else (12, 80)


def _told(talk: Talk, agent: Actor, text: str) -> None:
    """Send an agent's words, also those the console warns of: some are rude."""
    send(
        talk.world.engine,
        agent,
        talk.id,
        client_id=talk.key(),
        text=text,
        now=talk.at,
        confirmed=True,
    )


def _facts(talk: Talk) -> dict[str, str]:
    return talk.facts() | {"place": "中转仓"}


def _grant(talk: Talk, agent: Actor, human: Human) -> None:
    """Give a compensation once, by the case an agent opens."""
    piece = talk.visit.piece
    if piece is None or talk.case_no:
        return
    fen = talk.random.choice(human.grant)
    wish = Wish(talk.id, "compensate", "defect", human.note, fen)
    world = talk.world
    done = open_for_customer(
        world.engine,
        agent,
        piece.line_id,
        wish,
        world.rules,
        talk.at,
        key=f"month-{talk.visit.number}",
    )
    talk.case_no = str(done.case["case_no"])


def _beside(talk: Talk, agent: Actor, human: Human) -> None:
    world = talk.world
    if human.tags and (talk.visit.open or talk.random.random() < TAGS * 2):
        beside.set_tags(world.engine, agent, talk.id, list(human.tags), talk.at)
    if human.note:
        boss = world.team.supervisor.account_id or 0
        mentions = [boss] if talk.random.random() < TAGS else []
        beside.add_note(world.engine, agent, talk.id, human.note, mentions, talk.at)


def _ended(talk: Talk, agent: Actor, human: Human) -> None:
    engine = talk.world.engine
    if human.give_back:
        takeover.give_back(engine, agent, talk.id, talk.at)
    else:
        takeover.close(
            engine, agent, talk.id, talk.at, reason=human.end, summary=human.note
        )
    surveys.soon(talk.world, talk.at + SECOND)
