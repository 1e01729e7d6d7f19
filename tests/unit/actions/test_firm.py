"""What no bot may grant: exceptions, damages, a free repair of what was dropped."""

from __future__ import annotations

from typing import Any

import pytest

from actions.case import BeginCase, SubmitCase
from actions.form import ValidateCaseForm
from actions.handover import Handover
from actions.knowledge import Knowledge
from actions.service import ReturnPolicy
from actions.smalltalk import Chitchat, Greet
from actions.stray import Clarify
from tests.unit.actions.conftest import Customer

PERSON = "/request_human"


def test_a_plea_is_told_who_may_decide_and_what_is_granted_anyway(
    anna: Customer, words: Any, say: Any
) -> None:
    dress = anna.line(words["dress"])
    anna.slots = {"focus": dress.line_id}
    answer = anna.hear(ReturnPolicy(), anna.turn(words["plea"], "ask_return_policy"))
    assert answer.text == say["plead_for"].format(title=dress.title)
    assert PERSON in answer.payloads and "/request_exchange" in answer.payloads[1]


def test_after_a_refusal_a_plea_is_heard_however_it_was_understood(
    anna: Customer, words: Any, say: Any
) -> None:
    line = anna.line(words["dress"]).line_id
    anna.slots = {"line": line, "outcome": "refused"}
    anna.hear(SubmitCase(), anna.turn(""))
    misread = anna.turn(words["plea"], "ask_product_spec")
    assert PERSON in anna.hear(Knowledge(), misread).payloads
    unclear = anna.turn(words["plea"], "nlu_fallback")
    answer = anna.hear(Clarify(), unclear)
    assert PERSON in answer.payloads and not answer.slots["misses"]


def test_begging_is_a_plea_only_after_a_refusal(
    anna: Customer, words: Any, say: Any
) -> None:
    polite = anna.hear(Clarify(), anna.turn(words["polite"], "nlu_fallback"))
    assert say["plead"] not in polite.text
    anna.slots |= {"topic": "refused", "focus": None}
    begging = anna.hear(Clarify(), anna.turn(words["begging"], "nlu_fallback"))
    assert begging.text == say["plead"]


def test_bitter_praise_is_a_complaint_and_a_joke_is_not(
    anna: Customer, words: Any, say: Any
) -> None:
    bitter = anna.hear(Chitchat(), anna.turn(words["wry"], "chitchat"))
    assert say["wry"] in bitter.text and PERSON in bitter.payloads
    joke = anna.hear(Chitchat(), anna.turn(words["joke"], "chitchat"))
    assert joke.messages[0]["response"] == "utter_chitchat"


def test_damages_are_never_promised(anna: Customer, words: Any, say: Any) -> None:
    answer = anna.hear(BeginCase(), anna.turn(words["damages"], "complain"))
    assert say["damages"] in answer.text
    anna.slots |= {"requested_slot": "case_kind", "case_kind": None}
    anna.slots |= {"line": anna.line(words["shoes"]).line_id, "reason": "defect"}
    inside = anna.hear(ValidateCaseForm(), anna.turn(words["damages"], "complain"))
    assert say["damages"] in inside.text


def test_ones_own_doing_is_no_free_repair(ben: Customer, words: Any) -> None:
    for text in words["own_doing"]:
        ben.slots = {}
        answer = ben.hear(BeginCase(), ben.turn(text, "report_damage"))
        assert answer.slots["outcome"] == "answered" and PERSON in answer.payloads
        assert answer.slots.get("line") is None


def test_nor_is_it_inside_the_form(ben: Customer, words: Any) -> None:
    phone = ben.line(words["phone"]).line_id
    ben.slots = {"case_kind": "repair", "line": phone, "requested_slot": "detail"}
    answer = ben.hear(ValidateCaseForm(), ben.turn(words["own_doing"][1], "inform"))
    assert answer.slots["outcome"] == "refused"


@pytest.mark.parametrize("index", range(5))
def test_a_fault_of_the_goods_is_not_taken_for_it(
    ben: Customer, words: Any, index: int
) -> None:
    turn = ben.turn(words["not_own_doing"][index], "report_damage")
    answer = ben.hear(BeginCase(), turn)
    assert answer.slots.get("outcome") != "answered"


def test_what_a_repair_costs_is_a_question(ben: Customer, words: Any) -> None:
    turn = ben.turn(words["repair_price"], "request_repair")
    answer = ben.hear(BeginCase(), turn)
    assert answer.slots["outcome"] == "answered" and answer.text


def test_a_hello_in_the_queue_is_told_how_long_it_takes(
    anna: Customer, say: Any
) -> None:
    first = anna.hear(Greet(), anna.turn("", "greet"))
    assert first.messages[0]["response"] == "utter_greet"
    anna.hear(Handover(), anna.turn("", "request_human"))
    assert anna.hear(Greet(), anna.turn("", "greet")).text.startswith(
        say["handover_again"]
    )
