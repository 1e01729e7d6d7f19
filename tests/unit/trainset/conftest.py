"""A small project of training data, in a real Git repository and without one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

from aftercare.services.trainset import Branch, open_branch
from aftercare.services.trainset.branch import Author
from aftercare.store.engine import make_engine

HERE = Path(__file__).parent
WORDS: dict[str, Any] = yaml.safe_load((HERE / "words.yml").read_text("utf-8"))
WHO = Author("dora", "Dora", "editor")


def git(root: Path, *words: str) -> str:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    who = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    done = subprocess.run(
        ["git", "-C", str(root), *who, *words],
        capture_output=True,
        text=True,
        check=True,
        env=clean,
    )
    return done.stdout


@pytest.fixture
def shop(shop_file: Path, tmp_path: Path) -> Iterator[Engine]:
    """The demo shop on SQLite; what PostgreSQL may do otherwise has its own test."""
    copy = tmp_path / "demo.db"
    shutil.copy(shop_file, copy)
    engine = make_engine(f"sqlite:///{copy}")
    yield engine
    engine.dispose()


@pytest.fixture
def plain_project(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    shutil.copytree(HERE / "project", root)
    return root


@pytest.fixture
def project(plain_project: Path) -> Path:
    git(plain_project, "init", "-q", "-b", "main")
    git(plain_project, "add", ".")
    git(plain_project, "commit", "-q", "-m", "first")
    return plain_project


@pytest.fixture(params=["git", "database"])
def branch(request: pytest.FixtureRequest, tmp_path: Path, shop: Engine) -> Branch:
    name = "project" if request.param == "git" else "plain_project"
    made = open_branch(shop, request.getfixturevalue(name))
    assert made.kind == request.param
    return made
