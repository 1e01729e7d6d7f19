"""Notes for people: read with their reasons, judged; verdicts become labels."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, select

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.mask import mask_name
from aftercare.store.models import CustomerRow, OrderLineRow, RefundRow
from aftercare.store.risk import JUDGED, OPEN, RiskNoteRow
from aftercare.store.unit_of_work import read, write

BAD, FINE, UNSURE = "bad", "fine", "unsure"
VERDICTS = (BAD, FINE, UNSURE)
PAGE = 200


def listed(engine: Engine, *, judged: bool = False) -> list[dict[str, Any]]:
    """Return the notes, the riskiest first; the newest verdicts first if judged."""
    order = RiskNoteRow.judged_at.desc() if judged else RiskNoteRow.score.desc()
    query = (
        select(RiskNoteRow, CustomerRow.name)
        .outerjoin(CustomerRow, CustomerRow.id == RiskNoteRow.customer_id)
        .where(RiskNoteRow.state == (JUDGED if judged else OPEN))
        .order_by(RiskNoteRow.ring.desc().nulls_last(), order)
        .limit(PAGE)
    )
    with read(engine) as session:
        rows = session.execute(query).all()
        linked: dict[str, list[str]] = {}
        for customer_id, ring in session.execute(
            select(RiskNoteRow.customer_id, RiskNoteRow.ring).where(
                RiskNoteRow.ring.is_not(None)
            )
        ):
            linked.setdefault(str(ring), []).append(customer_id)
    return [
        {
            "customer_id": row.customer_id,
            "name": mask_name(name or ""),
            "score": row.score,
            "basis": row.basis,
            "reasons": row.reasons,
            "figures": row.figures,
            "ring": row.ring,
            "linked": [
                n for n in linked.get(row.ring or "", ()) if n != row.customer_id
            ],
            "at": row.at,
            "verdict": row.verdict,
            "judged_by": row.judged_by,
            "judged_at": row.judged_at,
            "note": row.note,
        }
        for row, name in rows
    ]


def judge(
    engine: Engine,
    actor: Actor,
    customer_id: str,
    verdict: str,
    note: str,
    now: datetime,
) -> None:
    """Keep a person's verdict: a label for the model, and nothing else.

    Raises:
        AftercareError: NOT_FOUND; MALFORMED for an unknown verdict.
    """
    if verdict not in VERDICTS:
        raise AftercareError(Reason.MALFORMED, "verdict")
    with write(engine) as session:
        row = session.get(RiskNoteRow, customer_id, with_for_update=True)
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        row.state, row.verdict, row.note = JUDGED, verdict, note
        row.judged_by, row.judged_at = actor.login, now
        record(session, actor, "risk.judge", now, customer_id, verdict=verdict)


def labels(engine: Engine) -> dict[str, float]:
    """Return 1 for bad and 0 for fine by customer; the unsure teach nothing."""
    with read(engine) as session:
        rows = session.execute(
            select(RiskNoteRow.customer_id, RiskNoteRow.verdict).where(
                RiskNoteRow.verdict.in_((BAD, FINE))
            )
        )
        return {customer: float(verdict == BAD) for customer, verdict in rows}


def costs(engine: Engine) -> dict[str, Any]:
    """Return the false-alarm share, and what it would have cost to act on the score.

    `honest_fen` is what honest customers were refunded: refused, it would have
    been taken from them. `saved_fen` is the same of those found bad.
    """
    # Loaded when first asked for: a start must not wait for it.
    from analytics.satisfaction import wilson

    paid = (
        select(
            OrderLineRow.customer_id,
            func.sum(RefundRow.amount_fen).label("fen"),
        )
        .join(RefundRow, RefundRow.line_id == OrderLineRow.id)
        .group_by(OrderLineRow.customer_id)
        .subquery()
    )
    with read(engine) as session:
        rows = session.execute(
            select(
                RiskNoteRow.verdict,
                func.count(),
                func.coalesce(func.sum(paid.c.fen), 0),
            )
            .outerjoin(paid, paid.c.customer_id == RiskNoteRow.customer_id)
            .where(RiskNoteRow.verdict.is_not(None))
            .group_by(RiskNoteRow.verdict)
        )
        found = {verdict: (count, int(fen)) for verdict, count, fen in rows}
    fine, honest = found.get(FINE, (0, 0))
    bad, saved = found.get(BAD, (0, 0))
    share = wilson(fine, fine + bad)
    return {
        "judged": sum(count for count, _ in found.values()),
        "bad": bad,
        "fine": fine,
        "false_alarms": {"value": share.value, "low": share.low, "high": share.high},
        "honest_fen": honest,
        "saved_fen": saved,
    }
