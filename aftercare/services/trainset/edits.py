"""Changes of the training data as a person makes them, before they are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Engine

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.console.audit import Actor, record
from aftercare.services.console.mask import mask_text
from aftercare.services.trainset.branch import (
    EDITABLE,
    Author,
    Branch,
    check_paths,
    texts,
    unified,
)
from aftercare.services.trainset.checks import Problem, new_problems
from aftercare.services.trainset.examples import with_example, without_example
from aftercare.store.unit_of_work import write

MOST_EDITS = 1_000


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: an example added to, removed from, moved between sections, or a
    whole file's new text (`op` "file"; no text deletes it)."""

    op: Literal["add", "remove", "move", "file"]
    kind: str = "intent"
    name: str = ""
    example: str = ""
    to: str = ""
    path: str = ""
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What some edits come to: changed files, their diff, the faults they bring."""

    files: dict[str, str | None]
    diff: str
    problems: list[Problem]

    def view(self) -> dict[str, Any]:
        """Return it as JSON fields."""
        return {
            "files": sorted(self.files),
            "diff": self.diff,
            "problems": [problem.view() for problem in self.problems],
        }


def applied(before: Mapping[str, str], edits: Sequence[Edit]) -> dict[str, str]:
    """Return all files with the edits made, one after the other.

    Raises:
        AftercareError: MALFORMED or NOT_FOUND, the first edit that cannot be made.
    """
    if len(edits) > MOST_EDITS:
        raise AftercareError(Reason.MALFORMED, "too many edits at once")
    files = dict(before)
    for edit in edits:
        if edit.op == "file":
            if not EDITABLE.fullmatch(edit.path):
                raise AftercareError(Reason.MALFORMED, f"{edit.path} is fixed")
            if edit.text is None:
                files.pop(edit.path, None)
            else:
                files[edit.path] = edit.text
            continue
        if edit.op in ("remove", "move"):
            path, text = without_example(files, edit.kind, edit.name, edit.example)
            files[path] = text
        if edit.op in ("add", "move"):
            name = edit.to if edit.op == "move" else edit.name
            path, text = with_example(files, edit.kind, name, edit.example)
            files[path] = text
    return files


def change_of(before: Mapping[str, str], after: Mapping[str, str]) -> Change:
    """Return what lies between two states of all files."""
    files: dict[str, str | None] = {
        path: after.get(path)
        for path in before.keys() | after.keys()
        if before.get(path) != after.get(path)
    }
    return Change(files, unified(before, files), new_problems(before, after))


def preview(branch: Branch, edits: Sequence[Edit], parent: str) -> Change:
    """Return what edits would change on top of a version."""
    before = texts(branch, parent)
    return change_of(before, applied(before, edits))


def commit(
    engine: Engine,
    branch: Branch,
    actor: Actor,
    change: Change,
    parent: str,
    message: str,
    source: str,
    now: datetime,
) -> str:
    """Store a change on top of a version and return the new one.

    Raises:
        AftercareError: MALFORMED with the first fault the change brings;
            CHANGED_MEANWHILE where somebody committed in between.
    """
    stopping = [problem for problem in change.problems if problem.stops]
    if stopping:
        first = stopping[0]
        raise AftercareError(
            Reason.MALFORMED, f"{first.path}: {first.code} {first.about}"
        )
    check_paths(change.files)
    author = Author(actor.login, actor.name, source)
    said = mask_text(message.strip()) or "Change the training data"
    version = branch.commit(change.files, author, said, parent, now)
    with write(engine) as session:
        record(
            session,
            actor,
            "training.commit",
            now,
            version[:12],
            files=sorted(change.files)[:20],
            source=source,
        )
    return version
