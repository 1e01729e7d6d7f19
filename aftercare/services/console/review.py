"""Finding conversations: by what was said, understood, done, and judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, func, or_, select
from sqlalchemy.orm import Session

from aftercare.domain.calendar import SHOP_ZONE
from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console import desk
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.families import FAMILIES
from aftercare.services.console.index import catch_up
from aftercare.services.console.mask import mask_text
from aftercare.services.console.rows import rows_of, talks
from aftercare.services.console.talkdays import NEGATIVE, POSITIVE, found_at
from aftercare.store.cases import CaseRow
from aftercare.store.console import AccountRow
from aftercare.store.desk import HandoverRow, TagRow
from aftercare.store.messages import ConversationRow, MessageRow
from aftercare.store.review import MessageIndexRow, SavedFilterRow, TalkWordsRow
from aftercare.store.surveys import SurveyRow
from aftercare.store.unit_of_work import read, write

SCORES = {"low": (1, 2), "middle": (3, 3), "high": (4, 5)}


@dataclass(frozen=True, slots=True)
class Filter:
    """What to look for; None does not matter. Days are Shanghai's, both included."""

    q: str = ""
    owner: str | None = None
    first: date | None = None
    last: date | None = None
    hour_from: int | None = None
    hour_to: int | None = None
    channel: str | None = None
    intent: str | None = None
    not_intent: str | None = None
    action: str | None = None
    slot: str | None = None
    max_confidence: float | None = None
    fallback: bool | None = None
    min_length: int | None = None
    max_length: int | None = None
    sentiment: str | None = None
    trigger: str | None = None
    family: str | None = None
    satisfaction: str | None = None
    case_reason: str | None = None
    agent: int | None = None
    tag: str | None = None
    review: str | None = None
    test: bool = False


def search(
    engine: Engine, wanted: Filter, now: datetime, cursor: int | None, limit: int
) -> dict[str, Any]:
    """Return a page of conversations, last spoken in first.

    `total` is counted for the first page only.
    """
    catch_up(engine)
    query = _matching(wanted)
    columns: list[Any] = [ConversationRow.id, MessageRow.id]
    if cursor is None:
        # Counted in the one pass that finds the page: a text search reads all.
        columns.append(func.count().over())
    else:
        query = query.where(MessageRow.id < cursor)
    with read(engine) as session:
        found = session.execute(
            query.with_only_columns(*columns)
            .order_by(MessageRow.id.desc())
            .limit(limit + 1)
        ).all()
        ids = [item[0] for item in found[:limit]]
        rows = rows_of(session, ids, now)
        understood = _understood(session, ids)
        hits = _hits(session, ids, wanted.q)
    for row in rows:
        row |= understood.get(row["id"], {"min_confidence": None, "intents": []})
        row["hit"] = hits.get(row["id"])
    following = found[limit - 1][1] if len(found) > limit else None
    total = (found[0][2] if found else 0) if cursor is None else None
    return {"items": rows, "next": following, "total": total}


def matching_ids(engine: Engine, wanted: Filter, limit: int) -> list[str]:
    """Return the conversations a filter finds, for an export."""
    catch_up(engine)
    with read(engine) as session:
        query = _matching(wanted).with_only_columns(ConversationRow.id)
        return list(session.scalars(query.order_by(MessageRow.id.desc()).limit(limit)))


