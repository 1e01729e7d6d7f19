"""Articles through the console: written by one, approved by another, tried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aftercare.services.console.rights import Role


def draft(person: Any, words: dict[str, Any], **fields: Any) -> dict[str, Any]:
    body = {"title": words["wrap_title"], "body": words["wrap_body"]} | fields
    made: dict[str, Any] = person.post("/articles", body)
    return made


def test_an_agent_writes_and_a_supervisor_approves(
    person_of: Callable[..., Any], words: dict[str, Any]
) -> None:
    agent, boss = person_of(Role.AGENT), person_of(Role.SUPERVISOR)
    made = draft(agent, words)
    path = f"/articles/{made['key']}/{made['version']}/approve"
    agent.post(path, status=403)
    assert boss.post(path)["state"] == "live"
    tried = agent.get("/articles-test", text=words["wrap_title"])["items"]
    assert tried[0]["key"] == made["key"] and tried[0]["shared"]
    boss.post(path, status=409)
    audit = [entry["action"] for entry in boss.get("/audit")["items"]]
    assert audit[:2] == ["article.approve", "article.propose"]


def test_the_list_says_what_is_wrong(
    person_of: Callable[..., Any], words: dict[str, Any]
) -> None:
    boss = person_of(Role.SUPERVISOR)
    assert boss.get("/articles")["faults"] == []
    made = draft(boss, words, claims={"no_reason_return": 3, "no.such": 1})
    boss.post(f"/articles/{made['key']}/1/approve")
    found = boss.get("/articles", state="live", text=words["wrap_title"])
    assert [item["key"] for item in found["items"]] == [made["key"]]
    kinds = {fault["what"]: fault["kind"] for fault in found["faults"]}
    assert kinds == {"no_reason_return": "contradicts", "no.such": "unknown"}
    boss.post(f"/articles/{made['key']}/1/retire")
    assert boss.get("/articles")["faults"] == []
    states = [v["state"] for v in boss.get(f"/articles/{made['key']}")["items"]]
    assert states == ["retired"]


def test_bad_input_is_refused_with_a_reason(
    person_of: Callable[..., Any], words: dict[str, Any]
) -> None:
    agent = person_of(Role.AGENT)
    agent.post("/articles", {"title": "", "body": "x"}, status=422)
    agent.post(
        "/articles",
        {
            "title": "t",
            "body": "b",
            "valid_from": "2026-11-02T00:00:00Z",
            "valid_to": "2026-11-01T00:00:00Z",
        },
        status=422,
    )
    assert agent.http.get("/articles/none").status_code == 404
    person_of(Role.VIEWER).post("/articles", {"title": "t", "body": "b"}, status=403)
