"""The numbers of a period; each comes with the filter that shows what is behind it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import mean, median, quantiles
from typing import Any

from sqlalchemy import Engine, Row, select
from sqlalchemy.orm import Session, aliased

from aftercare.domain.calendar import SHOP_ZONE, shop_day
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console import talkfigures
from aftercare.services.console.case_views import OWED, RUNNING
from aftercare.services.console.index import catch_up
from aftercare.services.console.options import Options, options_in
from aftercare.services.console.review import day_start
from aftercare.store.cases import CaseRow
from aftercare.store.console import AccountRow
from aftercare.store.desk import DeskEventRow
from aftercare.store.messages import MessageRow
from aftercare.store.models import RefundRow
from aftercare.store.review import AGENT
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import read
from analytics.satisfaction import wilson

LONGEST = timedelta(days=92)
SOON_DAYS = 3
CONTENT = 4
# Days left until the legal deadline, from overdue to far.
AGES = (("overdue", -10_000, -1), ("today", 0, 0), ("soon", 1, 3), ("week", 4, 7))
ASKED = "asked"
TAKEN = ("taken", "assigned", "stepped_in")


def dashboards(
    engine: Engine, first: date, last: date, bucket: str, now: datetime
) -> dict[str, Any]:
    """Return all figures of a period of Shanghai days, both included.

    Raises:
        AftercareError: MALFORMED for a period backwards or over 92 days.
    """
    if not timedelta() <= last - first <= LONGEST:
        raise AftercareError(Reason.MALFORMED, "period")
    catch_up(engine)
    start, end = day_start(first), day_start(last + timedelta(days=1))
    with read(engine) as session:
        found = options_in(session)
        days = talkfigures.days_of(session, first, last)
        events = _events(session, start, end)
        replies = _replies(session, start, end)
        return {
            "volume": (
                talkfigures.by_hour(session, first, last)
                if bucket == "hour"
                else talkfigures.by_day(days)
            ),
            "waiting": _waiting(events),
            "reply": _reply_rate([item[1:] for item in replies], found),
            "resolved": talkfigures.resolved(
                talkfigures.understood(session, first, last), _taken(events)
            ),
            "handover": _handover(events),
            "fallback": talkfigures.fallback(days),
            "sentiment": talkfigures.sentiment(days),
            "satisfaction": _satisfaction(session, start, end),
            "refunds": _refunds(session, start, end),
            "cases": _cases(session, now),
            "agents": _agents(session, events, replies, found),
            "filters": {"from": first, "to": last},
        }


def _events(session: Session, start: datetime, end: datetime) -> Sequence[Row[Any]]:
    """Return who asked for a person and who took a chat, in the order it happened."""
    entry = DeskEventRow
    return session.execute(
        select(
            entry.conversation_id,
            entry.kind,
            entry.at,
            entry.account_id,
            entry.detail["trigger"].as_string().label("trigger"),
        )
        .where(entry.at >= start, entry.at < end, entry.kind.in_((ASKED, *TAKEN)))
        .order_by(entry.id)
    ).all()


def _taken(events: Sequence[Row[Any]]) -> set[str]:
    return {event.conversation_id for event in events if event.kind in TAKEN}


def _waiting(events: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Return how long customers waited for a person, by the hour they asked."""
    asked: dict[str, datetime] = {}
    waits: dict[int, list[float]] = defaultdict(list)
    for event in events:
        if event.kind == ASKED:
            asked[event.conversation_id] = event.at
        elif event.kind in TAKEN and event.conversation_id in asked:
            since = asked.pop(event.conversation_id)
            hour = since.astimezone(SHOP_ZONE).hour
            waits[hour].append((event.at - since).total_seconds())
    return [
        {
            "hour": hour,
            "median_s": median(found),
            "p90_s": quantiles(found, n=10)[-1] if len(found) > 1 else found[0],
            "count": len(found),
        }
        for hour, found in sorted(waits.items())
    ]


def _replies(
    session: Session, start: datetime, end: datetime
) -> list[tuple[int, datetime, float]]:
    """Return the customers' messages that people answered: by whom, when asked,
    after how many seconds. An answer marks what it answers with its own moment."""
    asked, said = aliased(MessageRow), aliased(MessageRow)
    rows = session.execute(
        select(said.payload["agent"]["id"].as_integer(), asked.at, said.at)
        .join(
            asked,
            (asked.conversation_id == said.conversation_id)
            & (asked.answered_at == said.at)
            & (asked.sender == "customer"),
        )
        .where(said.sender == AGENT, said.at >= start, said.at < end)
    )
    return [
        (agent, at, (then - at).total_seconds())
        for agent, at, then in rows
        if agent is not None
    ]


