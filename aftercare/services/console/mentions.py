"""Notes that mention a colleague, until that colleague has seen them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select, update

from aftercare.services.console.audit import Actor
from aftercare.store.console import AccountRow
from aftercare.store.desk import MentionRow, NoteRow
from aftercare.store.unit_of_work import read, write

MOST = 50


def unseen(engine: Engine, actor: Actor) -> list[dict[str, Any]]:
    """Return the notes that mention a person and were not seen yet, newest first."""
    with read(engine) as session:
        rows = session.execute(
            select(NoteRow, AccountRow.name)
            .join(MentionRow, MentionRow.note_id == NoteRow.id)
            .join(AccountRow, AccountRow.id == NoteRow.account_id)
            .where(
                MentionRow.account_id == actor.account_id, MentionRow.seen_at.is_(None)
            )
            .order_by(NoteRow.id.desc())
            .limit(MOST)
        )
        return [
            {
                "conversation_id": note.conversation_id,
                "note_id": note.id,
                "text": note.text,
                "author": {"id": note.account_id, "name": name},
                "at": note.at,
            }
            for note, name in rows
        ]


def mark_seen(engine: Engine, actor: Actor, talk_id: str, now: datetime) -> None:
    """Note that a person has seen what mentions them in a conversation."""
    with write(engine) as session:
        session.execute(
            update(MentionRow)
            .where(
                MentionRow.conversation_id == talk_id,
                MentionRow.account_id == actor.account_id,
                MentionRow.seen_at.is_(None),
            )
            .values(seen_at=now)
        )
