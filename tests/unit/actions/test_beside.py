"""What is said beside the question: it is answered, or chooses, never just dropped."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from actions.answers import NotReceived, OrderStatus, TrackParcel
from actions.asks import AskReason
from actions.case import BeginCase, SubmitCase
from actions.form import ValidateCaseForm
from actions.knowledge import Knowledge
from actions.preview import AskConfirmed
from actions.stray import StrayAnswer
from tests.unit.actions.conftest import Answer, Customer


@pytest.fixture
def repairing(ben: Customer, words: Any) -> Customer:
    line = ben.line(words["phone"]).line_id
    ben.slots = {"case_kind": "repair", "line": line, "detail": "x", "reason": "defect"}
    ben.slots |= {"requested_slot": "confirmed", "nonce": "n"}
    return ben


def hear(who: Customer, text: str, intent: str) -> Answer:
    return who.hear(ValidateCaseForm(), who.turn(text, intent))


def test_a_question_inside_a_repeated_wish_is_answered(
    repairing: Customer, words: Any, say: Any
) -> None:
    told = hear(repairing, words["spare"], "request_repair").text
    assert told.startswith(say["knowledge"].split("{")[0]) and told
    told = hear(repairing, words["odd_question"], "request_repair").text
    assert told == say["cannot_answer"]


def test_a_faulty_thing_is_exchanged_for_the_same(anna: Customer, words: Any) -> None:
    line = anna.line(words["shoes"])
    anna.slots = {"case_kind": "exchange", "line": line.line_id, "reason": "defect"}
    anna.slots |= {"requested_slot": "target", "detail": "x"}
    assert hear(anna, words["same_one"], "inform").slots["target"] == line.sku
    anna.slots |= {"reason": "size", "target": None}
    assert not hear(anna, words["same_one"], "inform").slots.get("target")


def test_another_kind_named_at_the_summary_is_taken(anna: Customer, words: Any) -> None:
    line = anna.line(words["shoes"]).line_id
    anna.slots = {"case_kind": "refund", "line": line, "reason": "defect"}
    anna.slots |= {"detail": "x", "requested_slot": "confirmed", "nonce": "n"}
    answer = hear(anna, words["then_repair_too"], "affirm")
    assert answer.slots["case_kind"] == "repair" and answer.slots["nonce"] is None


def test_a_choice_that_sounds_like_the_end_is_a_choice(
    engine: Engine, now: datetime, words: Any
) -> None:
    clara = Customer(engine, now, "C-DEMO-3")
    line = clara.line(words["mug"]).line_id
    clara.slots = {"line": line, "reason": "wrong_item", "detail": "x"}
    clara.slots |= {"requested_slot": "case_kind"}
    assert hear(clara, words["make_again"], "stop").slots["case_kind"] == "exchange"


def test_only_what_came_can_pinch(anna: Customer, words: Any) -> None:
    turn = anna.turn(words["shoes_pinch"], "ask_order_status")
    answer = anna.hear(OrderStatus(), turn)
    assert answer.slots["focus"] == anna.line(words["shoes"]).line_id


def test_a_gift_is_ones_own(ben: Customer, words: Any, say: Any) -> None:
    case = ben.line(words["case_missing"][:3])
    turn = ben.turn(
        words["case_missing"],
        "report_not_received",
        things=(words["case_missing"][:3],),
    )
    answer = ben.hear(NotReceived(), turn)
    assert answer.slots["focus"] == case.line_id


def test_a_guest_is_told_what_the_proved_order_does_not_hold(
    guest: Customer, words: Any, say: Any
) -> None:
    number = words["own_boots_number"]
    turn = guest.turn(number, numbers=(number,))
    guest.hear(StrayAnswer(), turn)
    guest.hear(StrayAnswer(), guest.turn(words["tail"]))
    thing = words["pot"]
    answer = guest.hear(StrayAnswer(), guest.turn(thing, things=(thing,)))
    assert answer.text == say["guest_stranger"].format(thing=thing)


def test_what_is_on_its_way_may_never_have_come(anna: Customer, words: Any) -> None:
    anna.slots = {"case_kind": "refund", "line": anna.line(words["boots"]).line_id}
    asked = anna.hear(AskReason(), anna.turn(""))
    assert any("not_received" in payload for payload in asked.payloads)


def test_the_second_one_is_that_of_the_list_of_orders(
    anna: Customer, words: Any
) -> None:
    anna.hear(OrderStatus(), anna.turn(words["my_orders"], "ask_order_status"))
    second = anna.slots["offered"][1]
    begun = anna.hear(BeginCase(), anna.turn(words["second_back"], "request_refund"))
    assert begun.slots["line"] == second


def test_a_pot_is_the_rice_cooker_and_sent_means_the_unsent(
    anna: Customer, words: Any
) -> None:
    turn = anna.turn(words["pot_today"], "ask_delivery_time")
    answer = anna.hear(TrackParcel(), turn)
    assert answer.slots["focus"] == anna.line(words["pot"]).line_id


def test_when_they_come_means_the_repair_just_begun(ben: Customer, words: Any) -> None:
    line = ben.line(words["fridge"]).line_id
    ben.slots = {"case_kind": "repair", "line": line, "detail": "x"}
    nonce = ben.hear(AskConfirmed(), ben.turn("")).slots["nonce"]
    ben.slots |= {"confirmed": nonce, "outcome": None}
    ben.hear(SubmitCase(), ben.turn("", "affirm"))
    told = ben.hear(Knowledge(), ben.turn(words["when_visit"], "ask_installation"))
    assert ben.line(words["fridge"]).title in told.text
