"""Training data through the console's API: by right, by version, without a slip."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from aftercare.settings import Settings

People = Callable[..., Any]
PROJECT = Path(__file__).parents[1] / "trainset" / "project"
WORDS = yaml.safe_load((PROJECT.parent / "words.yml").read_text("utf-8"))


@pytest.fixture(autouse=True)
def project(settings: Settings) -> None:
    shutil.copytree(PROJECT, settings.project_dir)


def test_browse_change_compare_and_keep(person_of: People) -> None:
    dora = person_of("annotator")
    status = dora.get("/training/status")
    assert status["kind"] == "database" and status["pending"] == 0
    tree = {item["path"]: item for item in dora.get("/training/tree")["files"]}
    assert tree["config.yml"]["editable"] is False
    kinds = {s["kind"] for item in tree.values() for s in item["sections"]}
    assert kinds == {"intent", "synonym", "lookup", "response", "rule", "story"}
    found = dora.get("/training/examples", q=WORDS["product"])
    assert found["total"] == 2
    edits = [
        {"op": "add", "kind": "intent", "name": "greet", "example": WORDS["hello"]}
    ]
    body = {"parent": status["head"], "edits": edits}
    shown = dora.post("/training/preview", body)
    assert f"+    - {WORDS['hello']}\n" in shown["diff"] and shown["problems"] == []
    made = dora.post("/training/commits", body | {"message": "hello"})["head"]
    # Who works on an older version is told so, and nothing is lost.
    dora.post("/training/commits", body | {"message": "again"}, status=409)
    (told,) = dora.get("/training/commits")["items"]
    assert told["id"] == made and told["author"] == "the-annotator"
    assert WORDS["hello"] in dora.get("/training/diff")["diff"]
    text = dora.http.get("/training/file?path=data/nlu/talk.yml").json()["text"]
    assert WORDS["hello"] in text


def test_judged_messages_are_stored_once(
    person_of: People, talks: Any, now: datetime
) -> None:
    dora = person_of("annotator")
    talk = talks.make(WORDS["talk"], now=now)
    (message,) = [
        item
        for item in dora.get(f"/conversations/{talk}/messages")["messages"]
        if item["sender"] == "customer"
    ]
    judged = {"verdict": "corrected", "intent": "request_refund"}
    dora.http.put(f"/annotations/{message['id']}", json=judged)
    shown = dora.get("/training/corrections")
    assert "13812348000" not in shown["diff"] and shown["files"]
    assert dora.get("/training/status")["pending"] == 1
    dora.post("/training/corrections", {"parent": shown["head"]})
    after = dora.get("/training/corrections")
    assert after["files"] == [] and dora.get("/training/status")["pending"] == 0


def test_an_agent_may_not_change_it(person_of: People) -> None:
    agent = person_of("agent")
    assert agent.http.get("/training/tree").status_code == 403
    body = {"parent": "base", "edits": [{"op": "add", "name": "x", "example": "y"}]}
    agent.post("/training/commits", body | {"message": "x"}, status=403)
