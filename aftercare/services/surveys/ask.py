"""Whom to ask, and when: once a service, rarely a person, never who said no.

A survey in the chat while the talk is warm, else on the customer's next visit:
nobody is written to who has left.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, String, cast, exists, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aftercare.domain.cases import CaseState
from aftercare.domain.conversation import Owner
from aftercare.services.consents import Purpose, allows_in
from aftercare.services.console.desk import Step
from aftercare.services.console.options import Options, options_in
from aftercare.services.conversations import append, as_message, locked_talk
from aftercare.services.surveys.words import question
from aftercare.services.trials.draw import draw, policy_of
from aftercare.services.trials.surveys import context
from aftercare.services.trials.types import SURVEY_WORDS
from aftercare.store.cases import CaseEventRow, CaseRow
from aftercare.store.desk import DeskEventRow, HandoverRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.models import CustomerRow
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import read, write

WAITING, ASKED, ANSWERED = "waiting", "asked", "answered"
SUPPRESSED, EXPIRED, DECLINED = "suppressed", "expired", "declined"
CASE, HANDOVER = "case", "handover"
LOOK_BACK = timedelta(days=14)
# A breath after the end, so that the question does not cut into a goodbye.
AFTER = timedelta(minutes=1)
# A case that its own customer took back was no service to be rated.
ENDED = (CaseState.DONE, CaseState.REFUSED)


def plan(engine: Engine, now: datetime) -> int:
    """Note each case and hand-over that ended and was not noted; return how many."""
    with read(engine) as session:
        found = [*_cases(session, now), *_handovers(session, now)]
    noted = 0
    for subject in found:
        row = SurveyRow(
            **subject,
            state=WAITING,
            token=secrets.token_urlsafe(16),
            reasons=[],
        )
        try:
            with write(engine) as session:
                session.add(row)
        except IntegrityError:
            continue  # another process noted it
        noted += 1
    return noted


def ask_due(engine: Engine, now: datetime) -> list[Step]:
    """Ask in talks that are still warm; return what was said, for the sockets."""
    with read(engine) as session:
        wanted = options_in(session)
        last = (
            select(func.max(MessageRow.at))
            .where(MessageRow.conversation_id == SurveyRow.conversation_id)
            .scalar_subquery()
        )
        warm = now - timedelta(minutes=wanted.survey_window_min)
        old = now - timedelta(days=wanted.survey_expire_days)
        due = session.execute(
            select(SurveyRow.id, SurveyRow.conversation_id)
            .where(
                SurveyRow.state == WAITING,
                SurveyRow.due_at <= now,
                or_(SurveyRow.due_at < old, last >= warm),
            )
            .order_by(SurveyRow.due_at)
            .limit(100)
        ).all()
    steps = [_ask(engine, survey_id, talk_id, now) for survey_id, talk_id in due]
    return [step for step in steps if step is not None]


def ask_on_visit(engine: Engine, talk_id: str, now: datetime) -> Step | None:
    """Ask a customer who is back what nobody could be asked when it ended."""
    with read(engine) as session:
        talk = session.get(ConversationRow, talk_id)
        if talk is None:
            return None
        theirs: Any = SurveyRow.conversation_id == talk_id
        if talk.customer_id is not None:
            theirs = or_(theirs, SurveyRow.customer_id == talk.customer_id)
        survey_id = session.scalar(
            select(SurveyRow.id)
            .where(theirs, SurveyRow.state == WAITING, SurveyRow.due_at <= now)
            .order_by(SurveyRow.due_at.desc())
            .limit(1)
        )
    return None if survey_id is None else _ask(engine, survey_id, talk_id, now)


def _ask(engine: Engine, survey_id: int, talk_id: str, now: datetime) -> Step | None:
    """Ask, or note why not; the talk is locked, so two processes ask once."""
    policy = policy_of(engine, SURVEY_WORDS)
    with write(engine) as session:
        talk = locked_talk(session, talk_id)
        row = session.get(SurveyRow, survey_id, with_for_update=True)
        if talk is None or row is None or row.state != WAITING:
            return None
        wanted = options_in(session)
        if now - row.due_at > timedelta(days=wanted.survey_expire_days):
            row.state = EXPIRED
            return None
        row.why = _reason_not_to(session, row, wanted, now)
        if row.why is not None:
            row.state = SUPPRESSED
            return None
        if not _quiet(session, talk):
            return None
        case_no = row.subject if row.subject_kind == CASE else ""
        words = draw(
            session,
            policy,
            SURVEY_WORDS,
            subject=row.token,
            conversation_id=row.conversation_id,
            context=context(session, row, now, visit=talk_id != row.conversation_id),
            now=now,
        )
        asked = question(row.token, row.subject_kind, case_no, words)
        said = append(session, talk, "bot", asked, now)
        row.state, row.asked_at = ASKED, now
        row.asked_in, row.asked_seq = talk_id, said.seq
        return Step(talk_id, [as_message(said)])


def _reason_not_to(
    session: Session, row: SurveyRow, wanted: Options, now: datetime
) -> str | None:
    if row.customer_id and not allows_in(session, row.customer_id, Purpose.SURVEY):
        return "refused"
    # Two services that end at once must not both see that nobody was asked.
    if row.customer_id:
        session.get(CustomerRow, row.customer_id, with_for_update=True)
    mine = (
        SurveyRow.customer_id == row.customer_id
        if row.customer_id
        else SurveyRow.conversation_id == row.conversation_id
    )
    since = now - timedelta(days=wanted.survey_gap_days)
    lately = session.scalar(
        select(SurveyRow.id).where(mine, SurveyRow.asked_at > since).limit(1)
    )
    return "asked_lately" if lately else None


def _quiet(session: Session, talk: ConversationRow) -> bool:
    """Return whether nobody is in the middle of something here."""
    if talk.owner in (Owner.WAITING, Owner.HUMAN):
        return False
    waits = session.scalar(
        select(MessageRow.id)
        .where(
            MessageRow.conversation_id == talk.id,
            MessageRow.sender == "customer",
            MessageRow.answered_at.is_(None),
        )
        .limit(1)
    )
    return waits is None


def _cases(session: Session, now: datetime) -> list[dict[str, Any]]:
    newest = (
        select(MessageRow.conversation_id)
        .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        .where(ConversationRow.customer_id == CaseRow.customer_id)
        .order_by(MessageRow.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    noted = exists().where(
        SurveyRow.subject_kind == CASE, SurveyRow.subject == CaseRow.case_no
    )
    rows = session.execute(
        select(
            CaseRow.case_no,
            func.coalesce(CaseRow.conversation_id, newest),
            CaseRow.customer_id,
            func.max(CaseEventRow.at),
        )
        .join(CaseEventRow, CaseEventRow.case_no == CaseRow.case_no)
        .where(
            CaseEventRow.after.in_(ENDED),
            CaseEventRow.at >= now - LOOK_BACK,
            CaseEventRow.at <= now,
            ~noted,
        )
        .group_by(CaseRow.case_no, CaseRow.conversation_id, CaseRow.customer_id)
    )
    # A customer who never spoke here is asked once they do.
    return [
        {
            "subject_kind": CASE,
            "subject": case_no,
            "conversation_id": talk_id,
            "customer_id": customer,
            "due_at": at + AFTER,
        }
        for case_no, talk_id, customer, at in rows
        if talk_id is not None
    ]


def _handovers(session: Session, now: datetime) -> list[dict[str, Any]]:
    noted = exists().where(
        SurveyRow.subject_kind == HANDOVER,
        SurveyRow.subject == cast(DeskEventRow.id, String),
    )
    rows = session.execute(
        select(
            DeskEventRow.id,
            DeskEventRow.conversation_id,
            ConversationRow.customer_id,
            DeskEventRow.account_id,
            DeskEventRow.at,
        )
        .join(ConversationRow, ConversationRow.id == DeskEventRow.conversation_id)
        .outerjoin(HandoverRow, HandoverRow.conversation_id == ConversationRow.id)
        .where(
            DeskEventRow.kind.in_(("given_back", "closed")),
            DeskEventRow.before == Owner.HUMAN,
            DeskEventRow.after.in_((Owner.BOT, Owner.CLOSED)),
            DeskEventRow.at >= now - LOOK_BACK,
            DeskEventRow.at <= now,
            # A colleague who tries the assistant is no customer.
            HandoverRow.share_id.is_(None),
            ~noted,
        )
    )
    return [
        {
            "subject_kind": HANDOVER,
            "subject": str(event_id),
            "conversation_id": talk_id,
            "customer_id": customer,
            "account_id": account_id,
            "due_at": at + AFTER,
        }
        for event_id, talk_id, customer, account_id, at in rows
    ]
