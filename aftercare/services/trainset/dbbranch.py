"""The same line of versions in the database, where the project is no checkout."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aftercare.domain.errors import AftercareError, Reason
from aftercare.services.trainset.branch import (
    FOLDERS,
    READABLE,
    SINGLE,
    Author,
    Commit,
    Files,
    check_paths,
)
from aftercare.store.assistant import TrainingChangeRow
from aftercare.store.unit_of_work import read, write

BASE = "base"


class DbBranch:
    """Changes as rows over the files on disk; a changed file covers the disk's."""

    kind = "database"
    name = "console/training"

    def __init__(self, engine: Engine, root: Path) -> None:
        """Keep the database and the project's folder."""
        self._engine = engine
        self._root = root

    def base(self) -> str:
        """Return the name of the files as they are on disk."""
        return BASE

    def head(self) -> str:
        """Return the newest change, the disk's files where there is none."""
        with read(self._engine) as session:
            newest = session.scalar(
                select(TrainingChangeRow.version)
                .order_by(TrainingChangeRow.id.desc())
                .limit(1)
            )
        return newest or BASE

    def files(self, version: str) -> list[str]:
        """Return the readable paths of a version."""
        found = set(self._on_disk())
        for path, text in self._over(version).items():
            if text is None:
                found.discard(path)
            else:
                found.add(path)
        return sorted(found)

    def read(self, path: str, version: str) -> str:
        """Return a file's text (AftercareError NOT_FOUND)."""
        over = self._over(version)
        text = over.get(path)
        if text is None:
            if path in over or path not in self._on_disk():
                raise AftercareError(Reason.NOT_FOUND, path)
            text = (self._root / path).read_text(encoding="utf-8")
        return text

    def changed(self, before: str, after: str) -> list[str]:
        """Return the paths that differ between two versions."""
        one, two = self._over(before), self._over(after)
        return sorted(p for p in one.keys() | two.keys() if one.get(p) != two.get(p))

    def log(self, limit: int) -> list[Commit]:
        """Return the changes, newest first."""
        with read(self._engine) as session:
            rows = session.scalars(
                select(TrainingChangeRow)
                .order_by(TrainingChangeRow.id.desc())
                .limit(limit)
            )
            return [
                Commit(r.version, r.parent, r.author, r.at, r.message, r.source)
                for r in rows
            ]

    def behind(self) -> bool:
        """Return False: what is not covered is read from the disk anew each time."""
        return False

    def catch_up(self, author: Author, now: datetime) -> str:
        """Return the newest version; there is nothing to take in."""
        return self.head()

    def commit(
        self, files: Files, author: Author, message: str, parent: str, now: datetime
    ) -> str:
        """Write one change; that `parent` is unique lets one of two rivals win."""
        check_paths(files)
        if parent != self.head():
            raise AftercareError(Reason.CHANGED_MEANWHILE)
        kept = dict(sorted(files.items()))
        told = json.dumps([parent, author.login, now.isoformat(), message, kept])
        version = hashlib.sha256(told.encode()).hexdigest()[:40]
        row = TrainingChangeRow(
            version=version,
            parent=parent,
            author=author.name or author.login,
            at=now,
            message=message,
            source=author.source,
            files=kept,
        )
        try:
            with write(self._engine) as session:
                session.add(row)
        except IntegrityError as error:
            raise AftercareError(Reason.CHANGED_MEANWHILE) from error
        return version

    def _over(self, version: str) -> dict[str, str | None]:
        """Return what the changes up to a version put over the disk."""
        if version == BASE:
            return {}
        with read(self._engine) as session:
            until = _id_of(session, version)
            rows = session.scalars(
                select(TrainingChangeRow.files)
                .where(TrainingChangeRow.id <= until)
                .order_by(TrainingChangeRow.id)
            )
            return {path: text for files in rows for path, text in files.items()}

    def _on_disk(self) -> list[str]:
        found = [self._root / name for name in SINGLE]
        for folder in FOLDERS:
            found += (self._root / folder).rglob("*.yml")
        names = [p.relative_to(self._root).as_posix() for p in found if p.is_file()]
        return [name for name in names if READABLE.fullmatch(name)]


def _id_of(session: Session, version: str) -> int:
    found = session.scalar(
        select(TrainingChangeRow.id).where(TrainingChangeRow.version == version)
    )
    if found is None:
        raise AftercareError(Reason.NOT_FOUND, "version")
    return found
