"""What the supervisor and the annotator go through each morning."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from aftercare.demo_month.words import line, scripts
from aftercare.demo_month.world import World
from aftercare.services.alerts import desk as alerts
from aftercare.services.console import nlu, review
from aftercare.services.quality import desk as quality
from aftercare.services.quality import review as readings
from aftercare.services.quality.check import DISPUTED, OPEN, REJECTED
from aftercare.services.risk import desk as risk
from aftercare.services.surveys import followups

DAY = timedelta(days=1)
READ_A_DAY, MARKED_A_DAY, JUDGED_A_DAY = 6, 3, 1
# Findings and alerts are left for a while: some are open when the console is seen.
DECIDES, DISPUTES, CLOSES, CALLS = 0.35, 0.15, 0.4, 0.5
REAL = 0.7
LOOKED_AT, FOUND_BAD = 0.5, 0.35
# Nobody knows sooner what an alert was.
LOOKS = 2.5 * DAY
# Some calls are late, so that the page shows what a late one looks like.
CALLS_AFTER = 4 * DAY


def morning(world: World, at: datetime) -> None:
    """Read, decide, call back, correct, as far as a morning goes."""
    random = world.random("morning", at.date())
    _read(world, at, random)
    _findings(world, at, random)
    _followups(world, at, random)
    _alerts(world, at, random)
    _marks(world, at, random)
    _understood(world, at)


def _read(world: World, at: datetime, random: Random) -> None:
    """Read picked talks; one with a finding that holds is faulty."""
    held = {
        item["conversation_id"]
        for item in quality.listed(world.engine)
        if item["state"] != REJECTED and item["severity"] == "high"
    }
    for item in readings.to_review(world.engine)[:READ_A_DAY]:
        talk_id = item["conversation_id"]
        faulty = talk_id in held and random.random() < 0.8
        note = line("judged_bad" if faulty else "judged_fine")
        boss = world.team.supervisor
        readings.judge(world.engine, boss, talk_id, faulty=faulty, note=note, now=at)


def _findings(world: World, at: datetime, random: Random) -> None:
    """Dispute some of one's own findings, and decide some."""
    people = {agent.name: agent for agent in world.team.agents}
    for item in quality.listed(world.engine):
        mine = people.get(item["person"] or "")
        if item["state"] == OPEN and mine and random.random() < DISPUTES:
            quality.dispute(world.engine, mine, item["id"], line("dispute"), at)
        elif item["state"] in (OPEN, DISPUTED) and random.random() < DECIDES:
            holds = random.random() < (0.85 if item["state"] == OPEN else 0.5)
            boss, number = world.team.supervisor, item["id"]
            quality.decide(world.engine, boss, number, holds=holds, note="", now=at)


def _followups(world: World, at: datetime, random: Random) -> None:
    """Take what is new, close what was taken the day before."""
    boss = world.team.supervisor
    for task in followups.listed(world.engine, at):
        if task["at"] > at - CALLS_AFTER or random.random() >= CALLS:
            continue
        if task["state"] == followups.OPEN:
            followups.take(world.engine, boss, task["id"], at)
        else:
            outcome = random.choice(followups.OUTCOMES[:4])
            note = line("followed")
            followups.close(world.engine, boss, task["id"], outcome, note, at)


def _alerts(world: World, at: datetime, random: Random) -> None:
    """Take alerts on, and close some with what they were."""
    boss = world.team.supervisor
    for item in alerts.listed(world.engine):
        if item["state"] == "open":
            alerts.assign(world.engine, boss, item["id"], None, at)
        elif item["raised_at"] < at - LOOKS and random.random() < CLOSES:
            real = random.random() < REAL
            outcome = alerts.REAL if real else alerts.FALSE_ALARM
            note = line("alert_real" if real else "alert_false")
            alerts.close(world.engine, boss, item["id"], outcome, note, at)


def judge_risk(world: World, at: datetime) -> None:
    """Judge some of the night's notes; most who send back much are honest."""
    random, boss = world.random("risk"), world.team.supervisor
    notes = risk.listed(world.engine)
    for place, item in enumerate(notes[: max(2, round(len(notes) * LOOKED_AT))]):
        # One of each at least, so that the share of false alarms can be told.
        bad = place == 0 or (place > 1 and random.random() < FOUND_BAD)
        verdict, said = (risk.BAD, "risk_bad") if bad else (risk.FINE, "risk_fine")
        who = item["customer_id"]
        risk.judge(world.engine, boss, who, verdict, line(said), at)


def _marks(world: World, at: datetime, random: Random) -> None:
    """Mark a few talks of yesterday as reviewed, or for later."""
    lately = [k for k, visit in world.talks.items() if at - DAY < visit.at < at]
    for talk_id in random.sample(lately, min(MARKED_A_DAY, len(lately))):
        state = "reviewed" if random.random() < 0.8 else "later"
        review.set_state(world.engine, world.team.supervisor, talk_id, state, at)


def _understood(world: World, at: datetime) -> None:
    """Correct, as the scripts know it, what the assistant was unsure of."""
    meant = {
        text: turn.meant or turn.intent
        for script in scripts().values()
        for turn in script.turns
        for text in turn.say
    }
    found = nlu.inbox(world.engine, 20, since=at - 2 * DAY)["groups"]
    known = [group for group in found if group["text"] in meant]
    for group in known[:JUDGED_A_DAY]:
        wanted = meant[group["text"]]
        right = wanted == group["intent"]
        nlu.annotate(
            world.engine,
            world.team.annotator,
            [item["id"] for item in group["messages"]],
            at,
            verdict="correct" if right else "corrected",
            intent=None if right else wanted,
        )