def _matching(wanted: Filter) -> Select[Any]:
    query: Select[Any] = talks().where(ConversationRow.next_seq > 1)  # type: ignore[assignment]
    for value, column in (
        (wanted.owner, ConversationRow.owner),
        (wanted.trigger, HandoverRow.trigger),
        (wanted.agent, HandoverRow.agent_id),
    ):
        if value:
            query = query.where(column == value)
    if wanted.channel:
        query = query.where(func.coalesce(HandoverRow.channel, "web") == wanted.channel)
    if wanted.review:
        query = query.where(func.coalesce(HandoverRow.review, "none") == wanted.review)
    if wanted.tag:
        tagged = select(TagRow.conversation_id).where(TagRow.tag == wanted.tag)
        query = query.where(ConversationRow.id.in_(tagged))
    if wanted.satisfaction:
        query = query.where(ConversationRow.id.in_(_rated(wanted.satisfaction)))
    if wanted.case_reason:
        cases = select(CaseRow.conversation_id).where(
            CaseRow.reason == wanted.case_reason, CaseRow.conversation_id.is_not(None)
        )
        query = query.where(ConversationRow.id.in_(cases))
    if wanted.min_length is not None:
        query = query.where(ConversationRow.next_seq - 1 >= wanted.min_length)
    if wanted.max_length is not None:
        query = query.where(ConversationRow.next_seq - 1 <= wanted.max_length)
    guest = HandoverRow.share_id
    query = query.where(guest.is_not(None) if wanted.test else guest.is_(None))
    conditions = _message_conditions(wanted)
    if conditions:
        inside = select(MessageIndexRow.conversation_id).where(*conditions)
        query = query.where(ConversationRow.id.in_(inside))
    if wanted.not_intent:
        inside = select(MessageIndexRow.conversation_id).where(
            MessageIndexRow.intent == wanted.not_intent
        )
        query = query.where(ConversationRow.id.not_in(inside))
    if wanted.q:
        query = query.where(ConversationRow.id.in_(_saying(wanted.q)))
    return query


def _rated(wanted: str) -> Select[Any]:
    """Return the conversations that customers rated so: low, middle or high."""
    low, high = SCORES[wanted]
    return select(SurveyRow.conversation_id).where(SurveyRow.score.between(low, high))


def _message_conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    entry = MessageIndexRow
    found: list[ColumnElement[bool]] = []
    if wanted.first:
        found.append(entry.day >= wanted.first)
    if wanted.last:
        found.append(entry.day <= wanted.last)
    if wanted.hour_from is not None or wanted.hour_to is not None:
        last = (wanted.hour_to or 24) - 1
        found.append(entry.hour.between(wanted.hour_from or 0, last))
    if wanted.intent:
        found.append(entry.intent == wanted.intent)
    if wanted.family:
        found.append(entry.intent.in_(FAMILIES.get(wanted.family, ())))
    if wanted.action:
        found.append(entry.actions.contains(f",{wanted.action},", autoescape=True))
    if wanted.slot:
        found.append(entry.slots.contains(f",{wanted.slot},", autoescape=True))
    if wanted.max_confidence is not None:
        found.append(entry.confidence <= wanted.max_confidence)
    if wanted.fallback:
        found.append(entry.fallback.is_(True))
    if wanted.sentiment == "negative":
        found.append(entry.sentiment <= NEGATIVE)
    elif wanted.sentiment == "positive":
        found.append(entry.sentiment >= POSITIVE)
    elif wanted.sentiment == "neutral":
        found.append(entry.sentiment.between(NEGATIVE, POSITIVE))
    return found


def _saying(q: str) -> Select[Any]:
    """Return the conversations where a text was said, or typed as pinyin."""
    said = found_at(TalkWordsRow.said, q.casefold()) > 0
    if q.isascii():
        said |= found_at(TalkWordsRow.pinyin, _typed(q)) > 0
    return select(TalkWordsRow.conversation_id).where(said)


def _typed(q: str) -> str:
    return q.casefold().replace(" ", "").replace("'", "")


def _understood(session: Session, ids: list[str]) -> dict[str, dict[str, Any]]:
    rows = session.execute(
        select(
            MessageIndexRow.conversation_id,
            MessageIndexRow.intent,
            func.min(MessageIndexRow.confidence),
        )
        .where(
            MessageIndexRow.conversation_id.in_(ids),
            MessageIndexRow.intent.is_not(None),
        )
        .group_by(MessageIndexRow.conversation_id, MessageIndexRow.intent)
    )
    found: dict[str, dict[str, Any]] = {}
    for key, intent, lowest in rows:
        item = found.setdefault(key, {"min_confidence": None, "intents": []})
        item["intents"].append(intent)
        known = item["min_confidence"]
        if lowest is not None:
            item["min_confidence"] = lowest if known is None else min(known, lowest)
    return found


