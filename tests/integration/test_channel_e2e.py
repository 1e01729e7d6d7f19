"""Our input channel inside the real Rasa, spoken to as the gateway does."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from aftercare.web.identity import turn_token
from tests.integration.stack import Stack

GREET = "/greet"


def ask(stack: Stack, talk: str, number: int, **changes: Any) -> httpx.Response:
    """Send one turn; `changes` replaces fields, None leaves one out."""
    key = stack.settings.internal_secret
    body = {
        "conversation_id": talk,
        "seq": number,
        "text": GREET,
        "payload": True,
        "turn_token": turn_token(talk, None, number, key, datetime.now(UTC)),
    } | changes
    return httpx.post(
        f"{stack.settings.rasa_url}/webhooks/aftercare/turn",
        json={name: value for name, value in body.items() if value is not None},
        headers={"authorization": f"Bearer {key}"},
        timeout=60,
        trust_env=False,
    )


def test_a_turn_says_what_was_understood_and_done(stack: Stack) -> None:
    answer = ask(stack, secrets.token_hex(8), 1)
    assert answer.status_code == 200
    found = answer.json()
    assert found["replies"][0]["text"]
    understood = found["understanding"]
    assert understood["intent"]["name"] == "greet"
    assert set(understood) == {
        "intent",
        "intent_ranking",
        "entities",
        "slots",
        "actions",
        "active_loop",
        "explanation",
        "took_ms",
        "stages_ms",
    }
    assert {"name", "policy", "confidence"} == set(understood["actions"][0])


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"payload": None}, 422, "payload_not_issued"),
        ({"text": " \n/greet", "payload": False}, 422, "payload_not_issued"),
        ({"text": "x" * 1001}, 413, "too_long"),
        ({"text": "x" * 70_000}, 413, "too_large"),
        ({"text": ""}, 400, "fields_missing"),
        ({"text": 7}, 400, "fields_missing"),
        ({"seq": "1"}, 400, "fields_missing"),
        ({"turn_token": None}, 400, "fields_missing"),
        ({"conversation_id": ["a"]}, 400, "fields_missing"),
    ],
)
def test_what_the_gateway_would_not_send_is_refused(
    stack: Stack, changes: dict[str, Any], status: int, reason: str
) -> None:
    answer = ask(stack, secrets.token_hex(8), 1, **changes)
    assert (answer.status_code, answer.json()) == (status, {"reason": reason})


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer " + "x" * 48])
def test_only_the_gateway_is_heard(stack: Stack, given: str | None) -> None:
    headers = {} if given is None else {"authorization": given}
    url = f"{stack.settings.rasa_url}/webhooks/aftercare/turn"
    answer = httpx.post(url, content=b"{}", headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()) == (401, {"reason": "unauthorised"})


def test_no_other_way_into_rasa_is_open(stack: Stack) -> None:
    for path in ("/webhooks/rest/webhook", "/model/parse", "/conversations/x/tracker"):
        url = f"{stack.settings.rasa_url}{path}"
        assert httpx.post(url, json={}, trust_env=False).status_code == 404


def test_bad_json_is_refused(stack: Stack) -> None:
    key = stack.settings.internal_secret
    answer = httpx.post(
        f"{stack.settings.rasa_url}/webhooks/aftercare/turn",
        content=b"{",
        headers={"authorization": f"Bearer {key}"},
        trust_env=False,
    )
    assert (answer.status_code, answer.json()) == (400, {"reason": "not_json"})


def test_the_same_message_asked_again_is_one_turn(stack: Stack) -> None:
    talk = secrets.token_hex(8)
    with ThreadPoolExecutor(4) as pool:
        answers = [*pool.map(lambda _: ask(stack, talk, 1).text, range(4))]
    assert len(set(answers)) == 1


def test_a_turn_without_its_action_is_taken_back(stack: Stack) -> None:
    talk = secrets.token_hex(8)
    wish = {"text": "/request_refund"}
    stack.kill("actions")
    away = ask(stack, talk, 1, **wish)
    assert (away.status_code, away.json()) == (503, {"reason": "actions_away"})
    stack.start("actions")
    stack.wait_until_ready()
    again = ask(stack, talk, 1, **wish)
    fresh = ask(stack, secrets.token_hex(8), 1, **wish)
    assert again.status_code == 200
    assert again.json()["replies"] == fresh.json()["replies"]
    assert names(again) == names(fresh)


def names(answer: httpx.Response) -> list[str]:
    return [action["name"] for action in answer.json()["understanding"]["actions"]]
