"""Where the training data of this installation is kept."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import Engine

from aftercare.services.trainset.branch import Branch
from aftercare.services.trainset.dbbranch import DbBranch
from aftercare.services.trainset.gitbranch import GitBranch, GitFailed


def open_branch(engine: Engine, project: Path) -> Branch:
    """Return the branch in Git where the project is a checkout, else the database's."""
    if shutil.which("git") is None:
        return DbBranch(engine, project)
    try:
        return GitBranch(project)
    except GitFailed:
        return DbBranch(engine, project)
