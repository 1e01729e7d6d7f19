"""Human review: a few talks a day, picked so that they find more than chance."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from aftercare.domain.calendar import shop_day
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.mask import mask_numbers
from aftercare.services.quality.facts import talk_facts
from aftercare.store.quality import TalkCheckRow
from aftercare.store.unit_of_work import read, write
from analytics.compliance.sampling import estimated_share, pick

A_DAY = 20
POOL = timedelta(days=1)
LEARN_FROM = timedelta(days=180)
MOST_LEARNED = 2_000


def pick_talks(engine: Engine, now: datetime, budget: int = A_DAY) -> dict[str, Any]:
    """Pick from the talks of the last day; with enough verdicts by what they taught."""
    with read(engine) as session:
        rows = session.execute(
            select(TalkCheckRow.conversation_id, TalkCheckRow.risk)
            .where(
                TalkCheckRow.at > now - POOL,
                TalkCheckRow.at <= now,
                TalkCheckRow.picked_at.is_(None),
            )
            .order_by(TalkCheckRow.conversation_id)
        ).all()
    if not rows:
        return {"picked": 0, "pool": 0}
    risks = [float(risk) for _, risk in rows]
    learned = _learned(engine, [talk_id for talk_id, _ in rows], now)
    if learned is not None:
        # Neither source knows all: rules know rows, verdicts know tones.
        risks = [max(a, b) for a, b in zip(risks, learned, strict=True)]
    chosen = pick(risks, budget, random_state=shop_day(now).toordinal())
    with write(engine) as session:
        for item in chosen:
            row = session.get_one(TalkCheckRow, rows[item.place][0])
            row.picked_at, row.picked_why, row.chance = now, item.why, item.chance
    by = "verdicts" if learned is not None else "signals"
    return {"picked": len(chosen), "pool": len(rows), "by": by}


def to_review(engine: Engine) -> list[dict[str, Any]]:
    """Return the picked talks that nobody has read yet, the riskiest first."""
    query = (
        select(TalkCheckRow)
        .where(TalkCheckRow.picked_at.is_not(None), TalkCheckRow.faulty.is_(None))
        .order_by(TalkCheckRow.picked_at.desc(), TalkCheckRow.risk.desc())
        .limit(200)
    )
    with read(engine) as session:
        return [
            {
                "conversation_id": row.conversation_id,
                "why": row.picked_why,
                "risk": row.risk,
                "score": row.score,
                "picked_at": row.picked_at,
            }
            for row in session.scalars(query)
        ]


def judge(
    engine: Engine,
    actor: Actor,
    talk_id: str,
    *,
    faulty: bool,
    note: str,
    now: datetime,
) -> None:
    """Keep a person's verdict on a picked talk.

    Raises:
        AftercareError: NOT_FOUND where the talk was not picked.
    """
    with write(engine) as session:
        row = session.get(TalkCheckRow, talk_id, with_for_update=True)
        if row is None or row.picked_at is None:
            raise AftercareError(Reason.NOT_FOUND)
        row.faulty, row.note = faulty, note
        row.reviewed_by, row.reviewed_at = actor.login, now
        record(session, actor, "quality.judge", now, talk_id, faulty=faulty)


def yields(engine: Engine, since: datetime) -> dict[str, Any]:
    """Return what reading found: among the risky, among the drawn, and in all.

    The drawn ones are what chance finds; `lift` is how much more the risky find.
    """
    with read(engine) as session:
        rows = session.execute(
            select(
                TalkCheckRow.picked_why, TalkCheckRow.faulty, TalkCheckRow.chance
            ).where(TalkCheckRow.faulty.is_not(None), TalkCheckRow.picked_at >= since)
        ).all()
    found: dict[str, Any] = {}
    for why in ("risk", "lot"):
        mine = [bool(faulty) for kind, faulty, _ in rows if kind == why]
        share = sum(mine) / len(mine) if mine else None
        found[why] = {"read": len(mine), "faulty": sum(mine), "share": share}
    risky, drawn = found["risk"]["share"], found["lot"]["share"]
    found["lift"] = risky / drawn if risky is not None and drawn else None
    found["estimated"] = estimated_share(
        [bool(faulty) for _, faulty, _ in rows], [chance or 1.0 for *_, chance in rows]
    )
    return found


def _learned(engine: Engine, ids: list[str], now: datetime) -> list[float] | None:
    # Learning libraries are for the nightly job, not for the web's start.
    from analytics.compliance.review import ReviewModel

    with read(engine) as session:
        judged = session.execute(
            select(TalkCheckRow.conversation_id, TalkCheckRow.faulty)
            .where(
                TalkCheckRow.faulty.is_not(None),
                TalkCheckRow.reviewed_at >= now - LEARN_FROM,
            )
            .limit(MOST_LEARNED)
        ).all()
        verdicts: dict[str, bool] = {
            talk_id: bool(faulty) for talk_id, faulty in judged
        }
        texts = {
            talk_id: "\n".join(
                mask_numbers(s.text) for s in talk.said if s.speaker in ("bot", "agent")
            )
            for talk_id, talk in talk_facts(session, [*verdicts, *ids]).items()
        }
    seen = [talk_id for talk_id in verdicts if talk_id in texts]
    try:
        model = ReviewModel().fit(
            [texts[talk_id] for talk_id in seen], [verdicts[t] for t in seen]
        )
    except ValueError:
        return None
    return [float(x) for x in model.risk([texts.get(talk_id, "") for talk_id in ids])]
