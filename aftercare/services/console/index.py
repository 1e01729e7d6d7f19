"""Keeps the searchable index of messages up with the conversation log."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING

from pypinyin import lazy_pinyin
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from aftercare.domain.calendar import SHOP_ZONE, shop_day
from aftercare.services.console import talkdays
from aftercare.store.messages import MessageRow
from aftercare.store.review import UNSETTLED, MessageIndexRow
from aftercare.store.unit_of_work import read, write

if TYPE_CHECKING:
    from analytics.sentiment import SentimentModel

# So many are written at once: tens of milliseconds of the lock customers wait for.
BATCH = 200
# Transactions may commit in another order than their ids were drawn.
SLACK = 500
# Any number, the same in every process: "msgindex" in ASCII, cut to 63 bits.
LOCK = 0x6D7367696E646578

Moods = Callable[[Sequence[MessageRow]], dict[int, float]]


def catch_up(engine: Engine, moods_of: Moods | None = None) -> int:
    """Index what is new and settle what was answered; return how many rows.

    `moods_of` reads how customers feel, by default with the shop's model.
    """
    read_moods = moods_of or _moods_of
    total = 0
    while True:
        with read(engine) as session:
            due = _new(session) or _answered(session)
            rows = session.scalars(
                select(MessageRow).where(MessageRow.id.in_(due))
            ).all()
            # Made before the write lock is taken: the mood of a text costs time.
            moods = read_moods(rows)
            repliers = _repliers(session, rows)
            entries = [
                _entry(row, moods.get(row.id), repliers.get(row.id)) for row in rows
            ]
        if not entries:
            return total
        with write(engine) as session:
            _one_at_a_time(session)
            known = set(
                session.scalars(
                    select(MessageIndexRow.message_id).where(
                        MessageIndexRow.message_id.in_(due)
                    )
                )
            )
            for entry in entries:
                if entry.message_id in known:
                    session.merge(entry)
                else:
                    session.add(entry)
            session.flush()
            talkdays.refresh(
                session, {(row.conversation_id, shop_day(row.at)) for row in rows}
            )
        total += len(entries)


def _one_at_a_time(session: Session) -> None:
    """Let one process at a time index; a file's write lock does the same."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def _new(session: Session) -> list[int]:
    top = session.scalar(select(func.max(MessageIndexRow.message_id))) or 0
    known = (
        select(MessageIndexRow.message_id)
        .where(MessageIndexRow.message_id == MessageRow.id)
        .exists()
    )
    return list(
        session.scalars(
            select(MessageRow.id)
            .where(MessageRow.id > top - SLACK, ~known)
            .order_by(MessageRow.id)
            .limit(BATCH)
        )
    )


def _answered(session: Session) -> list[int]:
    return list(
        session.scalars(
            select(MessageIndexRow.message_id)
            .join(MessageRow, MessageRow.id == MessageIndexRow.message_id)
            .where(UNSETTLED, MessageRow.answered_at.is_not(None))
            .limit(BATCH)
        )
    )


def _repliers(session: Session, rows: Sequence[MessageRow]) -> dict[int, str]:
    """Return who spoke next after each answered message, by message."""
    asked = [row for row in rows if _is_answered(row)]
    first: dict[str, int] = {}
    for row in asked:
        first[row.conversation_id] = min(
            row.seq, first.get(row.conversation_id, row.seq)
        )
    said: dict[str, list[tuple[int, str]]] = {}
    for talk, seq, sender in session.execute(
        select(MessageRow.conversation_id, MessageRow.seq, MessageRow.sender)
        .where(
            MessageRow.conversation_id.in_(first),
            MessageRow.sender.in_(("bot", "agent")),
            MessageRow.seq > min(first.values(), default=0),
        )
        .order_by(MessageRow.seq)
    ):
        said.setdefault(talk, []).append((seq, sender))
    found = {}
    for row in asked:
        later = said.get(row.conversation_id, [])
        at = bisect_right(later, row.seq, key=itemgetter(0))
        if at < len(later):
            found[row.id] = later[at][1]
    return found


def _is_answered(row: MessageRow) -> bool:
    return row.sender == "customer" and row.answered_at is not None


def _entry(row: MessageRow, mood: float | None, replier: str | None) -> MessageIndexRow:
    said = row.understanding or {}
    intent = said.get("intent") or {}
    actions = [str(item.get("name")) for item in said.get("actions") or []]
    answered = _is_answered(row)
    waited = (row.answered_at - row.at).total_seconds() if row.answered_at else None
    return MessageIndexRow(
        message_id=row.id,
        conversation_id=row.conversation_id,
        at=row.at,
        sender=row.sender,
        pinyin=pinyin(row.text),
        intent=intent.get("name"),
        confidence=intent.get("confidence"),
        fallback=_is_fallback(intent.get("name"), actions),
        actions=_joined(actions),
        slots=_joined(list(said.get("slots") or {})),
        sentiment=mood,
        reply_s=waited if answered else None,
        replied_by=replier,
        settled=row.sender != "customer" or answered,
        day=shop_day(row.at),
        hour=row.at.astimezone(SHOP_ZONE).hour,
    )


def pinyin(text: str) -> str:
    """Return a text as one can type it: in full, and by its initials."""
    parts = lazy_pinyin(text[:300], errors=lambda other: other.casefold())
    return "".join(parts) + "|" + "".join(part[:1] for part in parts)


def _is_fallback(intent: str | None, actions: list[str]) -> bool:
    return intent == "nlu_fallback" or any("fallback" in name for name in actions)


def _joined(names: list[str]) -> str:
    return f",{','.join(names)}," if names else ""


def _moods_of(rows: Sequence[MessageRow]) -> dict[int, float]:
    """Return how customers feel, from -1 to 1, by message; no pressed buttons."""
    spoken = [
        row for row in rows if row.sender == "customer" and not row.text.startswith("/")
    ]
    if not spoken:
        return {}
    from analytics.sentiment.model import NEGATIVE

    model = _moods()
    signs = [
        -1.0 if name in NEGATIVE else 1.0 if name == "thanks" else 0.0
        for name in model.classes_
    ]
    values = model.predict_proba([row.text for row in spoken]) @ signs
    return {row.id: float(v) for row, v in zip(spoken, values, strict=True)}


@lru_cache(maxsize=1)
def _moods() -> SentimentModel:
    # Imported when first needed: a start must not wait for it.
    from analytics.sentiment import load_default

    return load_default()
