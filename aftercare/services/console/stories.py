"""From a conversation to a test of the dialogue, in Rasa's own format."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any

import yaml
from sqlalchemy import Engine, select

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.mask import mask_text
from aftercare.services.trainset import Branch
from aftercare.services.trainset.corrections import marked
from aftercare.services.trainset.edits import Edit, commit, preview
from aftercare.store.messages import MessageRow
from aftercare.store.unit_of_work import read, write

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")
STEPS = frozenset(
    {"user", "intent", "action", "slot_was_set", "active_loop", "entities", "bot"}
)


def story_of(engine: Engine, talk_id: str, kind: str) -> str:
    """Return what happened in a conversation as a story or a test story.

    A test holds the customer's words (masked), an end-to-end test their entities
    too, a story the intents alone.

    Raises:
        AftercareError: NOT_FOUND where nothing was understood yet.
    """
    with read(engine) as session:
        rows = session.scalars(
            select(MessageRow)
            .where(
                MessageRow.conversation_id == talk_id, MessageRow.sender == "customer"
            )
            .order_by(MessageRow.seq)
        )
        steps: list[dict[str, Any]] = []
        before: tuple[str | None, str | None] = (None, None)
        for row in rows:
            made, before = _turn(row, kind, before)
            steps += made
    if not steps:
        raise AftercareError(Reason.NOT_FOUND)
    name = hashlib.sha256(talk_id.encode()).hexdigest()[:8]
    story = {"story": f"conversation {name}", "steps": steps}
    return _dumped({"version": "3.1", "stories": [story]})


Form = tuple[str | None, str | None]


def _turn(
    row: MessageRow, kind: str, before: Form
) -> tuple[list[dict[str, Any]], Form]:
    """Return a turn's steps, and the form and its question after it."""
    said = row.understanding or {}
    intent = (said.get("intent") or {}).get("name")
    if not intent:
        return [], before
    first: dict[str, Any] = {"intent": intent}
    if kind != "story" and not row.text.startswith("/"):
        text = mask_text(row.text)
        if kind == "e2e":
            text = marked(row.text, said.get("entities"))
        first = {"user": text, "intent": intent}
    steps = [first]
    names = [str(item["name"]) for item in said.get("actions") or []]
    after: Form = (
        said.get("active_loop"),
        (said.get("slots") or {}).get("requested_slot"),
    )
    form = after[0] or before[0]
    # Rasa opens and closes a form, and asks its question, as the form runs last.
    last = max((i for i, name in enumerate(names) if name == form), default=-1)
    for place, name in enumerate(names):
        steps.append({"action": name})
        if place == last:
            steps += _form_steps(before, after)
    return steps, after if last >= 0 else before


def _form_steps(before: Form, after: Form) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    if before[0] != after[0]:
        steps.append({"active_loop": after[0]})
    if before[1] != after[1]:
        steps.append({"slot_was_set": [{"requested_slot": after[1]}]})
    return steps


def check(text: str) -> None:
    """Refuse what is no story file.

    Raises:
        AftercareError: MALFORMED with what is wrong.
    """
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise AftercareError(Reason.MALFORMED, "not YAML") from error
    stories = found.get("stories") if isinstance(found, dict) else None
    if not isinstance(stories, list) or not stories:
        raise AftercareError(Reason.MALFORMED, "no stories")
    for story in stories:
        steps = story.get("steps") if isinstance(story, dict) else None
        if not isinstance(steps, list) or not steps or "story" not in story:
            raise AftercareError(Reason.MALFORMED, "a story without steps")
        for item in steps:
            if not isinstance(item, dict) or not STEPS & item.keys():
                raise AftercareError(Reason.MALFORMED, "a step of no known kind")


def save(
    engine: Engine, branch: Branch, actor: Actor, name: str, text: str, now: datetime
) -> str:
    """Commit a story test among the tests, masked, and return its path.

    Raises:
        AftercareError: MALFORMED; CHANGED_MEANWHILE where the name is taken.
    """
    if not NAME.fullmatch(name):
        raise AftercareError(Reason.MALFORMED, "name")
    check(text)
    path = f"tests/test_talk_{name.replace('-', '_')}.yml"
    head = branch.head()
    if path in branch.files(head):
        raise AftercareError(Reason.CHANGED_MEANWHILE, path)
    edit = Edit("file", path=path, text=masked(text))
    change = preview(branch, [edit], head)
    commit(engine, branch, actor, change, head, f"Test talk {name}", "talk", now)
    with write(engine) as session:
        record(session, actor, "story.save", now, path)
    return path


def masked(text: str) -> str:
    """Return a story file with what customers say in it masked.

    A file in which nothing is to be masked stays as it was written.

    Raises:
        AftercareError: MALFORMED.
    """
    check(text)
    found = yaml.safe_load(text)
    said = [s for story in found["stories"] for s in story["steps"] if "user" in s]
    changed = False
    for step in said:
        before = str(step["user"]).strip()
        step["user"] = mask_text(before)
        changed = changed or step["user"] != before
    return _dumped(found) if changed else text


def _dumped(story_file: dict[str, Any]) -> str:
    return yaml.safe_dump(story_file, allow_unicode=True, sort_keys=False, width=1000)
