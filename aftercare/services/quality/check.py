"""Checks talks: the urgent rules while they run, all rules when they have ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, and_, func, or_, select
from sqlalchemy.orm import Session

from aftercare.domain.conversation import Owner
from aftercare.services.console.mask import mask_text
from aftercare.services.quality.facts import TalkFacts, talk_facts
from aftercare.services.quality.scorecard import points_of, score_of
from aftercare.store.desk import HandoverRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.quality import FindingRow, TalkCheckRow
from aftercare.store.review import MessageIndexRow
from aftercare.store.unit_of_work import again_if_rivalled, read, write
from analytics.compliance import Finding, ages, audit_talk
from analytics.compliance.sampling import prior_risk

OPEN, CONFIRMED, REJECTED, DISPUTED = "open", "confirmed", "rejected", "disputed"
# What cannot wait until a talk has ended.
URGENT = ("promise_without_row", "personal_data_asked", "late_reply", "handover_owed")
RUNNING = timedelta(minutes=10)
# Messages of one moment are not all committed in their order.
MARGIN = timedelta(seconds=30)
# A talk in which nobody spoke for so long has ended, closed or not.
IDLE = timedelta(minutes=30)
LOOK_BACK = timedelta(days=2)
BATCH = 200
ANGRY = -0.3


def check_live(engine: Engine, now: datetime, since: datetime | None = None) -> int:
    """Check running talks by the urgent rules; return how many findings are new.

    With `since`, the moment of the last look, only the talks are read in which
    something was said, or has waited too long, after it.
    """
    since = max(since or now - RUNNING, now - RUNNING) - MARGIN
    with read(engine) as session:
        ids = session.scalars(_stirring(since, now)).all()
    return sum(
        _check_some(engine, ids[start : start + BATCH], since, now)
        for start in range(0, len(ids), BATCH)
    )


def _stirring(since: datetime, now: datetime) -> Any:
    """Return the query of the talks with a message that came to a telling age."""
    came = [
        and_(MessageRow.at >= since - age, MessageRow.at <= now - age) for age in ages()
    ]
    return select(MessageRow.conversation_id).where(or_(*came)).distinct()


def _check_some(
    engine: Engine, ids: Sequence[str], since: datetime, now: datetime
) -> int:
    with read(engine) as session:
        talks = talk_facts(session, ids)
    found: dict[str, list[Finding]] = {}
    for talk_id, talk in talks.items():
        all_found = audit_talk(
            talk.said, talk.facts, talk.closed_at or now, since=since
        )
        found[talk_id] = [f for f in all_found if f.rule.startswith(URGENT)]
    return _keep(engine, talks, found, now, live=True)


def check_ended(engine: Engine, now: datetime) -> dict[str, Any]:
    """Check every talk that ended since it was last checked."""
    checked = findings = 0
    while True:
        with read(engine) as session:
            ids = session.scalars(_ended(now)).all()
            if not ids:
                return {"talks": checked, "findings": findings}
            talks = talk_facts(session, ids)
            moods = _moods(session, ids)
        found = {talk_id: _audit(talk, now) for talk_id, talk in talks.items()}
        findings += _keep(engine, talks, found, now, live=False)
        _note_checked(engine, talks, moods, now)
        checked += len(ids)


def _audit(talk: TalkFacts, now: datetime) -> list[Finding]:
    # After a talk was closed nobody waits in it any more.
    return audit_talk(talk.said, talk.facts, talk.closed_at or now)


def _ended(now: datetime) -> Any:
    last = func.max(MessageRow.seq)
    return (
        select(MessageRow.conversation_id)
        .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        .outerjoin(
            TalkCheckRow, TalkCheckRow.conversation_id == MessageRow.conversation_id
        )
        .outerjoin(
            HandoverRow, HandoverRow.conversation_id == MessageRow.conversation_id
        )
        # What colleagues tried out is not the shop's service.
        .where(
            MessageRow.at >= now - LOOK_BACK,
            MessageRow.at <= now,
            HandoverRow.share_id.is_(None),
        )
        .group_by(
            MessageRow.conversation_id, ConversationRow.owner, TalkCheckRow.upto_seq
        )
        .having(
            last > func.coalesce(TalkCheckRow.upto_seq, 0),
            or_(
                ConversationRow.owner == Owner.CLOSED,
                func.max(MessageRow.at) < now - IDLE,
            ),
        )
        .limit(BATCH)
    )


def _keep(
    engine: Engine,
    talks: dict[str, TalkFacts],
    found: dict[str, list[Finding]],
    now: datetime,
    *,
    live: bool,
) -> int:
    """Store what is not known yet; two processes store it once."""
    if not any(found.values()):
        return 0
    # Covered before the write begins: nothing waits for the lock meanwhile.
    quotes = {
        text: mask_text(text)
        for items in found.values()
        for item in items
        for text in (item.sentence, item.words)
    }

    def store() -> int:
        fresh = 0
        with write(engine) as session:
            known = {
                (row.conversation_id, row.seq, row.rule, row.start)
                for row in session.scalars(
                    select(FindingRow).where(FindingRow.conversation_id.in_(found))
                )
            }
            for talk_id, items in found.items():
                for item in items:
                    key = (talk_id, item.seq or 0, item.rule, item.start)
                    if key not in known:
                        known.add(key)
                        row = _row(talk_id, talks[talk_id], item, quotes, now)
                        row.live = live
                        session.add(row)
                        fresh += 1
        return fresh

    return again_if_rivalled(store)


def _row(
    talk_id: str,
    talk: TalkFacts,
    item: Finding,
    quotes: dict[str, str],
    now: datetime,
) -> FindingRow:
    seq = item.seq or 0
    return FindingRow(
        conversation_id=talk_id,
        seq=seq,
        rule=item.rule,
        start=item.start,
        version=item.version,
        severity=item.severity,
        basis=item.basis,
        speaker=item.speaker,
        account_id=talk.agents.get(seq) or _silent_agent(talk, seq),
        sentence=quotes[item.sentence],
        words=quotes[item.words],
        at=now,
        state=OPEN,
    )


def _silent_agent(talk: TalkFacts, seq: int) -> int | None:
    """Return whose silence a customer's message met: who spoke last before it."""
    before = [n for n in talk.agents if n < seq]
    said = {item.seq: item for item in talk.said}
    if not before or said[seq].speaker != "customer":
        return None
    return talk.agents[max(before)]


