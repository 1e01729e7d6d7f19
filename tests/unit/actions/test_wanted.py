"""A size or a colour asked for: whether it is there, and the way to have it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from actions.case import BeginCase
from actions.knowledge import Knowledge
from tests.unit.actions.conftest import Answer, Customer


def ask(who: Customer, text: str) -> Answer:
    return who.hear(Knowledge(), who.turn(text, "ask_stock"))


@pytest.fixture
def shoes(anna: Customer, words: Any) -> Customer:
    anna.slots = {"focus": anna.line(words["shoes"]).line_id}
    return anna


def test_the_next_size_is_offered_and_taken_by_a_few_words(
    shoes: Customer, words: Any
) -> None:
    answer = ask(shoes, words["size_up_there"])
    assert words["shoes_39"] in answer.text and words["shoes_41"] not in answer.text
    offer = answer.slots["offer"]
    turn = shoes.turn(words["then_swap"], "request_exchange", offer=offer)
    begun = shoes.hear(BeginCase(), turn)
    assert begun.slots["target"] == json.loads(offer[offer.index("{") :])["target"]
    assert begun.slots["reason"] == "size"


def test_of_several_each_has_its_button_and_none_is_guessed(
    shoes: Customer, words: Any
) -> None:
    answer = ask(shoes, words["black_there"])
    assert len([x for x in answer.payloads if "/request_exchange" in x]) == 2
    assert answer.slots.get("offer") is None
    begun = shoes.hear(BeginCase(), shoes.turn(words["then_swap"], "request_exchange"))
    assert begun.slots["target"] is None
    # What was asked of is a size or a colour: the reason need not be asked.
    assert begun.slots["reason"] == "size"


def test_no_smaller_one_is_said_so(shoes: Customer, words: Any, say: Any) -> None:
    answer = ask(shoes, words["size_down_there"])
    title = shoes.line(words["shoes"]).title
    assert answer.text == say["wanted_gone_smaller"].format(title=title)


def test_a_pressed_exchange_carries_what_it_is_for(shoes: Customer, words: Any) -> None:
    payload = ask(shoes, words["size_up_there"]).payloads[0]
    given = json.loads(payload[payload.index("{") :])
    turn = shoes.turn("", "request_exchange", given=given, pressed=True)
    assert shoes.hear(BeginCase(), turn).slots["target"] == given["target"]


def test_an_offer_of_another_thing_is_not_taken(shoes: Customer, words: Any) -> None:
    offer = ask(shoes, words["size_up_there"]).slots["offer"]
    shoes.slots["focus"] = None
    text = words["boots"] + words["then_swap"]
    turn = shoes.turn(text, "request_exchange", offer=offer)
    assert shoes.hear(BeginCase(), turn).slots["target"] is None


def test_what_cannot_be_exchanged_has_no_button(anna: Customer, words: Any) -> None:
    anna.slots = {"focus": anna.line(words["dress"]).line_id}
    answer = ask(anna, words["size_up_there"])
    assert answer.text and not answer.payloads