def _hits(session: Session, ids: list[str], q: str) -> dict[str, dict[str, Any]]:
    if not q:
        return {}
    said = MessageRow.text.icontains(q, autoescape=True)
    if q.isascii():
        said |= found_at(MessageIndexRow.pinyin, _typed(q)) > 0
    rows = session.execute(
        select(MessageRow.conversation_id, MessageRow.seq, MessageRow.text)
        .join(MessageIndexRow, MessageIndexRow.message_id == MessageRow.id)
        .where(MessageIndexRow.conversation_id.in_(ids), said)
        .order_by(MessageRow.seq.desc())
    )
    return {key: {"seq": seq, "text": mask_text(text)[:120]} for key, seq, text in rows}


def day_start(day: date) -> datetime:
    """Return the first moment of a day in Shanghai."""
    return datetime.combine(day, time(), SHOP_ZONE)


def facets(engine: Engine) -> dict[str, Any]:
    """Return what can be filtered by, with how often it occurs."""
    catch_up(engine)
    with read(engine) as session:
        entry = MessageIndexRow
        names: dict[str, dict[str, int]] = {"actions": {}, "slots": {}}
        for actions, slots, count in session.execute(
            select(entry.actions, entry.slots, func.count())
            .where(entry.intent.is_not(None))
            .group_by(entry.actions, entry.slots)
        ):
            for kind, joined in (("actions", actions), ("slots", slots)):
                for name in filter(None, joined.split(",")):
                    names[kind][name] = names[kind].get(name, 0) + count
        return {
            "intents": _counted(session, entry.intent),
            "tags": _counted(session, TagRow.tag),
            "triggers": _counted(session, HandoverRow.trigger),
            "channels": _counted(session, HandoverRow.channel),
            "actions": _sorted(names["actions"]),
            "slots": _sorted(names["slots"]),
        }


def _counted(session: Session, column: Any) -> list[dict[str, Any]]:
    rows = session.execute(
        select(column, func.count()).where(column.is_not(None)).group_by(column)
    )
    return _sorted({name: count for name, count in rows})


def _sorted(counts: dict[str, int]) -> list[dict[str, Any]]:
    pairs = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"name": name, "count": count} for name, count in pairs]


def set_state(
    engine: Engine, actor: Actor, talk_id: str, state: str, now: datetime
) -> dict[str, str]:
    """Mark a conversation reviewed, for later, or neither; return what it was.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        talk = desk.locked(session, talk_id)
        row = desk.handover_of(session, talk)
        before, row.review = row.review, state
        row.reviewed_by = actor.login if state != "none" else None
        row.reviewed_at = now if state != "none" else None
        record(session, actor, "review.state", now, talk_id, state=state)
        return {"state": state, "before": before}


def saved_filters(engine: Engine, actor: Actor) -> list[dict[str, Any]]:
    """Return one's own filters and those that colleagues share."""
    with read(engine) as session:
        rows = session.execute(
            select(SavedFilterRow, AccountRow.name)
            .join(AccountRow, AccountRow.id == SavedFilterRow.account_id)
            .where(
                or_(
                    SavedFilterRow.account_id == actor.account_id,
                    SavedFilterRow.shared.is_(True),
                )
            )
            .order_by(SavedFilterRow.name)
        )
        return [_saved(row) | {"owner": name} for row, name in rows]


def save_filter(
    engine: Engine, actor: Actor, name: str, query: dict[str, Any], shared: bool
) -> dict[str, Any]:
    """Keep a filter under a name."""
    with write(engine) as session:
        row = SavedFilterRow(
            account_id=actor.account_id or 0, name=name, query=query, shared=shared
        )
        session.add(row)
        session.flush()
        return _saved(row) | {"owner": actor.name}


def delete_filter(engine: Engine, actor: Actor, filter_id: int) -> None:
    """Forget one's own filter.

    Raises:
        AftercareError: NOT_FOUND, also for another's.
    """
    with write(engine) as session:
        row = session.get(SavedFilterRow, filter_id)
        if row is None or row.account_id != actor.account_id:
            raise AftercareError(Reason.NOT_FOUND)
        session.delete(row)


def _saved(row: SavedFilterRow) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "query": row.query, "shared": row.shared}
