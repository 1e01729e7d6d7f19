"""What a crash between two stores left behind, or a turn wrote after its talk had gone.

Rows go in one transaction of the database; Rasa's working memory and the files stand
beside it. A process killed in between leaves them, and a turn that was under way may
write its memory once more. Nothing points at them: what no row names is deleted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, delete, select

from aftercare.services.rights.tracker import forget_events, remembered
from aftercare.store.desk import AttachmentRow
from aftercare.store.messages import ConversationRow
from aftercare.store.unit_of_work import read, write

# A file is on the disk a moment before its row.
SETTLED = timedelta(hours=1)
# So long a file may wait in an agent's hand for the message it goes with.
UNSENT = timedelta(days=30)
# SQLite takes 32,766 values in one statement.
CHUNK = 10_000


def sweep(engine: Engine, state: Path, tracker: str, now: datetime) -> dict[str, int]:
    """Delete files and memories that no row names; return how many of each."""
    with write(engine) as session:
        unsent = (
            AttachmentRow.conversation_id.is_(None),
            AttachmentRow.at < now - UNSENT,
        )
        session.execute(delete(AttachmentRow).where(*unsent))
    return {
        "stray_files": _files(engine, state / "files", now),
        "stray_memories": _memories(engine, tracker),
    }


def _files(engine: Engine, folder: Path, now: datetime) -> int:
    before = (now - SETTLED).timestamp()
    # Listed before the rows are read: what comes meanwhile is not in the list.
    there = {
        file.name: file
        for file in (folder.iterdir() if folder.is_dir() else ())
        if file.stat().st_mtime < before
    }
    with read(engine) as session:
        named = set(session.scalars(select(AttachmentRow.id)))
    stray = [file for name, file in there.items() if name not in named]
    for file in stray:
        file.unlink(missing_ok=True)
    return len(stray)


def _memories(engine: Engine, tracker: str) -> int:
    # Read before the conversations, as above.
    talks = remembered(tracker)
    known: set[str] = set()
    with read(engine) as session:
        for start in range(0, len(talks), CHUNK):
            part = talks[start : start + CHUNK]
            query = select(ConversationRow.id).where(ConversationRow.id.in_(part))
            known |= set(session.scalars(query))
    stray = [talk for talk in talks if talk not in known]
    return forget_events(tracker, stray) if stray else 0
