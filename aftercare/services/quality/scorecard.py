"""The scorecard: what each rule costs, as the shop has set it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.store.quality import FindingRow, ScorecardRow
from aftercare.store.unit_of_work import read, write
from analytics.compliance import load_rules

FULL = 100
BY_SEVERITY = {"high": 30, "medium": 10, "low": 5}
REJECTED = "rejected"


def rules() -> dict[str, str]:
    """Return the rules that can cost points, with their severity."""
    found = load_rules()
    named: dict[str, str] = {rule.name: rule.severity for rule in found.rules}
    named |= {
        f"handover_owed.{name}": found.owed.severity for name, _ in found.owed.triggers
    }
    return named | {found.reply["rule"]: found.reply["severity"]}


def points_of(session: Session) -> dict[str, int]:
    """Return the points of each rule inside a transaction."""
    row = session.scalars(
        select(ScorecardRow).order_by(ScorecardRow.version.desc()).limit(1)
    ).first()
    usual = {name: BY_SEVERITY[severity] for name, severity in rules().items()}
    return usual | (row.points if row else {})


def score_of(findings: Iterable[FindingRow], points: dict[str, int]) -> int:
    """Return what is left of FULL; a rejected finding costs nothing."""
    lost = sum(
        points.get(row.rule, BY_SEVERITY[row.severity])
        for row in findings
        if row.state != REJECTED
    )
    return max(FULL - lost, 0)


def scorecard(engine: Engine) -> dict[str, Any]:
    """Return the scorecard as it counts now."""
    with read(engine) as session:
        points = points_of(session)
    severity = rules()
    return {
        "items": [
            {"rule": name, "points": points[name], "severity": severity[name]}
            for name in severity
        ]
    }


def change(
    engine: Engine, actor: Actor, points: dict[str, int], now: datetime
) -> dict[str, Any]:
    """Set the points of some rules; talks checked from now on are scored by it.

    Raises:
        AftercareError: MALFORMED for an unknown rule or points not in 0…100.
    """
    if set(points) - set(rules()) or any(not 0 <= p <= FULL for p in points.values()):
        raise AftercareError(Reason.MALFORMED, "points")
    with write(engine) as session:
        whole = points_of(session) | points
        session.add(ScorecardRow(points=whole, by=actor.login, at=now))
        record(session, actor, "scorecard.change", now, points=points)
    return scorecard(engine)
