"""From a conversation to a test of the dialogue, in Rasa's own format."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Engine, select

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.mask import mask_text
from aftercare.store.messages import MessageRow
from aftercare.store.unit_of_work import read, write

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")
STEPS = frozenset(
    {"user", "intent", "action", "slot_was_set", "active_loop", "entities", "bot"}
)


def story_of(engine: Engine, talk_id: str, kind: str) -> str:
    """Return what happened in a conversation as a story or a test story.

    A test story holds the customer's words (masked), a story their intents.

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
        steps = [item for row in rows for item in _turn(row, kind)]
    if not steps:
        raise AftercareError(Reason.NOT_FOUND)
    story = {"story": f"conversation {talk_id[:8]}", "steps": steps}
    return yaml.safe_dump(
        {"version": "3.1", "stories": [story]},
        allow_unicode=True,
        sort_keys=False,
        width=1000,
    )


def _turn(row: MessageRow, kind: str) -> list[dict[str, Any]]:
    said = row.understanding or {}
    intent = (said.get("intent") or {}).get("name")
    if not intent:
        return []
    steps: list[dict[str, Any]] = [{"intent": intent}]
    if kind == "test":
        steps[0] = {"user": mask_text(row.text), "intent": intent}
    for action in said.get("actions") or []:
        steps.append({"action": action["name"]})
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
    engine: Engine, actor: Actor, folder: Path, name: str, text: str, now: datetime
) -> str:
    """Save a story test among the tests and return its file's name.

    Raises:
        AftercareError: MALFORMED; CHANGED_MEANWHILE where the name is taken.
    """
    if not NAME.fullmatch(name):
        raise AftercareError(Reason.MALFORMED, "name")
    check(text)
    path = folder / f"test_talk_{name}.yml"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise AftercareError(Reason.CHANGED_MEANWHILE, path.name) from error
    with write(engine) as session:
        record(session, actor, "story.save", now, path.name)
    return f"tests/{path.name}"
