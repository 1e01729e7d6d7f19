"""What the database knows of the service right now, as numbers for a monitor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from aftercare.domain.conversation import Owner
from aftercare.store.cases import CaseRow
from aftercare.store.desk import CaseActionRow, HandoverRow
from aftercare.store.jobs import JobRunRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.models import RefundRow
from aftercare.store.scale import OutboxRow
from aftercare.store.unit_of_work import read


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: its metric, what it says, and labels that are codes."""

    name: str
    about: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


def figures(engine: Engine, now: datetime) -> list[Figure]:
    """Return the figures of one moment.

    Raises:
        SQLAlchemyError: the database is away; there is nothing to tell then.
    """
    with read(engine) as session:
        return [
            *_talks(session),
            *_waits(session, now),
            *_refunds(session),
            *_jobs(session),
            *_events(session, now),
        ]


def _talks(session: Session) -> list[Figure]:
    name, about = "aftercare_conversations", "Conversations by who answers in them."
    rows = session.execute(
        select(ConversationRow.owner, func.count())
        .where(ConversationRow.owner.in_(list(Owner)))
        .group_by(ConversationRow.owner)
    )
    found = {str(owner): count for owner, count in rows}
    return [
        Figure(name, about, found.get(owner, 0), (("owner", owner),)) for owner in Owner
    ]


def _waits(session: Session, now: datetime) -> list[Figure]:
    queue = session.scalar(
        select(func.min(HandoverRow.waiting_since))
        .join(ConversationRow, ConversationRow.id == HandoverRow.conversation_id)
        .where(ConversationRow.owner == Owner.WAITING)
    )
    waiting, oldest = session.execute(
        select(func.count(), func.min(MessageRow.at))
        .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        .where(
            MessageRow.sender == "customer",
            MessageRow.answered_at.is_(None),
            ConversationRow.owner.not_in((Owner.HUMAN, Owner.CLOSED)),
        )
    ).one()
    return [
        Figure(
            "aftercare_queue_oldest_seconds",
            "How long who waits for a person has waited at most.",
            _age(queue, now),
        ),
        Figure("aftercare_unanswered", "Messages the bot has to answer.", waiting),
        Figure(
            "aftercare_unanswered_oldest_seconds",
            "Age of the oldest message the bot has to answer.",
            _age(oldest, now),
        ),
    ]


def _refunds(session: Session) -> list[Figure]:
    rows = session.execute(
        select(CaseRow.kind, CaseRow.state, func.count()).group_by(
            CaseRow.kind, CaseRow.state
        )
    )
    cases = [
        Figure(
            "aftercare_cases",
            "Cases by kind and state: a refund's outcome is its case's state.",
            count,
            (("kind", kind), ("state", state)),
        )
        for kind, state, count in rows
    ]
    number, fen = session.execute(
        select(func.count(), func.coalesce(func.sum(RefundRow.amount_fen), 0))
    ).one()
    asked = session.scalar(select(func.count()).where(CaseActionRow.state == "waiting"))
    return [
        *cases,
        Figure("aftercare_refunds", "Refunds written.", number),
        Figure("aftercare_refunded_fen", "Money given back, in fen.", float(fen)),
        Figure(
            "aftercare_approvals_waiting",
            "Steps that wait for a second person.",
            asked or 0,
        ),
    ]


def _jobs(session: Session) -> list[Figure]:
    rows = session.execute(
        select(JobRunRow.job, JobRunRow.state, func.max(JobRunRow.started_at)).group_by(
            JobRunRow.job, JobRunRow.state
        )
    )
    return [
        Figure(
            "aftercare_job_started_timestamp_seconds",
            "When a job last began, by how that run stands.",
            at.timestamp(),
            (("job", job), ("state", state)),
        )
        for job, state, at in rows
    ]


def _events(session: Session, now: datetime) -> list[Figure]:
    waiting, oldest = session.execute(
        select(func.count(), func.min(OutboxRow.at)).where(OutboxRow.sent_at.is_(None))
    ).one()
    return [
        Figure("aftercare_outbox_unsent", "Events the broker has not got.", waiting),
        Figure(
            "aftercare_outbox_oldest_seconds",
            "Age of the oldest event the broker has not got.",
            _age(oldest, now),
        ),
    ]


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
