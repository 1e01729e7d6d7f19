"""What a week looked like, from the rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, select

from aftercare.services.console.mask import mask_text
from aftercare.services.quality.facts import TAKEN, facts_of
from aftercare.services.report.causes import Causes, causes
from aftercare.services.report.outlook import Outlook, outlook
from aftercare.store.cases import CaseRow
from aftercare.store.desk import DeskEventRow
from aftercare.store.messages import MessageRow
from aftercare.store.models import RefundRow
from aftercare.store.unit_of_work import read
from analytics.compliance import Facts, Finding, Said, audit_talk
from analytics.topics import Topic, new_topics

DAYS = 7
BEFORE = timedelta(days=28)
MOST_TEXTS = 4_000


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days up to `last`; waits in seconds; texts are masked."""

    first: date
    last: date
    volume: dict[date, Counter[str]]
    waits: list[float]
    talks: int
    findings: list[Finding]
    topics: list[Topic]
    outlook: Outlook | None = None
    causes: Causes | None = None


def gather(engine: Engine, now: datetime) -> Week:
    """Return the week that ends at a moment."""
    since = now - timedelta(days=DAYS)
    with read(engine) as session:
        rows = session.scalars(
            select(MessageRow)
            .where(MessageRow.at >= since, MessageRow.at <= now)
            .order_by(MessageRow.conversation_id, MessageRow.seq)
        ).all()
        earlier = session.scalars(
            select(MessageRow.text)
            .where(
                MessageRow.at >= since - BEFORE,
                MessageRow.at < since,
                MessageRow.sender == "customer",
            )
            .order_by(MessageRow.id.desc())
            .limit(MOST_TEXTS)
        ).all()
        events = session.scalars(
            select(DeskEventRow)
            .where(DeskEventRow.at >= since, DeskEventRow.at <= now)
            .order_by(DeskEventRow.id)
        ).all()
        written = session.execute(
            select(CaseRow.conversation_id, CaseRow.kind, CaseRow.opened_at)
        ).all()
        paid = session.execute(
            select(CaseRow.conversation_id, RefundRow.at).join(
                CaseRow, CaseRow.case_no == RefundRow.case_no
            )
        ).all()
    facts = facts_of(events, written, paid)
    talks: dict[str, list[Said]] = defaultdict(list)
    volume: dict[date, Counter[str]] = defaultdict(Counter)
    asked: list[str] = []
    for row in rows:
        volume[row.at.date()][row.sender] += 1
        text = mask_text(str((row.payload or {}).get("title") or row.text))
        talks[row.conversation_id].append(
            Said(row.seq, row.sender, text, row.at)  # type: ignore[arg-type]
        )
        if row.sender == "customer" and not row.text.startswith("/"):
            asked.append(text)
    found = [
        item
        for talk_id, said in talks.items()
        for item in audit_talk(said, facts.get(talk_id, Facts()), now)
    ]
    old = [mask_text(text) for text in earlier if not text.startswith("/")]
    fresh = new_topics(old, asked[-MOST_TEXTS:]) if old else []
    return Week(
        since.date(),
        now.date(),
        volume,
        _waits(events),
        len(talks),
        found,
        fresh,
        outlook(engine, now),
        causes(engine, now),
    )


def _waits(events: Sequence[DeskEventRow]) -> list[float]:
    since: dict[str, datetime] = {}
    waits: list[float] = []
    for event in events:
        if event.kind == "asked":
            since[event.conversation_id] = event.at
        elif event.kind in TAKEN and event.conversation_id in since:
            gap = event.at - since.pop(event.conversation_id)
            waits.append(gap.total_seconds())
    return waits
