"""Findings for people: read, disputed by whom they concern, decided by another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.services.quality.check import CONFIRMED, DISPUTED, OPEN, REJECTED
from aftercare.services.quality.scorecard import points_of, score_of
from aftercare.store.console import AccountRow
from aftercare.store.quality import FindingRow, TalkCheckRow
from aftercare.store.unit_of_work import read, write

PAGE = 100


def listed(
    engine: Engine,
    *,
    state: str | None = None,
    rule: str | None = None,
    account_id: int | None = None,
    before: int | None = None,
) -> list[dict[str, Any]]:
    """Return findings, newest first; `account_id` those of one agent alone."""
    query = (
        select(FindingRow, AccountRow.name)
        .outerjoin(AccountRow, AccountRow.id == FindingRow.account_id)
        .order_by(FindingRow.id.desc())
        .limit(PAGE)
    )
    for wanted, column in (
        (state, FindingRow.state),
        (rule, FindingRow.rule),
        (account_id, FindingRow.account_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if before is not None:
        query = query.where(FindingRow.id < before)
    with read(engine) as session:
        return [_view(row, name) for row, name in session.execute(query)]


def dispute(
    engine: Engine, actor: Actor, finding_id: int, why: str, now: datetime
) -> None:
    """Object to a finding about oneself.

    Raises:
        AftercareError: NOT_FOUND, also for another's finding; ILLEGAL_MOVE where it
            is decided.
    """
    with write(engine) as session:
        row = _locked(session, finding_id)
        if row.account_id is None or row.account_id != actor.account_id:
            raise AftercareError(Reason.NOT_FOUND)
        if row.state not in (OPEN, DISPUTED):
            raise AftercareError(Reason.ILLEGAL_MOVE, row.state)
        row.state, row.dispute = DISPUTED, why
        record(session, actor, "finding.dispute", now, str(finding_id))


def decide(
    engine: Engine,
    actor: Actor,
    finding_id: int,
    *,
    holds: bool,
    note: str,
    now: datetime,
) -> None:
    """Confirm or reject a finding; the talk's score follows.

    Raises:
        AftercareError: NOT_FOUND; FORBIDDEN for a finding about oneself.
    """
    with write(engine) as session:
        row = _locked(session, finding_id)
        if row.account_id is not None and row.account_id == actor.account_id:
            raise AftercareError(Reason.FORBIDDEN, "own finding")
        row.state = CONFIRMED if holds else REJECTED
        row.note, row.decided_by, row.decided_at = note, actor.login, now
        session.flush()
        check = session.get(TalkCheckRow, row.conversation_id)
        if check is not None:
            all_of_it = session.scalars(
                select(FindingRow).where(
                    FindingRow.conversation_id == row.conversation_id
                )
            )
            check.score = score_of(all_of_it, points_of(session))
        record(session, actor, "finding.decide", now, str(finding_id), holds=holds)


def summary(engine: Engine, first: datetime, last: datetime) -> dict[str, Any]:
    """Return what the talks checked in [first, last) came to, by rule and by agent.

    `precision` is the share of decided findings that held.
    """
    span = (FindingRow.at >= first, FindingRow.at < last)
    with read(engine) as session:
        talks, mean = session.execute(
            select(func.count(), func.avg(TalkCheckRow.score)).where(
                TalkCheckRow.at >= first, TalkCheckRow.at < last
            )
        ).one()
        by_rule = session.execute(
            select(FindingRow.rule, FindingRow.state, func.count())
            .where(*span)
            .group_by(FindingRow.rule, FindingRow.state)
        ).all()
        by_agent = session.execute(
            select(AccountRow.name, func.count())
            .select_from(FindingRow)
            .join(AccountRow, AccountRow.id == FindingRow.account_id)
            .where(*span, FindingRow.state != REJECTED)
            .group_by(AccountRow.name)
            .order_by(func.count().desc())
        ).all()
    rules: dict[str, dict[str, int]] = {}
    for rule, state, count in by_rule:
        rules.setdefault(rule, {})[state] = count
    decided = {
        state: sum(item.get(state, 0) for item in rules.values())
        for state in (CONFIRMED, REJECTED)
    }
    known = sum(decided.values())
    return {
        "talks": talks,
        "score": None if mean is None else float(mean),
        "rules": [{"rule": rule, **states} for rule, states in sorted(rules.items())],
        "agents": [{"name": name, "findings": count} for name, count in by_agent],
        "precision": decided[CONFIRMED] / known if known else None,
        "decided": known,
    }


def _locked(session: Session, finding_id: int) -> FindingRow:
    row = session.get(FindingRow, finding_id, with_for_update=True)
    if row is None:
        raise AftercareError(Reason.NOT_FOUND)
    return row


def _view(row: FindingRow, name: str | None) -> dict[str, Any]:
    fields = (
        "id",
        "conversation_id",
        "seq",
        "rule",
        "version",
        "severity",
        "basis",
        "speaker",
        "sentence",
        "words",
        "live",
        "at",
        "state",
        "dispute",
        "note",
        "decided_by",
        "decided_at",
    )
    return {field: getattr(row, field) for field in fields} | {"person": name}
