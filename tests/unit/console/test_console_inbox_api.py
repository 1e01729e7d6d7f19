"""The desk through its HTTP API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from aftercare.services.console import assignment
from aftercare.services.conversations import ask_for_human

People = Callable[..., Any]


def test_an_agent_answers_a_customer(
    person_of: People, talks: Any, shop: Engine, words: dict[str, str]
) -> None:
    agent, other = person_of("agent"), person_of("agent", "second")
    now = datetime.now(UTC)
    talk = talks.make(words["human"], now=now)
    ask_for_human(shop, talk)
    assignment.tick(shop, now)
    waiting = agent.get("/inbox", tab="waiting")
    assert [row["id"] for row in waiting["items"]] == [talk]
    path = f"/conversations/{talk}"
    detail = agent.get(path)
    assert detail["handover"]["trigger"] == "asked"
    assert words["human"] in detail["summary"]
    assert detail["identity"]["phone"].count("*") == 4
    assert detail["can"]["take"] and not detail["can"]["speak"]
    message = {"client_id": "1", "text": words["sorry"]}
    locked = agent.http.post(f"{path}/messages", json=message)
    assert (locked.status_code, locked.json()["reason"]) == (409, "not_owner")
    assert agent.post(f"{path}/take", {})["owner"] == "human"
    taken = other.http.post(f"{path}/take", json={})
    assert taken.json()["reason"] == "already_taken"
    assert taken.json()["detail"] == "the-agent"
    forced = other.http.post(f"{path}/take", json={"force": True})
    assert forced.status_code == 403
    said = agent.post(f"{path}/messages", message)
    assert said["agent"]["name"] == "the-agent"
    assert agent.post(f"{path}/messages", message)["seq"] == said["seq"]
    page = agent.get(f"{path}/messages")
    senders = [item["sender"] for item in page["messages"]]
    assert senders == ["customer", "system", "agent"]
    assert agent.get("/inbox", tab="mine")["items"][0]["waiting_since"] is None
    kinds = [item["kind"] for item in agent.get(f"{path}/events")["items"]]
    assert kinds == ["asked", "taken"]


def test_sensitive_words_are_asked_about(
    person_of: People, talks: Any, words: dict[str, str]
) -> None:
    agent = person_of("agent")
    path = f"/conversations/{talks.make('hello', now=datetime.now(UTC))}"
    agent.post(f"{path}/take", {})
    body = {"client_id": "1", "text": words["bad"]}
    asked = agent.http.post(f"{path}/messages", json=body)
    assert asked.status_code == 409 and asked.json()["words"]
    assert agent.post("/words/check", {"text": words["bad"]})["words"]
    assert agent.post(f"{path}/messages", body | {"confirm_words": True})["seq"]


def test_long_talks_are_read_from_their_end(person_of: People, talks: Any) -> None:
    agent = person_of("agent")
    now = datetime.now(UTC)
    talk = talks.make(*(f"m{number}" for number in range(25)), now=now)
    path = f"/conversations/{talk}/messages"
    newest = agent.get(path, limit=10)
    assert [item["seq"] for item in newest["messages"]] == list(range(16, 26))
    assert newest["has_older"] and newest["last_seq"] == 25
    older = agent.get(path, limit=20, before=16)
    assert [item["seq"] for item in older["messages"]] == list(range(1, 16))
    assert not older["has_older"]
    assert agent.get(path, after=24)["messages"][0]["seq"] == 25


def test_notes_tags_and_canned_replies(
    person_of: People, talks: Any, words: dict[str, str]
) -> None:
    agent, boss = person_of("agent"), person_of("supervisor")
    path = f"/conversations/{talks.make('hello', now=datetime.now(UTC))}"
    body = {"text": "look at this", "mentions": [boss.id, 999]}
    assert agent.post(f"{path}/notes", body)["mentions"] == [boss.id]
    assert boss.get(f"{path}/notes")["items"][0]["author"]["name"] == "the-agent"
    assert agent.http.put(f"{path}/tags", json={"tags": ["b", "a", "b"]}).json() == {
        "tags": ["a", "b"]
    }
    reply = {"short": "sorry", "title": "", "text": words["sorry"]}
    assert agent.http.post("/canned", json=reply).status_code == 403
    made = boss.post("/canned", reply)
    assert boss.http.post("/canned", json=reply).status_code == 409
    assert agent.get("/canned", q="sor")["items"][0]["id"] == made["id"]


def test_nobody_leaves_with_open_chats(person_of: People, talks: Any) -> None:
    agent = person_of("agent")
    put = agent.http.put
    assert put("/presence", json={"state": "online"}).json()["state"] == "online"
    path = f"/conversations/{talks.make('hello', now=datetime.now(UTC))}"
    agent.post(f"{path}/take", {})
    stays = put("/presence", json={"state": "offline"})
    assert (stays.status_code, stays.json()["detail"]) == (409, "1")
    assert put("/presence", json={"state": "break"}).status_code == 200
