"""Duties: refunds owed by law, and agents whose talks break rules again and again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aftercare.domain.calendar import last_day, shop_day
from aftercare.domain.cases import FINE_DAYS, REFUND_DAYS, CaseKind, CaseState
from aftercare.services.alerts.served import written
from aftercare.services.alerts.types import MOST_EXAMPLES, Report
from aftercare.store.cases import CaseEventRow, CaseRow
from aftercare.store.console import AccountRow
from aftercare.store.quality import FindingRow
from analytics.alerts import Rate, surprising

# Said when three of the seven days are left, long before fines begin.
WARN_DAYS = 3
WEEK = timedelta(days=7)
PAST = timedelta(days=35)
DAY = timedelta(days=1)
PROMISE = "promise_without_row"
RULES = ("promise_without_row", "personal_data_asked", "rude", "forbidden_words")


def deadlines(session: Session, now: datetime) -> Iterator[Report]:
    """Report received goods whose refund is due soon or late, in one alert each."""
    rows = session.execute(
        select(CaseRow.case_no, func.min(CaseEventRow.at))
        .join(CaseEventRow, CaseEventRow.case_no == CaseRow.case_no)
        .where(
            CaseRow.kind == CaseKind.RETURN_REFUND,
            CaseRow.state == CaseState.GOODS_RECEIVED,
            CaseEventRow.after == CaseState.GOODS_RECEIVED,
            CaseEventRow.at <= now,
        )
        .group_by(CaseRow.case_no)
    )
    today = shop_day(now)
    left = {
        case_no: (last_day(received, REFUND_DAYS) - today).days
        for case_no, received in rows
    }
    near = sorted((n, c) for c, n in left.items() if 0 <= n <= WARN_DAYS)
    late = sorted((n, c) for c, n in left.items() if n < 0)
    if near:
        yield Report(
            "refund_due",
            "shop",
            "medium",
            {"seen": len(near), "days_left": near[0][0], "law_days": REFUND_DAYS},
            [case_no for _, case_no in near][:MOST_EXAMPLES],
        )
    if late:
        yield Report(
            "refund_overdue",
            "shop",
            "high",
            {
                "seen": len(late),
                "days_over": -late[0][0],
                "days_to_fine": max(FINE_DAYS - REFUND_DAYS + late[0][0], 0),
                "law_days": REFUND_DAYS,
            },
            [case_no for _, case_no in late][:MOST_EXAMPLES],
        )


def agents(session: Session, now: datetime) -> Iterator[Report]:
    """Report agents whose talks broke the gravest rules more than before and others.

    Exposure is how many messages they wrote. Of an agent without such a habit a
    single promise that no row keeps is reported too: a customer waits for it.
    """
    found = session.execute(
        select(
            FindingRow.account_id,
            FindingRow.at,
            FindingRow.conversation_id,
            FindingRow.rule,
            FindingRow.state,
        )
        .where(
            FindingRow.at > now - PAST,
            FindingRow.at <= now,
            FindingRow.rule.in_(RULES),
            FindingRow.state != "rejected",
            FindingRow.account_id.is_not(None),
        )
        .order_by(FindingRow.id.desc())
    ).all()
    if not found:
        return
    new: dict[int, list[str]] = defaultdict(list)
    old: Counter[int] = Counter()
    promised: dict[int, list[str]] = defaultdict(list)
    for account, at, talk, rule, state in found:
        if account is None:
            continue
        if rule == PROMISE and at > now - DAY and state in ("open", "confirmed"):
            promised[account].append(talk)
        if at > now - WEEK:
            new[account].append(talk)
        else:
            old[account] += 1
    wrote, before = written(session, now, now - WEEK, now - PAST)
    rates = [
        Rate(
            str(account),
            len(new[account]),
            wrote[account],
            old[account],
            before[account],
        )
        for account in wrote
    ]
    names = dict(session.execute(select(AccountRow.id, AccountRow.name)).all())
    for item in surprising(rates):
        account = int(item.subject)
        promised.pop(account, None)
        yield Report(
            "agent_findings",
            item.subject,
            "high",
            {
                "title": names.get(account, ""),
                "seen": item.seen,
                "usual": round(item.usual, 2),
                "of": wrote[account],
                "p": item.p,
            },
            list(dict.fromkeys(new[account]))[:MOST_EXAMPLES],
            frozenset({f"agent:{account}"}),
        )
    for account, talks in promised.items():
        yield Report(
            "unkept_promise",
            str(account),
            "high",
            {"title": names.get(account, ""), "seen": len(talks)},
            list(dict.fromkeys(talks))[:MOST_EXAMPLES],
            frozenset({f"agent:{account}"}),
        )