def _note_checked(
    engine: Engine, talks: dict[str, TalkFacts], moods: dict[str, float], now: datetime
) -> None:
    with write(engine) as session:
        points = points_of(session)
        rows: dict[str, list[FindingRow]] = {talk_id: [] for talk_id in talks}
        for row in session.scalars(
            select(FindingRow).where(FindingRow.conversation_id.in_(talks))
        ):
            rows[row.conversation_id].append(row)
        for talk_id, talk in talks.items():
            check = session.get(TalkCheckRow, talk_id)
            if check is None:
                check = TalkCheckRow(conversation_id=talk_id, note="")
                session.add(check)
            check.upto_seq, check.at = talk.last_seq, now
            check.score = score_of(rows[talk_id], points)
            check.risk = prior_risk(_signals(talk, rows[talk_id], moods.get(talk_id)))


def _signals(
    talk: TalkFacts, rows: Sequence[FindingRow], mood: float | None
) -> dict[str, float]:
    counted = [row for row in rows if row.state != REJECTED]
    severe = sum(row.severity == "high" for row in counted)
    return {
        "severe": float(severe),
        "other_findings": float(len(counted) - severe),
        "angry": float(mood is not None and mood < ANGRY),
        "handed_over": float(bool(talk.facts.handed_over)),
        "money": float(any(kind == "refund" for kind, _ in talk.facts.rows)),
        "by_agent": float(bool(talk.agents)),
    }


def _moods(session: Session, ids: Sequence[str]) -> dict[str, float]:
    """Return the worst mood heard in each talk, where the index knows one."""
    rows = session.execute(
        select(MessageIndexRow.conversation_id, func.min(MessageIndexRow.sentiment))
        .where(
            MessageIndexRow.conversation_id.in_(ids),
            MessageIndexRow.sentiment.is_not(None),
        )
        .group_by(MessageIndexRow.conversation_id)
    )
    return {talk_id: float(mood) for talk_id, mood in rows if mood is not None}
