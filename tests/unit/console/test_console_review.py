"""Finding conversations, judging messages, and what comes out of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

from aftercare.services.console import assignment, stories
from aftercare.services.conversations import ask_for_human
from aftercare.settings import Settings

People = Callable[..., Any]
PROJECT = Path(__file__).parents[1] / "trainset" / "project"


def understood(intent: str, confidence: float, **more: Any) -> dict[str, Any]:
    return {
        "intent": {"name": intent, "confidence": confidence},
        "intent_ranking": [{"name": intent, "confidence": confidence}],
        "entities": [],
        "slots": {"order_no": "8800000000010001"},
        "actions": [{"name": "action_begin_case", "policy": "rule", "confidence": 1}],
    } | more


@pytest.fixture
def said(talks: Any, now: datetime, words: dict[str, str]) -> dict[str, str]:
    """A refund, a complaint about time with a phone number, and a quiet one."""
    found = {}
    for name, text, intent, confidence in (
        ("refund", words["refund"], "request_refund", 0.95),
        ("slow", words["slow"], "ask_tracking", 0.4),
        ("phone", words["phone"], "inform", 0.3),
    ):
        talk = talks.make(text, now=now)
        talks.reply(
            talk, 1, "ok", now + timedelta(seconds=2), understood(intent, confidence)
        )
        found[name] = talk
    return found


def ids(page: dict[str, Any]) -> list[str]:
    return [item["id"] for item in page["items"]]


def test_by_chinese_by_pinyin_and_by_what_was_understood(
    person_of: People, said: dict[str, str], words: dict[str, str], now: datetime
) -> None:
    find = person_of("viewer").get
    path = "/review/conversations"
    refund, slow = said["refund"], said["slow"]
    assert ids(find(path, q=words["refund"][2:])) == [refund]
    assert ids(find(path, q="tuikuan")) == [refund]
    assert ids(find(path, q="wytk")) == [refund]
    assert ids(find(path, q="100%")) == []
    assert ids(find(path, intent="request_refund")) == [refund]
    assert ids(find(path, max_confidence=0.5, not_intent="inform")) == [slow]
    assert len(ids(find(path, action="action_begin_case"))) == 3
    assert ids(find(path, action="action_begin")) == []
    assert len(ids(find(path, slot="order_no"))) == 3
    assert ids(find(path, min_length=3)) == []
    day = now.date().isoformat()
    assert len(ids(find(path, **{"from": day, "to": day}))) == 3
    assert len(ids(find(path, hour_from=12, hour_to=13))) == 3
    assert ids(find(path, hour_from=4, hour_to=5)) == []
    found = find(path, q="tuikuan")["items"][0]
    assert found["hit"]["seq"] == 1 and found["min_confidence"] == 0.95


def test_pages_hold_every_conversation_once(
    person_of: People, talks: Any, now: datetime
) -> None:
    made = [talks.make(f"talk {number}", now=now) for number in range(7)]
    find = person_of("viewer").get
    seen: list[str] = []
    cursor: int | None = None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = find("/review/conversations", **query)
        seen += ids(page)
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == made[::-1]


def test_a_judgement_is_made_changed_and_undone(
    person_of: People, said: dict[str, str]
) -> None:
    annotator = person_of("annotator")
    message = annotator.get(f"/conversations/{said['slow']}/messages")["messages"][0]
    path = f"/annotations/{message['id']}"
    put = annotator.http.put
    assert put(path, json={"verdict": "corrected"}).status_code == 422
    outside = [{"entity": "x", "start": 0, "end": 999}]
    wrong = {"verdict": "corrected", "intent": "urge", "entities": outside}
    assert put(path, json=wrong).status_code == 422
    assert put(path, json={"verdict": "corrected", "intent": "urge"}).status_code == 200
    again = annotator.get(f"/conversations/{said['slow']}/messages")["messages"][0]
    assert again["annotation"]["intent"] == "urge"
    assert annotator.http.delete(path).status_code == 204
    assert annotator.http.delete(path).status_code == 404


def test_the_worst_understood_come_first_and_alike_ones_together(
    person_of: People,
    said: dict[str, str],
    talks: Any,
    shop: Engine,
    words: dict[str, str],
    now: datetime,
) -> None:
    talk = talks.make(words["slow"] + "!", now=now)
    talks.reply(talk, 1, "ok", now, understood("ask_tracking", 0.35))
    ask_for_human(shop, talk)
    surely = talks.make(words["surely"], now=now)
    talks.reply(surely, 1, "ok", now, understood("request_human", 0.97))
    ask_for_human(shop, surely)
    assignment.tick(shop, now)
    annotator = person_of("annotator")
    groups = annotator.get("/nlu/inbox")["groups"]
    assert [group["size"] for group in groups] == [2, 1]
    worst = groups[0]
    assert set(worst["reasons"]) == {"low_confidence", "ended_in_human", "repeated"}
    body = {
        "message_ids": [item["id"] for item in worst["messages"]],
        "verdict": "corrected",
        "intent": "urge",
    }
    assert annotator.post("/nlu/bulk", body) == {"changed": 2}
    assert annotator.get("/nlu/inbox")["total"] == 1
    assert annotator.get("/nlu/corrections")["counts"]["corrected"] == 2


def test_training_data_holds_the_correction_and_no_phone_number(
    person_of: People, said: dict[str, str], words: dict[str, str]
) -> None:
    annotator = person_of("annotator")
    for name, entities in (("phone", None), ("refund", [(2, 4, "action")])):
        path = f"/conversations/{said[name]}/messages"
        message = annotator.get(path)["messages"][0]
        body = {
            "verdict": "corrected",
            "intent": "leave_phone",
            "entities": entities
            and [{"start": s, "end": e, "entity": n} for s, e, n in entities],
        }
        annotator.http.put(f"/annotations/{message['id']}", json=body)
    text = annotator.http.get("/nlu/export.yml").text
    assert "13812348000" not in text
    found = yaml.safe_load(text)["nlu"][0]
    assert found["intent"] == "leave_phone"
    marked = f"{words['refund'][:2]}[{words['refund'][2:4]}](action)"
    assert marked in [item["text"] for item in found["examples"]]
    assert found["examples"][0]["metadata"]["author"] == "the-annotator"


def test_a_talk_becomes_a_test_that_is_saved_once(
    person_of: People,
    said: dict[str, str],
    settings: Settings,
    words: dict[str, str],
) -> None:
    shutil.copytree(PROJECT, settings.project_dir)
    with (settings.project_dir / "domain.yml").open("a", encoding="utf-8") as domain:
        domain.write("actions: [action_begin_case]\n")
    annotator = person_of("annotator")
    text = annotator.http.get(f"/conversations/{said['refund']}/story.yml").text
    steps = yaml.safe_load(text)["stories"][0]["steps"]
    assert steps == [
        {"user": words["refund"], "intent": "request_refund"},
        {"action": "action_begin_case"},
    ]
    body = {"name": "refund", "yaml": text}
    assert annotator.post("/stories", body)["path"].endswith("refund.yml")
    assert annotator.http.post("/stories", json=body).status_code == 409
    for wrong in ({"name": "../x", "yaml": text}, {"name": "y", "yaml": "stories: 1"}):
        assert annotator.http.post("/stories", json=wrong).status_code == 422
    saved = [
        item["path"]
        for item in annotator.get("/training/tree")["files"]
        if item["path"].startswith("tests/test_talk_")
    ]
    assert len(saved) == 1


def test_a_masked_test_stays_a_story_file(words: dict[str, str]) -> None:
    talk = {"user": f"{words['phone']} *", "intent": "greet"}
    file = {"version": "3.1", "stories": [{"story": "a", "steps": [talk]}]}
    text = yaml.safe_dump(file, allow_unicode=True)
    made = stories.masked(text)
    (step,) = yaml.safe_load(made)["stories"][0]["steps"]
    assert "13812348000" not in made and step["intent"] == "greet"
    # What is masked already, comments and all, is left as it was written.
    assert stories.masked(f"# by hand\n{made}") == f"# by hand\n{made}"


def test_reviewed_later_and_undo(person_of: People, said: dict[str, str]) -> None:
    annotator = person_of("annotator")
    path = f"/review/conversations/{said['slow']}/state"
    done = annotator.http.put(path, json={"state": "reviewed"}).json()
    assert done == {"state": "reviewed", "before": "none"}
    find = annotator.get
    assert said["slow"] not in ids(find("/review/conversations", review="none"))
    annotator.http.put(path, json={"state": done["before"]})
    assert said["slow"] in ids(find("/review/conversations", review="none"))


def test_filters_are_ones_own_unless_shared(person_of: People) -> None:
    one, other = person_of("annotator"), person_of("viewer")
    for name, shared in (("mine", False), ("ours", True)):
        body = {"name": name, "query": {"tag": "x"}, "shared": shared}
        made = one.post("/review/filters", body)
    seen = [item["name"] for item in other.get("/review/filters")["items"]]
    assert seen == ["ours"]
    assert other.http.delete(f"/review/filters/{made['id']}").status_code == 404
