"""Notes, tags, canned replies and presence: what lies beside the talking."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, func, or_, select
from sqlalchemy.exc import IntegrityError

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console import desk
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.options import options_in
from aftercare.services.console.people import loads
from aftercare.store.console import AccountRow, CannedRow
from aftercare.store.desk import MentionRow, NoteRow, TagRow
from aftercare.store.unit_of_work import read, write


def add_note(
    engine: Engine,
    actor: Actor,
    talk_id: str,
    text: str,
    mentions: list[int],
    now: datetime,
) -> dict[str, Any]:
    """Store a note for colleagues; mentions of nobody are left out.

    Raises:
        AftercareError: NOT_FOUND; MESSAGE_EMPTY.
    """
    if not text.strip():
        raise AftercareError(Reason.MESSAGE_EMPTY)
    with write(engine) as session:
        desk.locked(session, talk_id)
        known = session.scalars(
            select(AccountRow.id).where(AccountRow.id.in_(mentions))
        )
        row = NoteRow(
            conversation_id=talk_id,
            account_id=actor.account_id or 0,
            text=text.strip(),
            mentions=sorted(known),
            at=now,
        )
        session.add(row)
        session.flush()
        for account_id in row.mentions:
            session.add(
                MentionRow(
                    note_id=row.id, account_id=account_id, conversation_id=talk_id
                )
            )
        return _note(row, actor.name)


def notes(engine: Engine, talk_id: str) -> list[dict[str, Any]]:
    """Return the notes of a conversation, oldest first."""
    with read(engine) as session:
        rows = session.execute(
            select(NoteRow, AccountRow.name)
            .join(AccountRow, AccountRow.id == NoteRow.account_id)
            .where(NoteRow.conversation_id == talk_id)
            .order_by(NoteRow.id)
        )
        return [_note(row, name) for row, name in rows]


def set_tags(
    engine: Engine, actor: Actor, talk_id: str, tags: list[str], now: datetime
) -> list[str]:
    """Put exactly these tags on a conversation.

    Raises:
        AftercareError: NOT_FOUND.
    """
    wanted = sorted({tag.strip()[:32] for tag in tags if tag.strip()})
    with write(engine) as session:
        desk.locked(session, talk_id)
        session.execute(delete(TagRow).where(TagRow.conversation_id == talk_id))
        for tag in wanted:
            session.add(TagRow(conversation_id=talk_id, tag=tag))
        record(session, actor, "talk.tags", now, talk_id, tags=wanted)
    return wanted


def all_tags(engine: Engine) -> list[dict[str, Any]]:
    """Return the tags in use with their number, most used first."""
    with read(engine) as session:
        count = func.count()
        rows = session.execute(
            select(TagRow.tag, count).group_by(TagRow.tag).order_by(count.desc())
        )
        return [{"tag": tag, "count": number} for tag, number in rows]


def canned(engine: Engine, wanted: str = "") -> list[dict[str, Any]]:
    """Return the canned replies, those whose short name begins so first."""
    query = select(CannedRow).order_by(
        CannedRow.short.startswith(wanted, autoescape=True).desc(), CannedRow.short
    )
    if wanted:
        query = query.where(
            or_(
                CannedRow.short.contains(wanted, autoescape=True),
                CannedRow.title.contains(wanted, autoescape=True),
                CannedRow.text.contains(wanted, autoescape=True),
            )
        )
    with read(engine) as session:
        return [_canned(row) for row in session.scalars(query)]


def save_canned(
    engine: Engine,
    actor: Actor,
    short: str,
    title: str,
    text: str,
    now: datetime,
    canned_id: int | None = None,
    after: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Add a canned reply, or change one; `after` is done once it is sent.

    Raises:
        AftercareError: NOT_FOUND; CHANGED_MEANWHILE for a short name in use;
            MALFORMED for a reason to close that the shop has not.
    """
    try:
        with write(engine) as session:
            reasons = options_in(session).close_reasons
            if after and after["end"] == "close" and after["reason"] not in reasons:
                raise AftercareError(Reason.MALFORMED, "reason")
            row = session.get(CannedRow, canned_id) if canned_id else CannedRow()
            if row is None:
                raise AftercareError(Reason.NOT_FOUND)
            row.short, row.title, row.text = short, title, text
            row.after = after
            row.updated_by, row.updated_at = actor.login, now
            session.add(row)
            session.flush()
            record(session, actor, "canned.save", now, short)
            return _canned(row)
    except IntegrityError as error:
        raise AftercareError(Reason.CHANGED_MEANWHILE, short) from error


def delete_canned(engine: Engine, actor: Actor, canned_id: int, now: datetime) -> None:
    """Take a canned reply away.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        row = session.get(CannedRow, canned_id)
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        record(session, actor, "canned.delete", now, row.short)
        session.delete(row)


def set_presence(engine: Engine, actor: Actor, state: str, now: datetime) -> None:
    """Say that one is there, has a break, or is gone.

    Raises:
        AftercareError: ILLEGAL_MOVE for leaving while conversations are open.
    """
    with write(engine) as session:
        row = session.get_one(AccountRow, actor.account_id, with_for_update=True)
        open_talks = loads(session).get(row.id, 0)
        if state == "offline" and open_talks:
            raise AftercareError(Reason.ILLEGAL_MOVE, str(open_talks))
        if row.presence != state:
            row.presence, row.presence_at = state, now


def _note(row: NoteRow, name: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "text": row.text,
        "author": {"id": row.account_id, "name": name},
        "mentions": row.mentions,
        "at": row.at,
    }


def _canned(row: CannedRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "short": row.short,
        "title": row.title,
        "text": row.text,
        "after": row.after,
        "updated_at": row.updated_at,
    }