def _reply_rate(
    replies: Sequence[tuple[datetime, float]], found: Options
) -> dict[str, Any]:
    """Return the rate of replies in time, in the hours that count."""
    first, last = found.report_hours
    counted = [
        seconds
        for at, seconds in replies
        if first <= at.astimezone(SHOP_ZONE).hour < last
    ]
    within = sum(seconds <= found.reply_target_s for seconds in counted)
    return {
        "within_target": within,
        "count": len(counted),
        "rate": within / len(counted) if counted else None,
        "first_median_s": median(counted) if counted else None,
        "average_s": mean(counted) if counted else None,
    }


def _handover(events: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    counts = Counter(event.trigger or ASKED for event in events if event.kind == ASKED)
    return [{"trigger": name, "count": n} for name, n in counts.most_common()]


def _satisfaction(session: Session, start: datetime, end: datetime) -> dict[str, Any]:
    """Return what customers answered: mean, share of 4 and 5 with its interval."""
    rows = session.execute(
        select(SurveyRow.answered_at, SurveyRow.score).where(
            SurveyRow.answered_at >= start,
            SurveyRow.answered_at < end,
            SurveyRow.score.is_not(None),
        )
    ).all()
    days: dict[date, list[int]] = defaultdict(list)
    answers = [(at, score) for at, score in rows if at is not None and score]
    for at, score in answers:
        days[shop_day(at)].append(score)
    scores = [score for _, score in answers]
    share = wilson(sum(score >= CONTENT for score in scores), len(scores))
    return {
        "count": len(scores),
        "mean": mean(scores) if scores else None,
        "content": share.value if scores else None,
        "low": share.low if scores else None,
        "high": share.high if scores else None,
        "by_day": [
            {"day": day, "mean": mean(found), "count": len(found)}
            for day, found in sorted(days.items())
        ],
    }


def _refunds(session: Session, start: datetime, end: datetime) -> dict[str, Any]:
    rows = session.execute(
        select(RefundRow.amount_fen, RefundRow.at, CaseRow.reason)
        .outerjoin(CaseRow, CaseRow.case_no == RefundRow.case_no)
        .where(RefundRow.at >= start, RefundRow.at < end)
    ).all()
    reasons: dict[str, list[int]] = defaultdict(list)
    days: dict[date, list[int]] = defaultdict(list)
    for amount, at, reason in rows:
        reasons[reason or "other"].append(amount)
        if at is not None:
            days[shop_day(at)].append(amount)
    return {
        "amount_fen": sum(row[0] for row in rows),
        "count": len(rows),
        "by_reason": [
            {"reason": name, "count": len(found), "amount_fen": sum(found)}
            for name, found in sorted(reasons.items())
        ],
        "by_day": [
            {"day": day, "count": len(found), "amount_fen": sum(found)}
            for day, found in sorted(days.items())
        ],
    }


def _cases(session: Session, now: datetime) -> dict[str, Any]:
    rows = session.execute(
        select(CaseRow.case_no, CaseRow.state, CaseRow.deadline).where(
            CaseRow.state.in_(RUNNING)
        )
    ).all()
    today = shop_day(now)
    left: list[dict[str, Any]] = [
        {"case_no": no, "deadline": end, "days_left": (end - today).days}
        for no, state, end in rows
        if end is not None and state in OWED
    ]
    left.sort(key=lambda item: item["days_left"])
    return {
        "open": len(rows),
        "overdue": sum(item["days_left"] < 0 for item in left),
        "by_age": [
            {"age": name, "count": sum(a <= i["days_left"] <= b for i in left)}
            for name, a, b in (*AGES, ("later", 8, 10_000))
        ],
        "by_state": [
            {"state": name, "count": count}
            for name, count in Counter(row[1] for row in rows).most_common()
        ],
        "soon": [item for item in left if item["days_left"] <= SOON_DAYS][:20],
    }


def _agents(
    session: Session,
    events: Sequence[Row[Any]],
    replies: Sequence[tuple[int, datetime, float]],
    found: Options,
) -> list[dict[str, Any]]:
    names = {row.id: row.name for row in session.scalars(select(AccountRow))}
    chats: dict[int, set[str]] = defaultdict(set)
    for event in events:
        if event.kind in TAKEN and event.account_id is not None:
            chats[event.account_id].add(event.conversation_id)
    waited: dict[int, list[float]] = defaultdict(list)
    for agent, _, seconds in replies:
        waited[agent].append(seconds)
    return [
        {
            "id": agent,
            "name": names.get(agent, ""),
            "chats": len(chats[agent]),
            "replies": len(waited[agent]),
            "within_target": sum(s <= found.reply_target_s for s in waited[agent]),
            "first_median_s": median(waited[agent]) if waited[agent] else None,
        }
        for agent in sorted({*chats, *waited})
    ]
