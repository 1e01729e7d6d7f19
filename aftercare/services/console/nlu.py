"""Judging how messages were understood, and taking the judgements out to train."""

from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import datetime
from typing import Any

import yaml
from sqlalchemy import Engine, or_, select
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
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
ALIKE = 0.75
OUT_OF_SCOPE = "out_of_scope"


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

    "correct" keeps the intent the bot understood.

    Raises:
        AftercareError: NOT_FOUND for what is no customer's message; MALFORMED
            for a correction without an intent, or an entity outside the text.
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
            row = session.merge(
                AnnotationRow(
                    message_id=message_id,
                    verdict=verdict,
                    intent=_intent(message, verdict, intent),
                    entities=entities,
                    flag=flag,
                    note=note,
                    author=actor.login,
                    at=now,
                )
            )
            record(
                session, actor, "nlu.annotate", now, str(message_id), verdict=verdict
            )
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


def _intent(message: MessageRow, verdict: str, intent: str | None) -> str | None:
    if verdict == "corrected":
        return intent
    if verdict == "out_of_scope":
        return OUT_OF_SCOPE
    understood = (message.understanding or {}).get("intent") or {}
    return understood.get("name") if verdict == "correct" else None


def _check_entities(text: str, entities: list[dict[str, Any]] | None) -> None:
    end = 0
    for item in sorted(entities or [], key=lambda item: int(item["start"])):
        if not end <= item["start"] < item["end"] <= len(text):
            raise AftercareError(Reason.MALFORMED, "entities")
        end = item["end"]


def inbox(engine: Engine, limit: int, reason: str | None = None) -> dict[str, Any]:
    """Return the messages worth a person's minute, alike ones together.

    Worst first: by how many reasons, how often, and how unsure the bot was.
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
    query = (
        select(MessageRow, MessageIndexRow, human.label("human"))
        .join(MessageIndexRow, MessageIndexRow.message_id == MessageRow.id)
        .where(
            MessageIndexRow.intent.is_not(None),
            ~judged,
            ~MessageRow.text.startswith("/"),
            or_(MessageIndexRow.confidence < low, MessageIndexRow.fallback, human),
        )
        .order_by(MessageRow.id.desc())
        .limit(LOOKED_AT)
    )
    groups: dict[str, dict[str, Any]] = {}
    alike = _Alike()
    with read(engine) as session:
        for message, entry, ended in session.execute(query):
            _into_group(groups, alike, message, entry, _reasons(entry, ended, low))
    found = [
        item for item in groups.values() if not reason or reason in item["reasons"]
    ]
    for item in found:
        if item["size"] > 1:
            item["reasons"].append("repeated")
    found.sort(
        key=lambda item: (-len(item["reasons"]), -item["size"], item["confidence"])
    )
    return {"groups": found[:limit], "total": len(found)}


def _reasons(entry: MessageIndexRow, human: bool, low: float) -> list[str]:
    sure = entry.confidence if entry.confidence is not None else 0.0
    return [
        name
        for name, holds in (
            ("low_confidence", sure < low),
            ("fallback", entry.fallback),
            ("ended_in_human", human),
        )
        if holds
    ]


def _into_group(
    groups: dict[str, dict[str, Any]],
    alike: _Alike,
    message: MessageRow,
    entry: MessageIndexRow,
    reasons: list[str],
) -> None:
    key = alike.known(_plain(message.text))
    understood = message.understanding or {}
    group = groups.setdefault(
        key,
        {
            "key": key,
            "text": mask_text(message.text),
            "reasons": [],
            "intent": entry.intent,
            "confidence": entry.confidence or 0.0,
            "ranking": understood.get("intent_ranking") or [],
            "size": 0,
            "messages": [],
        },
    )
    group["size"] += 1
    group["reasons"] += [item for item in reasons if item not in group["reasons"]]
    group["confidence"] = min(group["confidence"], entry.confidence or 0.0)
    group["messages"].append(
        {
            "id": message.id,
            "conversation_id": message.conversation_id,
            "seq": message.seq,
            "text": mask_text(message.text),
            "at": message.at,
        }
    )


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum()) or folded.strip()


class _Alike:
    """Finds a text seen before that shares most of its pairs of characters."""

    def __init__(self) -> None:
        self._pairs: dict[str, set[str]] = {}
        self._having: dict[str, list[str]] = {}

    def known(self, key: str) -> str:
        """Return the first text alike, or take this one in and return it."""
        if key in self._pairs:
            return key
        pairs = {key[i : i + 2] for i in range(len(key) - 1)} or {key}
        shared = Counter(o for pair in pairs for o in self._having.get(pair, ()))
        for other, count in shared.items():
            if count >= ALIKE * (len(pairs) + len(self._pairs[other]) - count):
                return other
        self._pairs[key] = pairs
        for pair in pairs:
            self._having.setdefault(pair, []).append(key)
        return key


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
            if note.intent is None or message.text.startswith("/"):
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
