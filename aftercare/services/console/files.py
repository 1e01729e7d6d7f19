"""Files in conversations: known by their content, named by an unguessable id."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor
from aftercare.store.desk import AttachmentRow
from aftercare.store.unit_of_work import write

LARGEST = 8 * 1024 * 1024
# What the first bytes say; the name and the header of an upload say nothing.
KINDS = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF8", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"%PDF-", 0, "application/pdf"),
)


def kind_of(content: bytes) -> str:
    """Return the media type the content shows.

    Raises:
        AftercareError: MALFORMED for anything but images and PDF.
    """
    for mark, at, kind in KINDS:
        if content[at : at + len(mark)] == mark:
            return kind
    raise AftercareError(Reason.MALFORMED, "type")


def plain_name(name: str) -> str:
    """Return the last part of a path without signs that show it as another name.

    Signs of direction let `gpj.exe` be read as a picture; others break a line.
    """
    shown = "".join(
        sign for sign in name if unicodedata.category(sign) not in ("Cc", "Cf", "Cs")
    )
    return Path(shown).name[-128:] or "file"


def save(
    engine: Engine, folder: Path, actor: Actor, name: str, content: bytes, now: datetime
) -> dict[str, Any]:
    """Store a file and return how it is reached.

    Raises:
        AftercareError: MALFORMED for a type that is not taken, or over 8 MiB.
    """
    if len(content) > LARGEST:
        raise AftercareError(Reason.MALFORMED, "size")
    kind = kind_of(content)
    file_id = secrets.token_urlsafe(24)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file_id).write_bytes(content)
    with write(engine) as session:
        row = AttachmentRow(
            id=file_id,
            name=plain_name(name),
            type=kind,
            size=len(content),
            by=actor.login,
            at=now,
        )
        session.add(row)
        return {
            "id": file_id,
            "url": f"/files/{file_id}",
            "type": kind,
            "name": row.name,
            "size": row.size,
        }
