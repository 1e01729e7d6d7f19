"""Low scores as tasks: taken by a person, closed with an outcome, never forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.mask import mask_text
from aftercare.store.console import AccountRow
from aftercare.store.messages import MessageRow
from aftercare.store.surveys import FollowUpRow, SurveyRow
from aftercare.store.unit_of_work import read, write

OPEN, TAKEN, DONE = "open", "taken", "done"
OUTCOMES = ("called_back", "case_opened", "explained", "no_answer", "not_ours")


def listed(
    engine: Engine, now: datetime, *, done: bool = False
) -> list[dict[str, Any]]:
    """Return the follow-ups, the nearest deadline first; done ones newest first."""
    order = FollowUpRow.closed_at.desc() if done else FollowUpRow.due_at
    query = (
        select(FollowUpRow, SurveyRow, AccountRow.name)
        .join(SurveyRow, SurveyRow.id == FollowUpRow.survey_id)
        .outerjoin(AccountRow, AccountRow.id == FollowUpRow.account_id)
        .where((FollowUpRow.state == DONE) if done else (FollowUpRow.state != DONE))
        .order_by(order)
        .limit(200)
    )
    with read(engine) as session:
        return [
            {
                "id": task.id,
                "state": task.state,
                "conversation_id": task.conversation_id,
                "subject_kind": survey.subject_kind,
                "subject": survey.subject,
                "score": survey.score,
                "reasons": survey.reasons,
                "comment": _comment(session, survey),
                "at": task.at,
                "due_at": task.due_at,
                "late": (task.closed_at or now) > task.due_at,
                "person": name,
                "outcome": task.outcome,
                "note": task.note,
                "closed_at": task.closed_at,
            }
            for task, survey, name in session.execute(query)
        ]


def take(engine: Engine, actor: Actor, task_id: int, now: datetime) -> None:
    """Make a follow-up one's own; of two rivals one wins.

    Raises:
        AftercareError: NOT_FOUND; ALREADY_TAKEN by a colleague; ILLEGAL_MOVE if done.
    """
    with write(engine) as session:
        task = _locked(session, task_id)
        if task.state == DONE:
            raise AftercareError(Reason.ILLEGAL_MOVE, "done")
        if task.account_id not in (None, actor.account_id):
            raise AftercareError(Reason.ALREADY_TAKEN)
        task.state, task.account_id = TAKEN, actor.account_id
        record(session, actor, "followup.take", now, str(task_id))


def close(
    engine: Engine, actor: Actor, task_id: int, outcome: str, note: str, now: datetime
) -> None:
    """Close a follow-up with what came of it.

    Raises:
        AftercareError: NOT_FOUND; MALFORMED for an unknown outcome; ILLEGAL_MOVE
            if it is done.
    """
    if outcome not in OUTCOMES:
        raise AftercareError(Reason.MALFORMED, "outcome")
    with write(engine) as session:
        task = _locked(session, task_id)
        if task.state == DONE:
            raise AftercareError(Reason.ILLEGAL_MOVE, "done")
        task.state, task.outcome, task.note = DONE, outcome, note
        task.account_id, task.closed_at = actor.account_id, now
        record(session, actor, "followup.close", now, str(task_id), outcome=outcome)


def _locked(session: Session, task_id: int) -> FollowUpRow:
    task = session.get(FollowUpRow, task_id, with_for_update=True)
    if task is None:
        raise AftercareError(Reason.NOT_FOUND)
    return task


def _comment(session: Session, survey: SurveyRow) -> str:
    if survey.comment_seq is None:
        return ""
    text = session.scalar(
        select(MessageRow.text).where(
            MessageRow.conversation_id == survey.asked_in,
            MessageRow.seq == survey.comment_seq,
        )
    )
    return mask_text(text) if text else ""
