"""Volumes, waits, moods: what the talks of the last hours are like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aftercare.services.alerts.types import MOST_EXAMPLES, Report, hours_of
from aftercare.store.desk import DeskEventRow
from aftercare.store.messages import MessageRow
from aftercare.store.review import MessageIndexRow
from analytics.alerts import Jump, Rate, jumps, surprising

HOUR = timedelta(hours=1)
PAST = timedelta(days=28)
SEASON = 24
# Hours together, and how many such make a season: of days that is the week.
BLOCKS = ((6, 4), (24, 7))
Floats = NDArray[np.float64]
LATE_S = 180.0
NEGATIVE = -0.3
TAKEN = ("taken", "assigned", "stepped_in")
# What customers ask about, by what could be behind it.
PARCEL = frozenset(
    {
        "track_logistics",
        "ask_delivery_time",
        "report_not_received",
        "ask_order_status",
    }
)
FAULT = frozenset(
    {"report_damage", "report_defect", "report_wrong_item", "report_missing_item"}
)


def volumes(session: Session, now: datetime) -> Iterator[Report]:
    """Report an hour with far more, or far fewer, customers' messages than usual.

    A festival is no one hour's: six hours together with far more are reported too,
    and a whole day.
    """
    first = _hour(now) - PAST
    bucket = hours_of(session, MessageRow.at)
    rows = session.execute(
        select(bucket, func.count())
        .where(
            MessageRow.at >= first,
            MessageRow.at < _hour(now),
            MessageRow.sender == "customer",
        )
        .group_by(bucket)
    )
    hours = int(PAST / HOUR)
    counts = np.zeros(hours)
    begin = int(first.timestamp()) // 3600
    for hour, count in rows:
        place = int(hour) - begin
        if 0 <= place < hours:
            counts[place] = count
    # Before the first message there was no shop to be quiet.
    known = np.flatnonzero(counts)
    if not len(known):
        return
    lived = counts[known[0] :]
    found = _newest(lived, SEASON, 1)
    for long, season in BLOCKS:
        blocks = len(lived) // long
        if found is None and blocks:
            whole = lived[-blocks * long :].reshape(blocks, long).sum(1)
            found = _newest(whole, season, long)
    if found is not None:
        jump, long = found
        grown = _grown(session, now)
        yield Report(
            "volume_jump" if jump.z > 0 else "volume_drop",
            "shop",
            "high" if jump.z > 0 else "medium",
            {
                "seen": jump.seen,
                "usual": round(jump.usual, 1),
                "z": round(jump.z, 1),
                "hours": (jump.last - jump.first + 1) * long,
                "intents": grown,
            },
            causes=causes(str(item["intent"]) for item in grown),
        )


def _newest(counts: Floats, season: int, long: int) -> tuple[Jump, int] | None:
    """Return a jump that reaches to the last place, each of so many hours.

    Of places that are longer than an hour only a rise tells something new.
    """
    for jump in jumps(counts.tolist(), season):
        if jump.last == len(counts) - 1 and (long == 1 or jump.z > 0):
            return jump, long
    return None


def waits(session: Session, now: datetime) -> Iterator[Report]:
    """Report when more customers than usual wait over three minutes for a person."""
    events = session.execute(
        select(DeskEventRow.conversation_id, DeskEventRow.kind, DeskEventRow.at)
        .where(
            DeskEventRow.at >= now - PAST,
            DeskEventRow.at <= now,
            DeskEventRow.kind.in_(("asked", "closed", "given_back", *TAKEN)),
        )
        .order_by(DeskEventRow.id)
    )
    since: dict[str, datetime] = {}
    ended: list[tuple[datetime, float]] = []
    for talk, kind, at in events:
        if kind == "asked":
            since[talk] = at
        elif talk in since:
            ended.append((at, (at - since.pop(talk)).total_seconds()))
    # Who still waits counts with the wait so far.
    ended += [(now, (now - at).total_seconds()) for at in since.values()]
    recent = [late for at, late in ended if at > now - 2 * HOUR]
    past = [late for at, late in ended if at <= now - 2 * HOUR]
    rate = Rate(
        "shop",
        sum(late > LATE_S for late in recent),
        len(recent),
        sum(late > LATE_S for late in past),
        len(past),
    )
    for found in surprising([rate]):
        yield Report(
            "waits",
            "shop",
            "high",
            {
                "seen": found.seen,
                "usual": round(found.usual, 1),
                "of": len(recent),
                "p": found.p,
                "longest_s": round(max(recent)),
            },
            sorted(since, key=lambda talk: since[talk])[:MOST_EXAMPLES],
        )


def moods(session: Session, now: datetime) -> Iterator[Report]:
    """Report when more messages than usual sound angry or let down."""

    def heard(first: datetime, last: datetime) -> tuple[int, int]:
        span = (
            MessageIndexRow.at > first,
            MessageIndexRow.at <= last,
            MessageIndexRow.sentiment.is_not(None),
        )
        total = session.scalar(select(func.count()).where(*span)) or 0
        bad = session.scalar(
            select(func.count()).where(*span, MessageIndexRow.sentiment < NEGATIVE)
        )
        return bad or 0, total

    day = now - timedelta(days=1)
    bad, total = heard(day, now)
    past_bad, past = heard(now - PAST, day)
    for found in surprising([Rate("shop", bad, total, past_bad, past)], least=10):
        talks = session.scalars(
            select(MessageIndexRow.conversation_id)
            .where(MessageIndexRow.at > day, MessageIndexRow.sentiment < NEGATIVE)
            .distinct()
            .limit(MOST_EXAMPLES)
        ).all()
        grown = _grown(session, now)
        yield Report(
            "mood",
            "shop",
            "medium",
            {
                "seen": found.seen,
                "usual": round(found.usual, 1),
                "of": total,
                "p": found.p,
                "intents": grown,
            },
            list(talks),
            causes(str(item["intent"]) for item in grown),
        )


def _grown(session: Session, now: datetime) -> list[dict[str, float | str]]:
    """Return the intents that grew most in the last day, as the explanation."""
    day = now - timedelta(days=1)

    def counted(first: datetime, last: datetime) -> Counter[str]:
        rows = session.execute(
            select(MessageIndexRow.intent, func.count())
            .where(
                MessageIndexRow.at > first,
                MessageIndexRow.at <= last,
                MessageIndexRow.intent.is_not(None),
            )
            .group_by(MessageIndexRow.intent)
        )
        return Counter({str(intent): count for intent, count in rows})

    new, old = counted(day, now), counted(now - PAST, day)
    days = PAST / timedelta(days=1) - 1
    gains = {name: new[name] - old[name] / days for name in new}
    best = sorted(gains, key=lambda name: -gains[name])[:3]
    return [
        {"intent": name, "seen": new[name], "usual": round(old[name] / days, 1)}
        for name in best
        if gains[name] > 0
    ]


def causes(intents: Iterable[str]) -> frozenset[str]:
    """Return what could be behind it that these are asked about."""
    names = set(intents)
    found = {"carrier:*"} if names & PARCEL else set()
    return frozenset(found | ({"product:*"} if names & FAULT else set()))


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
