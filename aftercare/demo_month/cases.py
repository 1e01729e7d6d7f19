"""What becomes of a case: goods come in, people decide, and money goes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from aftercare.demo_month import surveys
from aftercare.demo_month.clock import Part, Story, in_hours
from aftercare.demo_month.plan import FORGOTTEN
from aftercare.demo_month.understood import understanding
from aftercare.demo_month.voice import answered, said
from aftercare.demo_month.words import Turn, line, one_of
from aftercare.demo_month.world import Talk
from aftercare.domain.cases import CaseKind, CaseState
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.access import Viewer
from aftercare.services.cases import CaseView, note_return
from aftercare.services.console.case_desk import act, decide
from aftercare.services.conversations import Reply

HOUR = timedelta(hours=1)
REFUSES, KEEPS_GOODS, DECLINES = 0.12, 0.1, 0.1
# What people do with a case after it is approved, with the hours each takes.
AFTER: dict[CaseKind, tuple[tuple[str, float, float], ...]] = {
    CaseKind.RETURN_REFUND: (("receive_goods", 20, 70), ("finish", 3, 40)),
    CaseKind.EXCHANGE: (
        ("receive_goods", 20, 70),
        ("send_back", 4, 30),
        ("finish", 40, 80),
    ),
    CaseKind.REPAIR: (
        ("receive_goods", 24, 72),
        ("start_repair", 3, 20),
        ("send_back", 40, 160),
        ("finish", 30, 70),
    ),
    CaseKind.RESHIP: (("send_back", 4, 24), ("finish", 40, 90)),
    CaseKind.COMPLAINT: (("finish", 6, 60),),
}


def follow(talk: Talk, case: CaseView) -> Story:
    """Tell a case from its opening on, as far as time allows.

    It has moments of its own: the talk it came from goes on beside it.
    """
    talk = replace(talk, part="case", said=0)
    random = talk.world.random("case", talk.visit.number)
    forgotten = talk.visit.open == FORGOTTEN
    if case.state is CaseState.DONE:
        surveys.soon(talk.world, talk.at)
        return
    if case.state is CaseState.OPEN:
        yield _after(talk, random, 4, 30)
        action = "refuse" if random.random() < REFUSES else "approve"
        done = yield from _act(talk, random, action)
        if action == "refuse" or not done or case.kind is CaseKind.REFUND_ONLY:
            surveys.soon(talk.world, talk.at)
            return
    if case.kind in (CaseKind.RETURN_REFUND, CaseKind.EXCHANGE, CaseKind.REPAIR):
        if random.random() < KEEPS_GOODS and not forgotten:
            return  # never sent in: it waits for goods to this day
        talk.at += random.uniform(3, 40) * HOUR
        yield talk.at
        _sent(talk, random)
    for action, least, most in AFTER.get(case.kind, ()):
        yield _after(talk, random, least, most)
        if not (yield from _act(talk, random, action)) or forgotten:
            return
    surveys.soon(talk.world, talk.at)


def _after(talk: Talk, random: Random, least: float, most: float) -> datetime:
    """Let some hours go by, to a moment when people work."""
    talk.at = in_hours(talk.at + random.uniform(least, most) * HOUR)
    return talk.at


def _act(talk: Talk, random: Random, action: str) -> Part:
    """Do one thing; above the limit a second person allows it, at last."""
    engine, team = talk.world.engine, talk.world.team
    agent = team.anybody(random)
    allow = random.random() >= DECLINES
    for attempt in range(2):
        key = f"month:{talk.case_no}:{action}:{attempt}"
        done = act(engine, agent, talk.case_no, action, talk.at, key=key)
        if done.approval is None:
            return True
        yield _after(talk, random, 0.5, 6)
        # Declined once, and asked again with the reason.
        allow = allow or attempt > 0
        number = int(done.approval["id"])
        try:
            decide(engine, team.supervisor, number, allow, talk.at)
        except AftercareError as error:
            if error.reason is not Reason.FORBIDDEN:
                raise
            return False  # above their limit too: for an admin, yet to come
        if allow:
            return True
        yield _after(talk, random, 2, 6)
    return False


def _sent(talk: Talk, random: Random) -> None:
    """Let the customer say that the goods are on their way back."""
    world = talk.world
    waybill = f"SF{random.randrange(10**11, 10**12)}"
    message = said(talk, one_of("sent_back", random, waybill=waybill))
    talk.at += timedelta(seconds=2)
    viewer = Viewer(talk.id, talk.customer_id)
    note_return(world.engine, viewer, waybill, talk.at)
    turn = Turn(intent="inform", marks={"tracking_number": waybill})
    seen = understanding(turn, message.text, talk.visit.piece, random)
    told = line("noted", case=talk.case_no, waybill=waybill)
    answered(talk, message, [Reply(told)], seen)
