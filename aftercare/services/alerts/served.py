"""How customers are served: what they ask more, and answers late or of no help."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aftercare.services.alerts.traffic import causes
from aftercare.services.alerts.types import MOST_EXAMPLES, Report, days_back
from aftercare.store.console import AccountRow
from aftercare.store.knowledge import ArticleRow, ArticleUseRow
from aftercare.store.messages import MessageRow
from aftercare.store.quality import FindingRow
from aftercare.store.review import MessageIndexRow
from analytics.alerts import Rate, Surprise, spread_of, surprising
from analytics.alerts.rates import LEVEL

DAY = timedelta(days=1)
DAYS = 28
# A burst shows in one day, a slower rise in three: each for half of the false alarms.
WINDOWS = (1, 3)
LEAST = 8
# Many are looked at many times a day: at the usual level one would ring each month.
SURE = LEVEL / 4
# What is said in passing, and names no matter.
SMALL_TALK = frozenset(
    {
        "affirm",
        "bot_challenge",
        "chitchat",
        "deny",
        "goodbye",
        "greet",
        "inform",
        "out_of_scope",
        "rate_service",
        "stop",
        "thank",
    }
)
VERDICT_DAYS, LATE_DAYS = 7, 3


def questions(session: Session, now: datetime) -> Iterator[Report]:
    """Report what far more customers ask about than usual, whatever the cause.

    Against all that is asked: a busy day is no rise of each question. How much a
    question comes and goes from day to day by itself is told from its past.
    """
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * DAYS)
    back = days_back(session, MessageIndexRow.at, now)
    for intent, day, count in session.execute(
        select(
            MessageIndexRow.intent,
            back,
            func.count(MessageIndexRow.conversation_id.distinct()),
        )
        .where(
            MessageIndexRow.at > now - DAYS * DAY,
            MessageIndexRow.at <= now,
            MessageIndexRow.intent.is_not(None),
            MessageIndexRow.intent.not_in(SMALL_TALK),
        )
        .group_by(MessageIndexRow.intent, back)
    ):
        if 0 <= int(day) < DAYS:
            counts[str(intent)][int(day)] = count
    total = [sum(day) for day in zip(*counts.values(), strict=True)]
    best = _risen(counts, total)
    # One that is asked by everybody makes all others seem rare: looked at without it.
    for intent in best:
        total = [n - own for n, own in zip(total, counts[intent], strict=True)]
    rest = {name: days for name, days in counts.items() if name not in best}
    best |= _risen(rest, total)
    for intent, (found, window) in best.items():
        talks = session.scalars(
            select(MessageIndexRow.conversation_id)
            .where(
                MessageIndexRow.intent == intent,
                MessageIndexRow.at > now - window * DAY,
                MessageIndexRow.at <= now,
            )
            .group_by(MessageIndexRow.conversation_id)
            .order_by(func.max(MessageIndexRow.at).desc())
            .limit(MOST_EXAMPLES)
        ).all()
        yield Report(
            "question_rise",
            intent,
            "medium",
            {
                "seen": found.seen,
                "usual": round(found.usual, 1),
                "of": sum(sum(days[:window]) for days in counts.values()),
                "days": window,
                "p": found.p,
            },
            list(talks),
            causes({intent}),
        )


def _risen(
    counts: dict[str, list[int]], total: list[int]
) -> dict[str, tuple[Surprise, int]]:
    """Return what rose against the total, and in which window it shows best."""
    best: dict[str, tuple[Surprise, int]] = {}
    for window in WINDOWS:
        rates = [
            Rate(
                intent,
                sum(days[:window]),
                sum(total[:window]),
                sum(days[window:]),
                sum(total[window:]),
                spread_of(days[window:], total[window:]),
            )
            for intent, days in counts.items()
        ]
        for found in surprising(rates, level=SURE / 2, least=LEAST):
            known = best.get(found.subject)
            if known is None or found.p < known[0].p:
                best[found.subject] = (found, window)
    return best


def articles(session: Session, now: datetime) -> Iterator[Report]:
    """Report articles that customers find unhelpful more than before and than others.

    All versions are one past: a new version that answers worse is what is looked for.
    """
    first = now - VERDICT_DAYS * DAY
    uses = session.execute(
        select(
            ArticleUseRow.article_key,
            ArticleUseRow.at,
            ArticleUseRow.helpful,
            ArticleUseRow.conversation_id,
        )
        .where(
            ArticleUseRow.at > now - DAYS * DAY,
            ArticleUseRow.at <= now,
            ArticleUseRow.article_key.is_not(None),
            ArticleUseRow.helpful.is_not(None),
        )
        .order_by(ArticleUseRow.at.desc())
    ).all()
    new, old = Counter[str](), Counter[str]()
    judged, before = Counter[str](), Counter[str]()
    talks: dict[str, list[str]] = defaultdict(list)
    for key, at, helpful, talk in uses:
        name = str(key)
        (judged if at > first else before)[name] += 1
        if not helpful:
            (new if at > first else old)[name] += 1
            if at > first:
                talks[name].append(talk)
    rates = [
        Rate(name, new[name], count, old[name], before[name], share=True)
        for name, count in judged.items()
    ]
    for found in surprising(rates, level=SURE):
        row = session.scalars(
            select(ArticleRow)
            .where(ArticleRow.key == found.subject, ArticleRow.state == "live")
            .order_by(ArticleRow.version.desc())
            .limit(1)
        ).first()
        yield Report(
            "article_unhelpful",
            found.subject,
            "high",
            {
                "title": row.title if row else "",
                "version": row.version if row else None,
                "seen": found.seen,
                "usual": round(found.usual, 1),
                "of": judged[found.subject],
                "days": VERDICT_DAYS,
                "p": found.p,
            },
            list(dict.fromkeys(talks[found.subject]))[:MOST_EXAMPLES],
        )


def replies(session: Session, now: datetime) -> Iterator[Report]:
    """Report agents who let customers wait in the talk, more than before and others.

    If it is most of those at work, people are missing, and that is one report.
    """
    first = now - LATE_DAYS * DAY
    late = session.execute(
        select(FindingRow.account_id, FindingRow.at, FindingRow.conversation_id)
        .where(
            FindingRow.rule == "late_reply",
            FindingRow.state != "rejected",
            FindingRow.account_id.is_not(None),
            FindingRow.at > now - DAYS * DAY,
            FindingRow.at <= now,
        )
        .order_by(FindingRow.id.desc())
    ).all()
    if not any(at > first for _, at, _ in late):
        return
    new: dict[int, list[str]] = defaultdict(list)
    old = Counter[int]()
    for account, at, talk in late:
        if at > first:
            new[int(account or 0)].append(talk)
        else:
            old[int(account or 0)] += 1
    wrote, before = written(session, now, first, now - DAYS * DAY)
    rates = [
        Rate(str(who), len(new[who]), count, old[who], before[who])
        for who, count in wrote.items()
    ]
    slow = surprising(rates)
    if len(slow) > 1 and 2 * len(slow) > len(wrote):
        seen = sum(item.seen for item in slow)
        usual = sum(item.usual for item in slow)
        everyone = [talk for item in slow for talk in new[int(item.subject)]]
        figures = {"seen": seen, "usual": round(usual, 1), "agents": len(slow)}
        yield Report(
            "slow_replies", "shop", "medium", figures, everyone[:MOST_EXAMPLES]
        )
        return
    names = dict(session.execute(select(AccountRow.id, AccountRow.name)).all())
    for item in slow:
        who = int(item.subject)
        yield Report(
            "slow_replies",
            item.subject,
            "medium",
            {
                "title": names.get(who, ""),
                "seen": item.seen,
                "usual": round(item.usual, 1),
                "of": wrote[who],
                "days": LATE_DAYS,
                "p": item.p,
            },
            list(dict.fromkeys(new[who]))[:MOST_EXAMPLES],
            frozenset({f"agent:{who}"}),
        )


def written(
    session: Session, now: datetime, first: datetime, since: datetime
) -> tuple[Counter[int], Counter[int]]:
    """Return by agent the messages written after `first`, and those before it."""
    wrote, before = Counter[int](), Counter[int]()
    for payload, at in session.execute(
        select(MessageRow.payload, MessageRow.at).where(
            MessageRow.sender == "agent", MessageRow.at > since, MessageRow.at <= now
        )
    ):
        account = ((payload or {}).get("agent") or {}).get("id")
        if isinstance(account, int):
            (wrote if at > first else before)[account] += 1
    return wrote, before
