"""A line of versions of the training data, in Git or in the database."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from aftercare.domain.errors import AftercareError, Reason

# What a training or its judging reads of a project.
FOLDERS = ("data", "tests")
SINGLE = ("config.yml", "domain.yml")
HELDOUT = "tests/nlu/heldout.yml"
# What may be changed from the console; `config.yml` names classes to be run, and
# what is held out must not be learned from, so both change by hand alone.
EDITABLE = re.compile(
    r"data/(?:[a-z0-9_-]+/)*[a-z0-9_-]+\.yml|domain\.yml|tests/test_[a-z0-9_-]+\.yml"
)
READABLE = re.compile(
    r"data/.+\.yml|config\.yml|domain\.yml|tests/test_[^/]+\.yml|tests/nlu/heldout\.yml"
)
LARGEST = 2_000_000
Files = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Author:
    """Whose change it is; `source` says from where: `nlu_inbox`, `editor`, `talk`."""

    login: str
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Commit:
    """One version: who changed what, when, and what it was before."""

    id: str
    parent: str | None
    author: str
    at: datetime
    message: str
    source: str

    def view(self) -> dict[str, Any]:
        """Return it as JSON fields."""
        return {
            "id": self.id,
            "parent": self.parent,
            "author": self.author,
            "at": self.at,
            "message": self.message,
            "source": self.source,
        }


class Branch(Protocol):
    """What the console needs of a line of versions; ids are opaque."""

    kind: str
    name: str

    def head(self) -> str:
        """Return the newest version, the project's own where none was made."""

    def base(self) -> str:
        """Return the version the project itself is at."""

    def files(self, version: str) -> list[str]:
        """Return the paths of a version's readable files, sorted."""

    def read(self, path: str, version: str) -> str:
        """Return a file's text (AftercareError NOT_FOUND)."""

    def changed(self, before: str, after: str) -> list[str]:
        """Return the readable paths that differ between two versions."""

    def log(self, limit: int) -> list[Commit]:
        """Return the versions made here, newest first."""

    def behind(self) -> bool:
        """Return whether the project has moved on since the newest version."""

    def catch_up(self, author: Author, now: datetime) -> str:
        """Take the project's own changes in; return the newest version.

        Raises:
            AftercareError: CHANGED_MEANWHILE with the files both sides changed.
        """

    def commit(
        self, files: Files, author: Author, message: str, parent: str, now: datetime
    ) -> str:
        """Store changed files (None: deleted) on top of `parent`; return the version.

        Raises:
            AftercareError: CHANGED_MEANWHILE where `parent` is not the newest;
                MALFORMED for a path that may not be changed here.
        """


def check_paths(files: Files) -> None:
    """Refuse what may not be changed from the console.

    Raises:
        AftercareError: MALFORMED.
    """
    if not files:
        raise AftercareError(Reason.MALFORMED, "nothing is changed")
    for path, text in files.items():
        if not EDITABLE.fullmatch(path):
            raise AftercareError(Reason.MALFORMED, f"{path} is not changed here")
        if text is not None and len(text) > LARGEST:
            raise AftercareError(Reason.MALFORMED, f"{path} is too large")


def texts(branch: Branch, version: str) -> dict[str, str]:
    """Return all readable files of a version by their paths."""
    return {path: branch.read(path, version) for path in branch.files(version)}


def unified(before: Mapping[str, str], after: Files) -> str:
    """Return changed files as one unified diff; missing before: a new file."""
    parts: list[str] = []
    for path in sorted(after):
        old, new = before.get(path), after[path]
        parts += difflib.unified_diff(
            _lines(old),
            _lines(new),
            f"a/{path}" if old is not None else "/dev/null",
            f"b/{path}" if new is not None else "/dev/null",
        )
    return "".join(parts)


def diff(branch: Branch, before: str, after: str) -> str:
    """Return what differs between two versions as one unified diff."""
    paths = branch.changed(before, after)
    return unified(_those(branch, paths, before), _some(branch, paths, after))


def _those(branch: Branch, paths: Iterable[str], version: str) -> dict[str, str]:
    found = _some(branch, paths, version).items()
    return {path: text for path, text in found if text is not None}


def _some(branch: Branch, paths: Iterable[str], version: str) -> dict[str, str | None]:
    there = set(branch.files(version))
    return {p: branch.read(p, version) if p in there else None for p in paths}


def _lines(text: str | None) -> list[str]:
    if not text:
        return []
    return (text if text.endswith("\n") else text + "\n").splitlines(keepends=True)
