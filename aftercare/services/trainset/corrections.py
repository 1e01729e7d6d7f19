"""People's judgements of messages as training examples, in a file of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from aftercare.services.console.mask import mask_text
from aftercare.services.console.nlu import FALLBACK
from aftercare.services.trainset.branch import Branch, texts
from aftercare.services.trainset.edits import Change, change_of
from aftercare.services.trainset.examples import all_sections, dumped, sections_of
from aftercare.services.trainset.marks import is_unbalanced, plain
from aftercare.store.messages import MessageRow
from aftercare.store.review import AnnotationRow
from aftercare.store.unit_of_work import read

FILE = "data/nlu/corrections.yml"
# With its moment: a database may give the number of a deleted row again.
SOURCE = re.compile(r"message (\d+) of (\S+)")
Example = dict[str, Any]


def corrected(engine: Engine, branch: Branch, parent: str) -> tuple[Change, list[str]]:
    """Return the corrections as a change of a version, and what was left out.

    An example keeps its author and the number of its message. A judgement that was
    taken back takes its example along; one whose conversation was deleted stays,
    as what is kept holds no personal data. Left out is what would teach two
    intents the same words.
    """
    before = texts(branch, parent)
    with read(engine) as session:
        made = _judged(session)
        kept = _kept(session, before, {item["source"] for item in made})
    wanted, left_out = _without_rivals(before, [*kept, *made])
    after = dict(before)
    text = _as_file(wanted)
    if text is None:
        after.pop(FILE, None)
    else:
        after[FILE] = text
    change = change_of(before, after)
    return change, left_out


def pending(engine: Engine, branch: Branch, parent: str) -> int:
    """Return how many examples the newest version does not have yet."""
    text = branch.read(FILE, parent) if FILE in branch.files(parent) else ""
    there = {(name, item["text"]) for name, item in _in_file(text)}
    change, _ = corrected(engine, branch, parent)
    wanted = _in_file(change.files.get(FILE, text) or "")
    return sum((name, item["text"]) not in there for name, item in wanted)


def marked(text: str, entities: list[dict[str, Any]] | None) -> str:
    """Return a message as an example: entities in brackets, personal data masked."""
    parts, at = [], 0
    for item in sorted(entities or [], key=lambda item: int(item["start"])):
        parts.append(_bare(text[at : item["start"]]))
        word = _bare(text[item["start"] : item["end"]]).strip()
        parts.append(f"[{word}]({item['entity']})" if word else "")
        at = item["end"]
    parts.append(_bare(text[at:]))
    masked = mask_text("".join(parts)).strip()
    # What masking covered may have been half a mark: then the words go alone.
    return _bare(plain(masked)).strip() if is_unbalanced(masked) else masked


def _bare(text: str) -> str:
    return " ".join(text.translate(str.maketrans("[](){}", "      ")).split("\n"))


def _judged(session: Session) -> list[Example]:
    rows = session.execute(
        select(AnnotationRow, MessageRow)
        .join(MessageRow, MessageRow.id == AnnotationRow.message_id)
        .where(
            AnnotationRow.intent.is_not(None),
            AnnotationRow.intent != FALLBACK,
            ~MessageRow.text.startswith("/"),
        )
        .order_by(AnnotationRow.at, AnnotationRow.message_id)
    )
    made = [
        {
            "intent": note.intent,
            "text": marked(message.text, note.entities),
            "author": note.author,
            "source": f"message {message.id} of {_moment(message)}",
        }
        for note, message in rows
    ]
    return [item for item in made if item["text"]]


def _kept(
    session: Session, files: Mapping[str, str], again: set[str]
) -> Iterable[Example]:
    """Yield what the file has and no judgement says anew."""
    for intent, item in _in_file(files.get(FILE, "")):
        source = str(item.get("metadata", {}).get("source", ""))
        if source not in again and not _is_there(session, source):
            yield {
                "intent": intent,
                "text": item["text"],
                "author": item.get("metadata", {}).get("author", ""),
                "source": source,
            }


def _is_there(session: Session, source: str) -> bool:
    named = SOURCE.fullmatch(source)
    if named is None:
        return False
    found = session.get(MessageRow, int(named[1]))
    return found is not None and _moment(found) == named[2]


def _moment(message: MessageRow) -> str:
    return message.at.isoformat(timespec="seconds")


def _without_rivals(
    files: Mapping[str, str], items: Iterable[Example]
) -> tuple[list[Example], list[str]]:
    others = {p: t for p, t in files.items() if p != FILE}
    taught: dict[str, str] = {}
    for section in all_sections(others):
        if section.kind == "intent":
            for example in section.examples:
                taught.setdefault(plain(example).casefold(), section.name)
    wanted: dict[str, Example] = {}
    left_out = []
    for item in items:
        key = plain(item["text"]).casefold()
        if key in taught:
            # Known already; said otherwise by the file that has it.
            if taught[key] != item["intent"]:
                left_out.append(f"{item['text']}: {taught[key]}, {item['intent']}")
            continue
        wanted[key] = item  # the newest judgement of the same words counts
    return list(wanted.values()), left_out


def _as_file(items: list[Example]) -> str | None:
    by_intent: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        metadata = {"author": item["author"], "source": item["source"]}
        by_intent.setdefault(item["intent"], []).append(
            {"text": item["text"], "metadata": metadata}
        )
    if not by_intent:
        return None
    nlu = [{"intent": name, "examples": by_intent[name]} for name in sorted(by_intent)]
    return dumped(nlu)


def _in_file(text: str) -> list[tuple[str, dict[str, Any]]]:
    if not text:
        return []
    return [
        (section.name, {"text": one, "metadata": section.metadata.get(one, {})})
        for section in sections_of(FILE, text)
        for one in section.examples
    ]
