"""Looks at everything watched, and keeps what is new, few enough to be read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.services.alerts import duties, goods, scans, served, traffic
from aftercare.services.alerts.types import Report
from aftercare.services.risk.watch import rings
from aftercare.store.alerts import CLOSED, OPEN, AlertRow
from aftercare.store.unit_of_work import read, write

log = logging.getLogger(__name__)
# What was closed is not raised again so soon, unless it has doubled.
COOL = timedelta(hours=24)
TOGETHER = timedelta(hours=48)
# Any number that no other advisory lock of this database has.
KEEPING = 20_261_128
Watcher = Callable[[Session, datetime], Iterable[Report]]
WATCHERS: tuple[Watcher, ...] = (
    traffic.volumes,
    traffic.waits,
    traffic.moods,
    served.questions,
    served.articles,
    served.replies,
    goods.faults,
    goods.returns,
    goods.carriers,
    scans.silences,
    goods.refusals,
    duties.deadlines,
    duties.agents,
    rings,
)

# For what the audit of running talks has just found: a customer waits for it.
AT_ONCE: tuple[Watcher, ...] = (duties.agents,)


def watch(
    engine: Engine, now: datetime, watchers: tuple[Watcher, ...] | None = None
) -> dict[str, Any]:
    """Run every watcher and keep what it reports; one that fails stops no other."""
    found: list[Report] = []
    failed: list[str] = []
    for watcher in WATCHERS if watchers is None else watchers:
        try:
            with read(engine) as session:
                found += watcher(session, now)
        except Exception as error:  # one blind eye must not blind the others
            name = getattr(watcher, "__name__", "watcher")
            log.error("watcher %s: %s", name, type(error).__name__)
            failed.append(name)
    raised = 0
    with write(engine) as session:
        _one_at_a_time(session)
        for report in found:
            raised += _keep(session, report, now)
    return {"seen": len(found), "raised": raised, "failed": failed}


def _one_at_a_time(session: Session) -> None:
    """Wait for another process that keeps alerts: both would raise the same one.

    A write of SQLite is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(KEEPING)))


def _keep(session: Session, report: Report, now: datetime) -> bool:
    """Count a known alert up, or raise a new one; return whether it is new."""
    last = session.scalars(
        select(AlertRow)
        .where(AlertRow.kind == report.kind, AlertRow.subject == report.subject)
        .order_by(AlertRow.id.desc())
        .limit(1)
    ).first()
    if last is not None and last.state != CLOSED:
        last.last_at, last.times = now, last.times + 1
        last.figures, last.examples = _figures(report), report.examples
        return False
    if last is not None and last.closed_at and now - last.closed_at < COOL:
        if report.figures.get("seen", 0) < 2 * last.figures.get("seen", 0):
            return False
    row = AlertRow(
        kind=report.kind,
        subject=report.subject,
        severity=report.severity,
        state=OPEN,
        raised_at=now,
        last_at=now,
        times=1,
        figures=_figures(report),
        examples=report.examples,
        note="",
    )
    session.add(row)
    session.flush()
    row.group_id = _group(session, row, report.causes, now)
    return True


def _figures(report: Report) -> dict[str, Any]:
    return report.figures | {"causes": sorted(report.causes)}


def _group(
    session: Session, row: AlertRow, causes: frozenset[str], now: datetime
) -> int:
    """Return the first open alert that shares a cause lately, else this one.

    "product:*" stands for some product: a flood of complaints about faults
    belongs to the product whose faults rise.
    """
    if not causes:
        return row.id
    others = session.scalars(
        select(AlertRow)
        .where(
            AlertRow.id != row.id,
            AlertRow.state != CLOSED,
            AlertRow.last_at >= now - TOGETHER,
        )
        .order_by(AlertRow.id)
    )
    for other in others:
        # Two named products are two incidents.
        if other.kind != row.kind and causes & set(other.figures.get("causes", ())):
            return other.group_id or other.id
    return row.id
