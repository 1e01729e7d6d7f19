"""Past conversations, masked, as questions to a model."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.services.console.mask import mask_all, mask_text
from aftercare.store.messages import MessageRow
from aftercare.store.unit_of_work import read

MOST = 1_000
# Turns before the asked ones that a decision may depend on.
CHUNK = 500


def past_talks(engine: Engine, most: int = MOST) -> list[dict[str, Any]]:
    """Return the conversations of the newest messages, their turns in order.

    Asked are up to `most` messages that customers typed and Rasa has understood;
    pressed buttons are part of the way there, and what failed is left out.
    """
    with read(engine) as session:
        newest = session.execute(
            select(MessageRow.id, MessageRow.conversation_id)
            .where(
                MessageRow.sender == "customer",
                MessageRow.answered_at.is_not(None),
                ~MessageRow.text.startswith("/"),
            )
            .order_by(MessageRow.id.desc())
            .limit(most)
        ).all()
        wanted = {row.id for row in newest}
        talks = list(dict.fromkeys(row.conversation_id for row in newest))
        found: list[dict[str, Any]] = []
        for start in range(0, len(talks), CHUNK):
            found += _talks(session, talks[start : start + CHUNK], wanted)
    return [talk for talk in found if any(turn["asked"] for turn in talk["turns"])]


def _talks(session: Session, ids: list[str], wanted: set[int]) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(MessageRow)
        .where(MessageRow.conversation_id.in_(ids), MessageRow.sender == "customer")
        .order_by(MessageRow.conversation_id, MessageRow.seq)
    )
    talks: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        turn = _turn(row, row.id in wanted)
        if turn is not None:
            talks.setdefault(row.conversation_id, []).append(turn)
    return [{"id": name, "turns": turns} for name, turns in talks.items()]


def _turn(row: MessageRow, asked: bool) -> dict[str, Any] | None:
    said = row.understanding or {}
    intent = (said.get("intent") or {}).get("name")
    if not intent:
        return None
    return {
        "message": row.id,
        "asked": asked,
        "text": mask_text(row.text),
        "intent": intent,
        "actions": [str(item["name"]) for item in said.get("actions") or []],
        "loop": said.get("active_loop"),
        "slots": mask_all(said.get("slots") or {}),
    }
