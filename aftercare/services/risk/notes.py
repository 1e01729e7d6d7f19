"""Each night: whose returns are unusual, why, and who is linked with whom."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.services.training.risk import order_lines
from aftercare.services.training.serving import current
from aftercare.store.risk import JUDGED, OPEN, RiskNoteRow
from aftercare.store.unit_of_work import read, write
from analytics.risk import RiskModel, customer_features
from analytics.risk.rings import Ring, rings

MODEL = "risk"
# So many a night are what one person can look at in an hour.
MOST = 20
UNUSUAL = 0.98
LEAST_RETURNS = 2
# A person's verdict holds so long, whatever the score says.
HOLDS = timedelta(days=90)


def write_notes(engine: Engine, now: datetime) -> dict[str, Any]:
    """Note the most unusual customers and the rings; return how many are open anew."""
    lines = order_lines(engine, now)
    if not lines["returned_at"].notna().any():
        return {"notes": 0, "rings": 0}
    table = customer_features(lines)
    model = current(engine, MODEL, RiskModel)
    found = rings(lines)
    wanted = {name: ring for ring in found for name in ring.members}
    scores = pd.Series(0.0, index=table.index)
    if model is not None:
        scores = pd.Series(model.score(table), index=table.index)
    back = lines.groupby("customer")["returned_at"].count()
    seen = scores[(scores >= UNUSUAL) & (back.reindex(scores.index) >= LEAST_RETURNS)]
    chosen = list(seen.nlargest(MOST).index)
    basis = model.basis_ if model is not None else "linked"
    # Worked out before the write begins: it is one scan of all lines each.
    why = {
        name: (
            [] if model is None else list(model.reasons(table.loc[[name]])),
            _figures(lines, name, wanted.get(name)),
        )
        for name in dict.fromkeys([*wanted, *chosen])
    }
    fresh = 0
    with write(engine) as session:
        for name, (reasons, figures) in why.items():
            ring, score = wanted.get(name), float(scores[name])
            fresh += _note(session, name, score, basis, reasons, figures, ring, now)
    return {"notes": fresh, "rings": len(found)}


def look_for_rings(engine: Engine, now: datetime) -> dict[str, Any]:
    """Write the notes by day too if a ring came up that no note names yet."""
    lines = order_lines(engine, now)
    if not lines["returned_at"].notna().any():
        return {"notes": 0, "rings": 0}
    keys = {ring_key(ring) for ring in rings(lines)}
    with read(engine) as session:
        query = select(RiskNoteRow.ring).where(RiskNoteRow.ring.in_(keys)).distinct()
        known = set(session.scalars(query))
    if keys <= known:
        return {"notes": 0, "rings": len(keys)}
    return write_notes(engine, now)


def _note(
    session: Session,
    name: str,
    score: float,
    basis: str,
    reasons: list[tuple[str, float]],
    figures: dict[str, Any],
    ring: Ring | None,
    now: datetime,
) -> bool:
    row = session.get(RiskNoteRow, name)
    key = ring_key(ring) if ring else None
    if row is None:
        row = RiskNoteRow(customer_id=name, state=OPEN, note="")
        session.add(row)
    elif row.state == JUDGED and row.judged_at and now - row.judged_at < HOLDS:
        return False
    fresh = row.at is None or row.state == JUDGED
    row.state, row.score, row.basis = OPEN, score, basis
    row.reasons = [[reason, round(points, 3)] for reason, points in reasons]
    if key != row.ring:
        row.ring, row.ring_at = key, now if key else None
    row.figures, row.at = figures, now
    return fresh


def _figures(lines: pd.DataFrame, name: str, ring: Ring | None) -> dict[str, Any]:
    mine = lines[lines["customer"] == name]
    found: dict[str, Any] = {
        "lines": len(mine),
        "returned": int(mine["returned_at"].notna().sum()),
        "refund_fen": int(mine["refund_fen"].fillna(0).sum()),
        "claims": int(mine["claim"].sum()),
    }
    if ring is not None:
        found["ring"] = {
            "members": len(ring.members),
            "returned": ring.returned,
            "lines": ring.lines,
            "usual": round(ring.usual, 1),
        }
    return found


def ring_key(ring: Ring) -> str:
    """Return a ring's short name, the same as long as its oldest member is in it."""
    return hashlib.sha256(ring.members[0].encode()).hexdigest()[:12]
