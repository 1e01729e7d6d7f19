"""Real Rasa trains a small assistant from its branch, and judges it."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

from aftercare import model
from aftercare.services.assistant import models, serving, tasks
from aftercare.services.assistant.storytests import run_story
from aftercare.services.assistant.training import train
from aftercare.services.console.audit import Actor
from aftercare.services.conversations import Reply, answer, open_conversation, receive
from aftercare.services.trainset import open_branch
from aftercare.services.trainset.edits import Edit, commit, preview
from aftercare.settings import Settings
from tests.unit.trainset.conftest import git, shop

__all__ = ["shop"]
BOSS = Actor(1, "boss", "Boss", "admin")
SMALL = Path(__file__).with_name("small.yml")
WORDS: dict[str, Any] = yaml.safe_load(SMALL.read_text("utf-8"))
PROJECT = Path(__file__).parents[1] / "unit" / "trainset" / "project"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    project = tmp_path / "project"
    shutil.copytree(PROJECT, project)
    config = yaml.safe_dump(WORDS["config"], sort_keys=False)
    (project / "config.yml").write_text(config, "utf-8")
    (project / "tests" / "nlu").mkdir()
    held = yaml.safe_dump(WORDS["heldout"], allow_unicode=True)
    (project / "tests" / "nlu" / "heldout.yml").write_text(held, "utf-8")
    git(project, "init", "-q", "-b", "main")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "small")
    return Settings(state_dir=tmp_path / "state", project_dir=project)


def said(shop: Engine, text: str, now: datetime) -> None:
    talk = open_conversation(shop, "C-DEMO-1")
    message = receive(
        shop,
        conversation_id=talk,
        customer_id="C-DEMO-1",
        client_id="c",
        text=text,
        now=now,
    )
    understood = {"intent": {"name": "greet", "confidence": 1.0}, "actions": []}
    answer(
        shop,
        conversation_id=talk,
        to_seq=message.seq,
        replies=[Reply("x", None)],
        now=now,
        understanding=understood,
    )


def test_train_judge_compare_and_try_a_story(
    shop: Engine,
    settings: Settings,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said(shop, WORDS["past"], now)
    branch = open_branch(shop, settings.project_dir)
    # The first candidate is judged against itself: it stands in for the one in use.
    own = serving.folder_of(settings)
    first = tasks.request(shop, BOSS, tasks.TRAIN, {}, now)
    name = f"{model.fingerprint(settings.project_dir)}-{first['id']}"
    monkeypatch.setattr(model, "path_for", lambda _: own / f"{name}.tar.gz")
    one = train(shop, settings, first["at"])
    assert "model" in one, tasks.found(shop, first["id"])
    same = models.found(shop, one["model"])["metrics"]
    assert same["replay"] == {"n": 1, "changed": 0}
    assert same["stories"]["total"] == 1 and same["stories"]["failed"] == 0
    assert same["candidate"]["n"] == 2
    steps = {line["step"] for line in tasks.found(shop, first["id"])["lines"]}
    assert {
        "checked_out",
        "component_starting",
        "trained",
        "candidate_stories",
    } <= steps
    # A correction on the branch changes what the next candidate makes of the past.
    edits = [Edit("add", "intent", "request_refund", text) for text in WORDS["more"]]
    change = preview(branch, edits, branch.head())
    made = commit(shop, branch, BOSS, change, branch.head(), "more", "editor", now)
    second = tasks.request(shop, BOSS, tasks.TRAIN, {}, now.replace(hour=6))
    two = train(shop, settings, second["at"])
    row = models.found(shop, two["model"])
    assert row["data_version"] == made and row["judged_against"] == name
    (changed,) = models.replayed(shop, two["model"], "", 0, 50)["items"]
    assert changed["before"]["intent"] == "greet"
    assert changed["after"]["intent"] == "request_refund"
    assert changed["after"]["action"] == "utter_refund"
    assert "13812348000" not in changed["text"]
    # A wrong story is told as wrong by the model in use.
    text = (PROJECT / "tests" / "test_small.yml").read_text("utf-8")
    wrong = text.replace("utter_greet", "utter_refund")
    asked = tasks.request(shop, BOSS, tasks.STORY, {"yaml": wrong}, now)
    assert run_story(shop, settings, asked["at"])["failed"] == 1
    told = tasks.found(shop, asked["id"])["result"]
    assert "utter_greet" in told["text"] and told["model"] == name
