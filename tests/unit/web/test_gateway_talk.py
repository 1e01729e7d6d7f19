"""Talking through the gateway: order, once each, buttons, history, sessions."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from aftercare.store.messages import MessageRow

WORDS = yaml.safe_load(Path(__file__).with_name("words.yml").read_text("utf-8"))
BUTTON = '/affirm{"nonce":"abc"}'


def offer(body: dict[str, Any]) -> tuple[int, Any]:
    buttons = [{"title": "Yes", "payload": BUTTON}]
    reply = {"text": f"re: {body['text']}", "buttons": buttons}
    return 200, {"replies": [reply], "understanding": {"slots": {"line": "L1"}}}


def test_twenty_messages_are_answered_in_order(up: Any, visitor_of: Any) -> None:
    async def scenario() -> tuple[list[str], list[dict[str, Any]]]:
        one = await visitor_of(up.url).open()
        for n in range(20):
            await one.io.emit("user_uttered", {"message": str(n), "client_id": f"c{n}"})
        await one.until(lambda: len(one.texts()) == 20)
        found = await one.history()
        await one.close()
        return one.texts(), found

    texts, found = asyncio.run(scenario())
    assert texts == [f"re: {n}" for n in range(20)]
    assert [m["seq"] for m in found] == list(range(1, 41))
    assert [m["text"] for m in found if m["sender"] == "customer"] == [
        str(n) for n in range(20)
    ]


def test_a_repeat_is_the_same_message(up: Any, visitor_of: Any) -> None:
    async def scenario() -> list[Any]:
        one = await visitor_of(up.url).open()
        acks = [await one.say("hi", "c1") for _ in range(3)]
        acks.append(await one.say("other", "c1"))
        await one.until(lambda: len(one.texts()) == 1)
        await one.close()
        return acks

    acks = asyncio.run(scenario())
    assert acks[:3] == [{"ok": True, "seq": 1, "trace": acks[0]["trace"]}] * 3
    assert len(acks[0]["trace"]) == 32
    assert acks[3]["reason"] == "idempotency_key_reused"
    assert [body["text"] for body in up.rasa.asked] == ["hi"]


def test_what_rasa_understood_is_stored_with_the_message(
    up: Any, visitor_of: Any
) -> None:
    up.rasa.behave = offer

    async def scenario() -> None:
        one = await visitor_of(up.url).open()
        await one.say("hi")
        await one.until(lambda: bool(one.texts()))
        await one.close()

    asyncio.run(scenario())
    with Session(up.engine) as session:
        row = session.scalars(select(MessageRow).order_by(MessageRow.seq)).first()
    assert row is not None and row.understanding == {"slots": {"line": "L1"}}
    assert row.answered_at is not None


def test_an_offered_button_passes_and_shows_its_title(up: Any, visitor_of: Any) -> None:
    up.rasa.behave = offer

    async def scenario() -> tuple[dict[str, Any], list[dict[str, Any]]]:
        one = await visitor_of(up.url).open()
        refused = await one.say(BUTTON)
        await one.say("refund")
        await one.until(lambda: "re: refund" in one.texts())
        assert (await one.say(BUTTON, "b1"))["ok"]
        await one.until(lambda: f"re: {BUTTON}" in one.texts())
        found = await one.history()
        await one.close()
        return refused, found

    refused, found = asyncio.run(scenario())
    assert refused["reason"] == "payload_not_issued"
    assert [m["text"] for m in found if m["sender"] == "customer"] == ["refund", "Yes"]
    assert [b["payload"] for b in up.rasa.asked] == [False, True]
    assert up.rasa.asked[1]["text"] == BUTTON


def test_a_button_of_another_conversation_is_not_ours(up: Any, visitor_of: Any) -> None:
    up.rasa.behave = offer

    async def scenario() -> dict[str, Any]:
        one = await visitor_of(up.url).open()
        await one.say("refund")
        await one.until(lambda: bool(one.texts()))
        two = await visitor_of(up.url).open()
        answer: dict[str, Any] = await two.say(BUTTON, "b1")
        await one.close()
        await two.close()
        return answer

    assert asyncio.run(scenario())["reason"] == "payload_not_issued"
    assert len(up.rasa.asked) == 1


@pytest.mark.parametrize("text", WORDS["disguised"])
def test_a_typed_payload_never_reaches_rasa(
    up: Any, visitor_of: Any, text: str
) -> None:
    async def scenario() -> dict[str, Any]:
        one = await visitor_of(up.url).open()
        answer: dict[str, Any] = await one.say(text, "c1")
        await one.close()
        return answer

    answer = asyncio.run(scenario())
    assert answer["reason"] == "payload_not_issued" and answer["message"]
    assert up.rasa.asked == []


@pytest.mark.parametrize("text", WORDS["harmless"])
def test_a_slash_in_a_sentence_is_a_sentence(
    up: Any, visitor_of: Any, text: str
) -> None:
    async def scenario() -> dict[str, Any]:
        one = await visitor_of(up.url).open()
        answer: dict[str, Any] = await one.say(text, "c1")
        await one.until(lambda: bool(one.texts()))
        await one.close()
        return answer

    assert asyncio.run(scenario())["ok"]
    assert [body["payload"] for body in up.rasa.asked] == [False]


def test_a_page_may_open_with_its_own_first_payload(up: Any, visitor_of: Any) -> None:
    async def scenario() -> None:
        one = await visitor_of(up.url).open()
        await one.say("/get_started")
        await one.until(lambda: bool(one.texts()))
        await one.close()

    asyncio.run(scenario())
    assert up.rasa.asked[0]["text"] == "/greet"


def test_history_after_a_cut_has_no_gap(up: Any, visitor_of: Any) -> None:
    async def scenario() -> tuple[str, str, list[int]]:
        one = await visitor_of(up.url).open()
        await one.say("a")
        await one.until(lambda: len(one.texts()) == 1)
        up.rasa.hold.clear()
        await one.say("b")
        await one.close()
        up.rasa.hold.set()
        two = await visitor_of(up.url).open(one.session)
        await two.say("c")
        await two.until(lambda: "re: c" in two.texts())
        found = await two.history(after=2)
        await two.close()
        return one.session, two.session, [m["seq"] for m in found]

    first, second, seqs = asyncio.run(scenario())
    assert first == second
    assert seqs == list(range(3, 3 + len(seqs))) and len(seqs) >= 4
