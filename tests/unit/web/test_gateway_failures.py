"""Rasa away, slow, wrong: told once, kept, and answered when it is back."""

from __future__ import annotations

import asyncio
import importlib
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

import aftercare.web

MESSAGES = Path(aftercare.web.__file__).with_name("messages.yml")
TEXTS = yaml.safe_load(MESSAGES.read_text("utf-8"))


def test_away_is_said_once_and_all_is_answered_later(
    gate: Any, visitor_of: Any, serving: Any
) -> None:
    async def scenario() -> list[str]:
        one = await visitor_of(gate.url).open()
        assert [(await one.say(text))["ok"] for text in "abc"] == [True] * 3
        await one.until(lambda: TEXTS["away"] in one.texts())
        await one.until(lambda: one.of("state")[-1]["rasa"] == "away")
        with serving(gate.rasa.app(), gate.rasa.port):
            await one.until(lambda: len(one.texts()) == 4)
            await one.until(lambda: one.of("state")[-1]["rasa"] == "ok")
            await one.close()
        return list(one.texts())

    assert asyncio.run(scenario()) == [TEXTS["away"], "re: a", "re: b", "re: c"]


def test_a_second_outage_is_said_again(
    gate: Any, visitor_of: Any, serving: Any
) -> None:
    async def scenario() -> list[str]:
        one = await visitor_of(gate.url).open()
        for text in ("a", "b"):
            await one.say(text)
            await one.until(lambda: one.texts()[-1:] == [TEXTS["away"]])
            with serving(gate.rasa.app(), gate.rasa.port):
                await one.until(lambda text=text: one.texts()[-1] == f"re: {text}")
        await one.close()
        return list(one.texts())

    away = TEXTS["away"]
    assert asyncio.run(scenario()) == [away, "re: a", away, "re: b"]


def test_a_slow_answer_is_announced_and_asked_for_once(
    up: Any, visitor_of: Any
) -> None:
    async def scenario() -> list[str]:
        up.rasa.hold.clear()
        one = await visitor_of(up.url).open()
        await one.say("a")
        await one.until(lambda: TEXTS["away"] in one.texts())
        up.rasa.hold.set()
        await one.until(lambda: len(one.texts()) == 2)
        await one.close()
        return list(one.texts())

    assert asyncio.run(scenario()) == [TEXTS["away"], "re: a"]
    assert len(up.rasa.asked) == 1


EMPTY = {"replies": [], "understanding": {}}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"reason": "turn_failed"}),
        (502, {"reason": "action_failed"}),
        (200, EMPTY),
        (200, {"nothing": 1}),
        (200, []),
        (418, "tea"),
    ],
)
def test_a_failed_turn_is_owned_up_to_with_a_way_to_a_person(
    up: Any, visitor_of: Any, status: int, body: Any
) -> None:
    up.rasa.behave = lambda _: (status, body)

    async def scenario() -> list[dict[str, Any]]:
        one = await visitor_of(up.url).open()
        await one.say("a")
        await one.until(lambda: bool(one.texts()))
        up.rasa.behave = None
        assert (await one.say("/request_human", "b"))["ok"]
        await one.until(lambda: len(one.texts()) == 2)
        await one.close()
        return list(one.of("bot_uttered"))

    said = asyncio.run(scenario())
    assert said[0]["text"] == TEXTS["failed"]
    assert [b["payload"] for b in said[0]["quick_replies"]] == ["/request_human"]
    assert said[1]["text"] == "re: /request_human"


def test_an_action_server_that_is_away_is_waited_for(up: Any, visitor_of: Any) -> None:
    up.rasa.behave = lambda _: (503, {"reason": "actions_away"})

    async def scenario() -> list[str]:
        one = await visitor_of(up.url).open()
        await one.say("a")
        await one.until(lambda: len(up.rasa.asked) >= 2)
        up.rasa.behave = None
        await one.until(lambda: "re: a" in one.texts())
        await one.close()
        return list(one.texts())

    assert TEXTS["failed"] not in asyncio.run(scenario())


def test_what_a_dead_gateway_left_is_answered_by_the_next(
    settings: Any, rasa: Any, visitor_of: Any, serving: Any, port: int
) -> None:
    create_app = importlib.import_module("aftercare.web.app").create_app
    url = f"http://127.0.0.1:{port}"

    async def leave() -> str:
        one = await visitor_of(url).open()
        assert (await one.say("a"))["ok"]
        await one.close()
        return str(one.session)

    async def come_back(session: str) -> list[dict[str, Any]]:
        one = await visitor_of(url).open(session)
        found: list[dict[str, Any]] = []
        async with asyncio.timeout(20):
            while not any(m["sender"] == "bot" for m in found):
                found = await one.history()
        await one.close()
        return found

    with serving(create_app(settings), port):
        session = asyncio.run(leave())
    with serving(rasa.app(), rasa.port), serving(create_app(settings), port):
        found = asyncio.run(come_back(session))
    assert [m["text"] for m in found if m["sender"] == "bot"] == ["re: a"]


def test_one_conversation_that_waits_does_not_stop_another(
    up: Any, visitor_of: Any
) -> None:
    gone = threading.Event()

    def slow(body: dict[str, Any]) -> tuple[int, Any]:
        if body["text"] == "slow" and not gone.is_set():
            return 503, {"reason": "no_model"}
        text = {"text": f"re: {body['text']}"}
        return 200, {"replies": [text], "understanding": {}}

    up.rasa.behave = slow

    async def scenario() -> None:
        one = await visitor_of(up.url).open()
        two = await visitor_of(up.url).open()
        await one.say("slow")
        await two.say("quick")
        await two.until(lambda: "re: quick" in two.texts())
        assert "re: slow" not in one.texts()
        gone.set()
        await one.until(lambda: "re: slow" in one.texts())
        await one.close()
        await two.close()

    asyncio.run(scenario())
