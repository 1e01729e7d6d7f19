"""What was said and understood in a period: the reports' part drawn from talks."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Text, case, cast, func, or_, select
from sqlalchemy.orm import Session

from aftercare.services.console.families import family_of, matter_of
from aftercare.store.desk import HandoverRow
from aftercare.store.review import MessageIndexRow, TalkDayRow

SENDERS = ("customer", "bot", "agent")
COUNTS = (*SENDERS, "understood", "fallback", "moods", "mood_sum", "negative")
NOTHING = "{}"
KEPT = 20_000  # of some hundred bytes each


def days_of(session: Session, first: date, last: date) -> Sequence[Row[Any]]:
    """Return the counts of each day of customers' conversations.

    Guests' trials are not in them. Added up in the database: a quarter has ten
    thousand conversations.
    """
    entry = TalkDayRow
    return session.execute(
        select(
            entry.day,
            func.count().label("conversations"),
            *(func.sum(getattr(entry, name)).label(name) for name in COUNTS),
        )
        .outerjoin(HandoverRow, HandoverRow.conversation_id == entry.conversation_id)
        .where(entry.day.between(first, last), HandoverRow.share_id.is_(None))
        .group_by(entry.day)
        .order_by(entry.day)
    ).all()


def understood(
    session: Session, first: date, last: date
) -> Sequence[Row[str, str, int]]:
    """Return for each conversation and day what was understood, as JSON, and what
    is open still. In a shop few of these texts differ, so that few need be read."""
    entry = TalkDayRow
    return session.execute(
        select(
            entry.conversation_id, cast(entry.intents, Text).label("seen"), entry.open
        )
        .outerjoin(HandoverRow, HandoverRow.conversation_id == entry.conversation_id)
        .where(
            entry.day.between(first, last),
            HandoverRow.share_id.is_(None),
            or_(entry.customer > 0, entry.open > 0),
        )
        .order_by(entry.day)
    ).all()


def by_day(days: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Return how much was said on each day."""
    names = (*SENDERS, "conversations")
    return [
        {"at": row.day.isoformat(), **{name: getattr(row, name) for name in names}}
        for row in days
    ]


def by_hour(session: Session, first: date, last: date) -> list[dict[str, Any]]:
    """Return how much was said in each hour, in the shop's clock."""
    entry = MessageIndexRow
    rows = session.execute(
        select(
            entry.day,
            entry.hour,
            *(
                func.sum(case((entry.sender == name, 1), else_=0)).label(name)
                for name in SENDERS
            ),
            func.count(entry.conversation_id.distinct()).label("conversations"),
        )
        .outerjoin(HandoverRow, HandoverRow.conversation_id == entry.conversation_id)
        .where(entry.day.between(first, last), HandoverRow.share_id.is_(None))
        .group_by(entry.day, entry.hour)
        .order_by(entry.day, entry.hour)
    )
    return [
        {
            "at": f"{row.day}T{row.hour:02}:00",
            **{name: getattr(row, name) for name in (*SENDERS, "conversations")},
        }
        for row in rows
    ]


def resolved(
    talks: Sequence[Row[str, str, int]], human: Collection[str]
) -> dict[str, Any]:
    """Return whether the bot or a person settled each talk, by what it was about."""
    waiting = {row.conversation_id for row in talks if row.open}
    seen: dict[str, list[str]] = defaultdict(list)
    for row in talks:
        if row.seen != NOTHING:
            seen[row.conversation_id].append(row.seen)
    counts: Counter[str] = Counter()
    families: dict[str, Counter[str]] = defaultdict(Counter)
    for talk_id, texts in seen.items():
        by = "human" if talk_id in human else "open" if talk_id in waiting else "bot"
        counts[by] += 1
        families[_matter(tuple(texts))][by] += 1
    done = counts["bot"] + counts["human"]
    return {
        **{name: counts[name] for name in ("bot", "human", "open")},
        "rate": counts["bot"] / done if done else None,
        "by_family": [
            {"family": name, "bot": found["bot"], "human": found["human"]}
            for name, found in sorted(families.items())
        ],
    }


@lru_cache(maxsize=KEPT)
def _matter(days: tuple[str, ...]) -> str:
    """Return what a conversation was about, from the intents of its days as JSON.

    Days that are over are asked for again and again, and say the same.
    """
    counts: dict[str, int] = {}
    for text in days:
        for name, count in json.loads(text).items():
            counts[name] = counts.get(name, 0) + count
    named = sorted(counts, key=lambda name: -counts[name])
    return matter_of(named) or family_of(named[0])


def fallback(days: Sequence[Row[Any]]) -> dict[str, Any]:
    """Return how often nothing was understood, of what was read."""
    read = sum(row.understood for row in days)
    count = sum(row.fallback for row in days)
    return {"count": count, "of": read, "rate": count / read if read else None}


def sentiment(days: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Return how customers felt on each day, from -1 to 1."""
    return [
        {
            "day": row.day,
            "mean": row.mood_sum / row.moods,
            "negative": row.negative,
            "count": row.moods,
        }
        for row in days
        if row.moods
    ]
