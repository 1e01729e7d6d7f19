"""Judging how messages were understood, and taking the judgements out to train."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

import yaml
from sqlalchemy import Engine, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.alike import Alike
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.index import catch_up
from aftercare.services.console.mask import mask_text
from aftercare.services.console.options import options
from aftercare.services.console.transcript import annotation_view
from aftercare.store.desk import DeskEventRow
from aftercare.store.messages import MessageRow
from aftercare.store.review import AnnotationRow, MessageIndexRow
from aftercare.store.unit_of_work import read, write

LOOKED_AT = 2_000
OUT_OF_SCOPE = "out_of_scope"
FALLBACK = "nlu_fallback"
# So much of an answer tells which it was.
SHOWN_CHARS = 160
# In a talk that ended with a person, what was understood so surely was not why.
SURE = 0.9


def annotate(
    engine: Engine,
    actor: Actor,
    message_ids: list[int],
    now: datetime,
    *,
    verdict: str,
    intent: str | None = None,
    entities: list[dict[str, Any]] | None = None,
    flag: bool = False,
    note: str = "",
) -> list[dict[str, Any]]:
    """Judge messages of customers; a judgement replaces the one before.

    "correct" keeps the intent the bot understood; with `intent`, one said of many
    that are alike, what was understood otherwise is corrected to it.

    Raises:
        AftercareError: NOT_FOUND for what is no customer's message; MALFORMED
            for a correction without an intent, or an entity outside the text;
            NOT_AN_INTENT for what would teach that nothing is understood.
    """
    if verdict == "corrected" and not intent:
        raise AftercareError(Reason.MALFORMED, "intent")
    with write(engine) as session:
        made = []
        for message_id in message_ids:
            message = session.get(MessageRow, message_id)
            if message is None or message.sender != "customer":
                raise AftercareError(Reason.NOT_FOUND)
            _check_entities(message.text, entities)
            said, meant = _judgement(message, verdict, intent)
            row = session.merge(
                AnnotationRow(
                    message_id=message_id,
                    verdict=said,
                    intent=meant,
                    entities=entities,
                    flag=flag,
                    note=note,
                    author=actor.login,
                    at=now,
                )
            )
            record(session, actor, "nlu.annotate", now, str(message_id), verdict=said)
            made.append(annotation_view(row))
        return made


def undo(engine: Engine, actor: Actor, message_id: int, now: datetime) -> None:
    """Take a judgement back.

    Raises:
        AftercareError: NOT_FOUND.
    """
    with write(engine) as session:
        row = session.get(AnnotationRow, message_id)
        if row is None:
            raise AftercareError(Reason.NOT_FOUND)
        record(session, actor, "nlu.undo", now, str(message_id), verdict=row.verdict)
        session.delete(row)


def _judgement(
    message: MessageRow, verdict: str, intent: str | None
) -> tuple[str, str | None]:
    """Return the verdict on one message and the intent it teaches, if any."""
    if verdict == "out_of_scope":
        return verdict, OUT_OF_SCOPE
    if verdict == "correct" and intent not in (None, _was(message)):
        verdict = "corrected"
    meant = {"corrected": intent, "correct": _was(message)}.get(verdict)
    if meant == FALLBACK:
        raise AftercareError(Reason.NOT_AN_INTENT)
    return verdict, meant


def _check_entities(text: str, entities: list[dict[str, Any]] | None) -> None:
    end = 0
    for item in sorted(entities or [], key=lambda item: int(item["start"])):
        if not end <= item["start"] < item["end"] <= len(text):
            raise AftercareError(Reason.MALFORMED, "entities")
        end = item["end"]


def inbox(
    engine: Engine,
    limit: int,
    reason: str | None = None,
    since: datetime | None = None,
) -> dict[str, Any]:
    """Return the messages worth a person's minute, alike ones together.

    Worst first: what the bot was unsure of, then by how many reasons, how often,
    and how unsure.
    """
    catch_up(engine)
    low = options(engine).low_confidence
    human = (
        select(DeskEventRow.id)
        .where(
            DeskEventRow.conversation_id == MessageIndexRow.conversation_id,
            DeskEventRow.kind.in_(("asked", "taken", "assigned")),
        )
        .exists()
    )
    judged = (
        select(AnnotationRow.message_id)
        .where(AnnotationRow.message_id == MessageIndexRow.message_id)
        .exists()
    )
    entry = MessageIndexRow
    query = (
        select(
            MessageRow.id,
            MessageRow.text,
            entry.intent,
            entry.confidence,
            entry.fallback,
            human.label("human"),
        )
        .join(entry, entry.message_id == MessageRow.id)
        .where(
            entry.intent.is_not(None),
            ~judged,
            ~MessageRow.text.startswith("/"),
            or_(
                entry.confidence < low,
                entry.fallback,
                and_(human, entry.confidence < SURE),
            ),
        )
        .order_by(entry.message_id.desc())
        .limit(LOOKED_AT)
    )
    if since is not None:
        query = query.where(entry.at >= since)
    alike = Alike()
    groups: dict[str, list[Any]] = {}
    with read(engine) as session:
        for row in session.execute(query):
            groups.setdefault(alike.known(_plain(row.text)), []).append(row)
        found = [_group(rows, low) for rows in groups.values()]
        found = [item for item in found if not reason or reason in item["reasons"]]
        found.sort(
            key=lambda item: (
                not {"low_confidence", "fallback"} & set(item["reasons"]),
                -len(item["reasons"]),
                -item["size"],
                item["confidence"],
            )
        )
        shown = found[:limit]
        ids = [row.id for item in shown for row in item["messages"]]
        places = {
            row.id: row
            for row in session.execute(
                select(
                    MessageRow.id,
                    MessageRow.conversation_id,
                    MessageRow.seq,
                    MessageRow.at,
                    MessageRow.trace,
                ).where(MessageRow.id.in_(ids))
            )
        }
        first = [item["messages"][0].id for item in shown]
        rankings = _rankings(session, first)
        answers = _answers(session, [places[key] for key in first])
    return {
        "groups": [_shown(item, places, rankings, answers) for item in shown],
        "total": len(found),
    }


def _reasons(rows: list[Any], low: float) -> list[str]:
    return [
        name
        for name, holds in (
            ("low_confidence", any((row.confidence or 0.0) < low for row in rows)),
            ("fallback", any(row.fallback for row in rows)),
            ("ended_in_human", any(row.human for row in rows)),
            ("repeated", len(rows) > 1),
        )
        if holds
    ]


def _group(rows: list[Any], low: float) -> dict[str, Any]:
    """Return messages alike as one matter; nothing is masked yet, nor shown."""
    return {
        "reasons": _reasons(rows, low),
        "intent": rows[0].intent,
        "confidence": min(row.confidence or 0.0 for row in rows),
        "size": len(rows),
        "messages": rows,
    }


def _rankings(session: Session, ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    rows = session.execute(
        select(MessageRow.id, MessageRow.understanding).where(MessageRow.id.in_(ids))
    )
    return {
        key: [
            item
            for item in (said or {}).get("intent_ranking") or []
            # That nothing was understood is no intent to choose.
            if item["name"] != FALLBACK
        ]
        for key, said in rows
    }


def _answers(session: Session, asked: list[Any]) -> dict[int, str]:
    """Return the first words the bot said to each of these messages.

    By the trace they share: of two messages sent in a row, the answers to both
    come behind the second.
    """
    of = {(row.conversation_id, row.trace): row.id for row in asked if row.trace}
    place = tuple_(MessageRow.conversation_id, MessageRow.trace)
    rows = session.execute(
        select(MessageRow.conversation_id, MessageRow.trace, MessageRow.text)
        .where(place.in_(list(of)), MessageRow.sender == "bot")
        .order_by(MessageRow.seq.desc())
    )
    # The first comes last, and stays.
    return {of[talk, trace]: text for talk, trace, text in rows}


def _shown(
    group: dict[str, Any],
    places: dict[int, Any],
    rankings: dict[int, list[dict[str, Any]]],
    answers: dict[int, str],
) -> dict[str, Any]:
    """Return a group as it is shown. Covering up a text costs a hundred times what
    comparing it does, so only what is shown is covered."""
    first = group["messages"][0]
    return group | {
        "key": str(first.id),
        "text": mask_text(first.text),
        "answer": mask_text(answers.get(first.id, "")[:SHOWN_CHARS]),
        "ranking": rankings.get(first.id, []),
        "messages": [
            {
                "id": row.id,
                "conversation_id": places[row.id].conversation_id,
                "seq": places[row.id].seq,
                "text": mask_text(row.text),
                "at": places[row.id].at,
            }
            for row in group["messages"]
        ],
    }


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum()) or folded.strip()


def corrections(engine: Engine) -> dict[str, Any]:
    """Return the judgements, newest first, with their numbers."""
    with read(engine) as session:
        items = [
            annotation_view(note)
            | {"text": mask_text(message.text), "was": _was(message)}
            for note, message in _judged(session)
        ]
    kinds = ("corrected", "correct", "out_of_scope")
    counts = {kind: sum(i["verdict"] == kind for i in items) for kind in kinds}
    return {"items": items[::-1], "counts": counts}


def export_yaml(engine: Engine) -> str:
    """Return the judgements as Rasa 3 training data, masked, each with its author.

    Format: rasa.com/docs/rasa/training-data-format, "metadata" of examples.
    """
    with read(engine) as session:
        by_intent: dict[str, dict[str, dict[str, Any]]] = {}
        for note, message in _judged(session):
            if note.intent is None or note.intent == FALLBACK:
                continue
            if message.text.startswith("/"):
                continue
            text = _marked(message.text, note.entities)
            meta = {"author": note.author, "source": f"message {message.id}"}
            by_intent.setdefault(note.intent, {})[text] = {
                "text": text,
                "metadata": meta,
            }
    nlu = [
        {"intent": intent, "examples": list(examples.values())}
        for intent, examples in sorted(by_intent.items())
    ]
    return yaml.safe_dump(
        {"version": "3.1", "nlu": nlu}, allow_unicode=True, sort_keys=False, width=1000
    )


def _marked(text: str, entities: list[dict[str, Any]] | None) -> str:
    """Return an example with its entities in Rasa's brackets, then masked."""
    parts, at = [], 0
    for item in sorted(entities or [], key=lambda item: int(item["start"])):
        parts.append(_bare(text[at : item["start"]]))
        word = _bare(text[item["start"] : item["end"]])
        parts.append(f"[{word}]({item['entity']})")
        at = item["end"]
    parts.append(_bare(text[at:]))
    return mask_text("".join(parts))


def _bare(text: str) -> str:
    return " ".join(text.translate(str.maketrans("[](){}", "      ")).split("\n"))


def _judged(session: Session) -> list[tuple[AnnotationRow, MessageRow]]:
    rows = session.execute(
        select(AnnotationRow, MessageRow)
        .join(MessageRow, MessageRow.id == AnnotationRow.message_id)
        .order_by(AnnotationRow.at, AnnotationRow.message_id)
    )
    return [(note, message) for note, message in rows]


def _was(message: MessageRow) -> str | None:
    intent = (message.understanding or {}).get("intent") or {}
    name: str | None = intent.get("name")
    return name
