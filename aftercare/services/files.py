"""Pictures in a conversation: checked, stripped of where they were taken, kept."""

from __future__ import annotations

import io
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PIL import Image, ImageOps
from sqlalchemy import Engine, func, select

from aftercare.domain.errors import AftercareError, Reason
from aftercare.store.desk import AttachmentRow
from aftercare.store.unit_of_work import read, write

MAX_BYTES = 8 * 1024 * 1024
# A small file may unfold to gigabytes: its size is read before its pixels.
MAX_PIXELS = 40_000_000
LONGEST_SIDE = 2_000
MOST_PER_TALK = 30
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
TYPE = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Kept:
    """A customer's or an agent's file on disk, and what it is called."""

    path: Path
    name: str
    type: str


def store_picture(
    engine: Engine, state: Path, conversation_id: str, raw: bytes, now: datetime
) -> str:
    """Keep a customer's picture and return the path it is shown at.

    It is drawn anew as JPEG, at most 2,000 pixels long: nothing hidden in the
    file, no place or camera, survives.

    Raises:
        AftercareError: FILE_TOO_LARGE, FILE_NOT_AN_IMAGE, TOO_MANY_MESSAGES.
    """
    if len(raw) > MAX_BYTES:
        raise AftercareError(Reason.FILE_TOO_LARGE)
    drawn = _draw_anew(raw)
    file_id = secrets.token_urlsafe(24)
    folder = state / "files"
    # Written before the row, which never points at nothing, and before the lock
    # is taken: a slow disk keeps nobody else waiting.
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file_id).write_bytes(drawn)
    try:
        _note_picture(engine, conversation_id, file_id, len(drawn), now)
    except BaseException:
        (folder / file_id).unlink(missing_ok=True)
        raise
    return f"/files/{file_id}"


def _note_picture(
    engine: Engine, conversation_id: str, file_id: str, size: int, now: datetime
) -> None:
    with write(engine) as session:
        count = session.scalar(
            select(func.count()).where(AttachmentRow.conversation_id == conversation_id)
        )
        if (count or 0) >= MOST_PER_TALK:
            raise AftercareError(Reason.TOO_MANY_MESSAGES)
        session.add(
            AttachmentRow(
                id=file_id,
                conversation_id=conversation_id,
                name="picture.jpg",
                type=TYPE,
                size=size,
                by="customer",
                at=now,
            )
        )


def find_file(engine: Engine, state: Path, file_id: str) -> Kept | None:
    """Return a kept file; its unguessable id is the right to see it."""
    with read(engine) as session:
        row = session.get(AttachmentRow, file_id)
        found = row and Kept(state / "files" / row.id, row.name, row.type)
    return found if found and found.path.is_file() else None


def _draw_anew(raw: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise AftercareError(Reason.FILE_TOO_LARGE)
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except AftercareError:
        raise
    except Image.DecompressionBombError as error:
        # The library's own limit comes first where a header claims still more.
        raise AftercareError(Reason.FILE_TOO_LARGE) from error
    except Exception as error:
        # A decoder of foreign bytes may fail in any way (struct.error by bad EXIF).
        raise AftercareError(Reason.FILE_NOT_AN_IMAGE) from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=85)
    return out.getvalue()
