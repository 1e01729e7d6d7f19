"""Answers nobody asked for, and messages nobody understood."""

from __future__ import annotations

from typing import Any

import pytest

from actions.answers import OrderStatus, TrackParcel
from actions.case import BeginCase
from actions.knowledge import Knowledge
from actions.stray import Clarify, StrayAnswer
from tests.unit.actions.conftest import Customer


def test_a_bare_name_tells_how_the_thing_stands(anna: Customer, words: Any) -> None:
    answer = anna.hear(StrayAnswer(), anna.turn(words["boots"]))
    line = anna.line(words["boots"])
    assert line.order_no in answer.text
    assert answer.slots["focus"] == line.line_id


def test_a_name_after_a_question_asks_it_of_that_thing(
    anna: Customer, words: Any
) -> None:
    anna.hear(TrackParcel(), anna.turn(words["cherry"], "track_logistics"))
    answer = anna.hear(StrayAnswer(), anna.turn(words["boots"]))
    assert "SD000000010006" in answer.text


def test_a_guest_proves_an_order_and_is_answered_at_once(
    guest: Customer, words: Any, say: Any
) -> None:
    number = words["own_boots_number"]
    turn = guest.turn(number, "track_logistics", numbers=(number,))
    assert guest.hear(TrackParcel(), turn).text == say["guest_tail"]
    answer = guest.hear(StrayAnswer(), guest.turn(words["tail"]))
    assert say["guest_ok"] in answer.text and "SD000000010006" in answer.text


def test_a_mistyped_tail_is_typed_again_without_the_number(
    guest: Customer, words: Any, say: Any
) -> None:
    number = words["own_boots_number"]
    turn = guest.turn(number, "track_logistics", numbers=(number,))
    guest.hear(TrackParcel(), turn)
    answer = guest.hear(StrayAnswer(), guest.turn("1234"))
    assert answer.text == say["proof_wrong"]
    answer = guest.hear(StrayAnswer(), guest.turn(words["tail"]))
    assert say["guest_ok"] in answer.text and "SD000000010006" in answer.text


def test_information_the_last_answer_called_for_is_taken(
    anna: Customer, words: Any, say: Any
) -> None:
    anna.slots = {"topic": "action_invoice"}
    answer = anna.hear(StrayAnswer(), anna.turn(words["tax_number"]))
    assert answer.text == say["invoice_noted"]
    anna.slots = {"topic": "action_repair_site"}
    answer = anna.hear(StrayAnswer(), anna.turn(words["hangzhou"], in_place=True))
    assert answer.text == say["repair_site_near"]
    assert answer.slots["offer"] == "/request_human"


def test_a_picture_asks_what_it_is_about(anna: Customer, words: Any, say: Any) -> None:
    answer = anna.hear(StrayAnswer(), anna.turn(words["picture"], picture=True))
    assert answer.text == say["picture"]


def test_twice_with_choices_then_a_person(anna: Customer, words: Any, say: Any) -> None:
    said = [
        anna.hear(
            Clarify(),
            anna.turn(
                words["babble"],
                "nlu_fallback",
                ranking=("ask_coupon", "ask_price"),
                chances=(0.2, 0.01),
            ),
        )
        for _ in range(3)
    ]
    assert said[0].text == say["clarify_1"]
    # What is as good as impossible is not offered as what may be meant.
    assert said[0].payloads == ["/ask_coupon", "/request_human"]
    assert said[1].text == say["clarify_2"]
    assert said[2].text.startswith(say["clarify_3"].split("{")[0])
    assert said[2].slots["misses"] is None


def test_without_a_likely_meaning_the_usual_wishes_are_offered(
    anna: Customer, words: Any
) -> None:
    turn = anna.turn(words["babble"], "nlu_fallback", chances=(0.01,))
    answer = anna.hear(Clarify(), turn)
    assert "/request_refund" in answer.payloads


@pytest.mark.parametrize("action", [TrackParcel, OrderStatus])
def test_a_thing_the_customer_never_bought_is_said_so(
    anna: Customer, words: Any, say: Any, action: Any
) -> None:
    turn = anna.turn(words["where_is_fridge"], things=(words["fridge"],))
    told = say["thing_unknown"].format(thing=words["fridge"])
    assert anna.hear(action(), turn).text == told


def test_the_one_parcel_shown_is_what_the_talk_is_about(
    ben: Customer, words: Any
) -> None:
    ben.hear(TrackParcel(), ben.turn("", "track_logistics"))
    answer = ben.hear(BeginCase(), ben.turn("", "request_refund"))
    assert answer.slots["line"] == ben.line(words["coat"]).line_id


def test_a_wish_of_its_own_is_not_about_what_was_asked_before(
    ben: Customer, words: Any
) -> None:
    ben.hear(TrackParcel(), ben.turn("", "track_logistics"))
    answer = ben.hear(BeginCase(), ben.turn("", "request_refund", apart=True))
    assert answer.slots["line"] is None


def test_and_a_fault_asks_the_last_question_again(
    anna: Customer, words: Any, say: Any
) -> None:
    anna.slots = {"topic": "action_return_freight"}
    answer = anna.hear(BeginCase(), anna.turn(words["and_fault"], "report_defect"))
    assert answer.text == say["freight"]
    assert answer.slots["outcome"] == "answered"


def test_several_things_are_done_one_after_the_other(
    anna: Customer, words: Any, say: Any
) -> None:
    turn = anna.turn(words["both_away"], "request_refund")
    answer = anna.hear(BeginCase(), turn)
    pot, boots = anna.line(words["pot"]), anna.line(words["boots"])
    assert answer.text == say["first_then"].format(title=pot.title)
    assert answer.slots["line"] == pot.line_id
    assert [item["line"] for item in answer.slots["later"]] == [boots.line_id]


def test_a_number_of_somebody_else_is_not_passed_over(
    anna: Customer, words: Any, say: Any
) -> None:
    number = words["foreign_number"]
    turn = anna.turn(number, "request_refund", numbers=(number,))
    answer = anna.hear(BeginCase(), turn)
    assert answer.text == say["number_unknown"]
    assert answer.slots["line"] is None


def test_what_is_in_stock_of_ones_own_thing_is_listed(
    anna: Customer, words: Any
) -> None:
    anna.slots = {"focus": anna.line(words["shoes"]).line_id}
    answer = anna.hear(Knowledge(), anna.turn(words["still_down"], "ask_stock"))
    assert words["black_42"] in answer.text
    assert "/request_exchange" in answer.payloads[0]
    assert answer.slots["topic"] == "stock"
