"""What a customer says to a survey; the gateway answers it without the bot."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.services.consents import Purpose, set_consent_in
from aftercare.services.console.options import options_in
from aftercare.services.conversations import Message, Reply
from aftercare.services.surveys.ask import ANSWERED, ASKED, DECLINED
from aftercare.services.surveys.words import more, plain, pressed, reason_codes, why
from aftercare.store.surveys import FollowUpRow, SurveyRow
from aftercare.store.unit_of_work import read, write

COMMENT_WITHIN = timedelta(minutes=10)


def answer_here(
    engine: Engine, talk_id: str, message: Message, now: datetime
) -> list[Reply] | None:
    """Return the replies to a survey's button or comment, None for all else.

    A button counts in the conversation it was shown in, a score counts once.
    """
    if message.text.startswith("/"):
        held = pressed(message.text)
        return None if held is None else _press(engine, talk_id, held, now)
    wanted = (
        SurveyRow.asked_in == talk_id,
        SurveyRow.comment_wanted_at > now - COMMENT_WITHIN,
    )
    with read(engine) as session:
        if session.scalar(select(SurveyRow.id).where(*wanted).limit(1)) is None:
            return None
    with write(engine) as session:
        query = select(SurveyRow).where(*wanted).limit(1).with_for_update()
        row = session.scalars(query).first()
        if row is None:
            return None
        # The words stay in the log, which masks, exports and forgets them.
        row.comment_seq, row.comment_wanted_at = message.seq, None
        return [plain("thanks")]


def _press(
    engine: Engine, talk_id: str, held: dict[str, str], now: datetime
) -> list[Reply] | None:
    with write(engine) as session:
        row = session.scalar(
            select(SurveyRow)
            .where(SurveyRow.token == held["survey"], SurveyRow.asked_in == talk_id)
            .with_for_update()
        )
        if row is None:
            return None
        low = options_in(session).survey_low_score
        if held.get("stop"):
            return [_stop(session, row, now)]
        if held.get("score") in ("1", "2", "3", "4", "5"):
            return [_score(session, row, int(held["score"]), low, now)]
        if row.score is None:
            return None
        if held.get("comment"):
            row.comment_wanted_at = now
            return [plain("comment_ask")]
        if held.get("reason") in reason_codes():
            row.reasons = list(dict.fromkeys([*row.reasons, held["reason"]]))
            return [more(row.token, low=row.score <= low)]
        return None


def _score(
    session: Session, row: SurveyRow, score: int, low: int, now: datetime
) -> Reply:
    if row.state != ASKED:
        return plain("thanks_again")
    row.state, row.score, row.answered_at = ANSWERED, score, now
    if score <= low:
        hours = options_in(session).survey_followup_hours
        session.add(
            FollowUpRow(
                survey_id=row.id,
                # The talk it is about, which may be an earlier one.
                conversation_id=row.conversation_id,
                state="open",
                at=now,
                due_at=now + timedelta(hours=hours),
            )
        )
    return why(row.token, low=score <= low)


def _stop(session: Session, row: SurveyRow, now: datetime) -> Reply:
    if row.customer_id:
        set_consent_in(
            session, row.customer_id, Purpose.SURVEY, now, given=False, source="chat"
        )
    if row.state == ASKED:
        row.state, row.answered_at = DECLINED, now
    return plain("stopped")
