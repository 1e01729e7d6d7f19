"""Canned replies that act: said once, tagged, and the chat put where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

People = Callable[..., Any]


def made(boss: Any, **after: Any) -> int:
    body = {"short": "bye", "title": "", "text": "goodbye", "after": after}
    return int(boss.post("/canned", body)["id"])


def test_a_reply_is_said_the_chat_tagged_and_closed_and_a_repeat_does_nothing(
    person_of: People, talks: Any
) -> None:
    boss, agent = person_of("supervisor"), person_of("agent")
    reason = boss.get("/settings")["close_reasons"][0]
    macro = made(boss, tags=["done"], end="close", reason=reason)
    assert agent.get("/canned")["items"][0]["after"]["reason"] == reason
    path = f"/conversations/{talks.make('hello', now=datetime.now(UTC))}"
    body = {"client_id": "m-1", "text": "goodbye, and thanks"}
    refused = agent.http.post(f"{path}/macros/{macro}", json=body)
    assert refused.json()["reason"] == "not_owner"
    agent.post(f"{path}/take", {})
    agent.http.put(f"{path}/tags", json={"tags": ["vip"]})
    said = agent.post(f"{path}/macros/{macro}", body)
    assert (said["sender"], said["text"]) == ("agent", body["text"])
    detail = agent.get(path)
    assert (detail["owner"], detail["tags"]) == ("closed", ["done", "vip"])
    assert agent.post(f"{path}/macros/{macro}", body)["seq"] == said["seq"]
    page = agent.get(f"{path}/messages")["messages"]
    assert [item["sender"] for item in page].count("agent") == 1
    kinds = [item["kind"] for item in agent.get(f"{path}/events")["items"]]
    assert kinds == ["taken", "closed"]


@pytest.mark.parametrize(("end", "owner"), [("snooze", "human"), ("give_back", "bot")])
def test_other_ends_and_words_that_need_a_second_look(
    person_of: People, talks: Any, words: dict[str, str], end: str, owner: str
) -> None:
    boss, agent = person_of("supervisor"), person_of("agent")
    macro = made(boss, end=end)
    path = f"/conversations/{talks.make('hello', now=datetime.now(UTC))}"
    agent.post(f"{path}/take", {})
    body = {"client_id": "m-2", "text": words["bad"]}
    asked = agent.http.post(f"{path}/macros/{macro}", json=body)
    assert asked.json()["reason"] == "sensitive_words"
    assert not agent.get(path)["snoozed"] and agent.get(path)["owner"] == "human"
    agent.post(f"{path}/macros/{macro}", body | {"confirm_words": True})
    found = agent.get(path)
    assert (found["owner"], found["snoozed"]) == (owner, end == "snooze")


def test_a_reason_the_shop_has_not_is_refused(person_of: People) -> None:
    boss = person_of("supervisor")
    body = {"short": "x", "text": "x", "after": {"end": "close", "reason": "made up"}}
    refused = boss.http.post("/canned", json=body)
    assert (refused.status_code, refused.json()["reason"]) == (422, "malformed")
    assert boss.get("/canned")["items"] == []
