"""An answer to the form, read in the light of what was asked."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.asks import AskLine
from actions.case import BeginCase
from actions.form import ValidateCaseForm
from actions.reading import describes_fault, read_answer, same_wish
from actions.speech import Speaker
from tests.unit.actions.conftest import Customer


def read(who: Customer, text: str, intent: str = "inform", **more: Any) -> Any:
    turn = who.turn(text, intent, **more)
    return read_answer(turn, Speaker(CollectingDispatcher()), dict(turn.slots))


def test_a_name_is_the_line_asked_for(anna: Customer, words: Any) -> None:
    anna.slots = {"case_kind": "refund", "requested_slot": "line"}
    found = read(anna, words["boots"])
    assert found["line"] == anna.line(words["boots"]).line_id


def test_an_ordinal_points_into_what_was_shown(anna: Customer, words: Any) -> None:
    shown = [anna.line(words[x]).line_id for x in ("pot", "cherry", "boots")]
    anna.slots = {"case_kind": "refund", "requested_slot": "line", "offered": shown}
    assert read(anna, words["second"])["line"] == shown[1]
    assert read(anna, words["last"])["line"] == shown[2]


def test_a_narrow_choice_stays_until_one_is_chosen(
    anna: Customer, words: Any, say: Any
) -> None:
    turn = anna.turn(words["shoes_of_two"], "request_refund")
    anna.hear(BeginCase(), turn)
    anna.slots["requested_slot"] = "line"
    two = {anna.line(words[x]).line_id for x in ("shoes", "boots")}
    for text in ("shoes_of_two", "freight_asked"):
        answer = anna.hear(AskLine(), anna.turn(words[text]))
        assert say["ask_which"] in answer.text
        assert set(answer.slots["offered"]) == two
    second = answer.slots["offered"][1]
    assert read(anna, words["second"])["line"] == second
    anna.slots.update(read(anna, words["none_of_them"], "deny"))
    assert len(anna.hear(AskLine(), anna.turn("")).slots["offered"]) == 6


def test_another_kind_of_case_keeps_the_narrow_choice(
    anna: Customer, words: Any
) -> None:
    anna.hear(BeginCase(), anna.turn(words["shoes_of_two"], "request_refund"))
    anna.slots["requested_slot"] = "line"
    narrowed = anna.slots["narrowed"]
    anna.hear(BeginCase(), anna.turn("", "request_exchange"))
    assert anna.slots["narrowed"] == narrowed and len(narrowed) == 2


def test_a_reason_said_with_the_wish_is_heard(anna: Customer, words: Any) -> None:
    answer = anna.hear(
        BeginCase(), anna.turn(words["dress_disliked"], "request_refund")
    )
    assert answer.slots["reason"] == "dislike"
    # A thing not wanted may have a fault: that is asked.
    answer = anna.hear(
        BeginCase(), anna.turn(words["dress_unwanted"], "request_refund")
    )
    assert answer.slots["reason"] is None


def test_a_size_that_is_not_made_is_an_answer_too(anna: Customer, words: Any) -> None:
    line = anna.line(words["shoes"]).line_id
    wish = {"case_kind": "exchange", "line": line, "reason": "size"}
    anna.slots = wish | {"requested_slot": "target"}
    answer = anna.hear(ValidateCaseForm(), anna.turn(words["and_43"], "ask_stock"))
    assert "43" in answer.text and words["shoes_39"] in answer.text
    assert answer.slots["requested_slot"] == "target"
    answer = anna.hear(ValidateCaseForm(), anna.turn(words["and_42"], "ask_stock"))
    assert answer.slots["requested_slot"] == "confirmed"
    assert answer.slots["target"] == "P-RUN-4"


def test_what_is_denied_is_not_meant(anna: Customer, words: Any) -> None:
    anna.slots = {"case_kind": "refund", "requested_slot": "line"}
    assert read(anna, words["not_cherry"])["line"] == anna.line(words["shoes"]).line_id


def test_another_one_forgets_the_line_that_was_chosen(
    anna: Customer, words: Any
) -> None:
    chosen = anna.line(words["pot"]).line_id
    anna.slots = {"case_kind": "refund", "line": chosen, "requested_slot": "reason"}
    assert read(anna, words["wrong_one"], "deny")["line"] is None


def test_no_open_kind_is_not_the_same_wish_as_a_question(
    anna: Customer, words: Any
) -> None:
    anna.slots = {"requested_slot": "case_kind", "line": "x", "reason": "defect"}
    turn = anna.turn(words["how_long_repair"], "ask_case_progress")
    assert not same_wish(turn, dict(turn.slots))


def test_a_fault_told_beside_a_name_describes_a_complaint(
    anna: Customer, words: Any
) -> None:
    anna.slots = {"case_kind": "complaint", "requested_slot": "line"}
    text = words["shoes"] + words["glue"]
    assert read(anna, text, "report_defect")["detail"] == text


def test_more_of_the_fault_is_added_while_the_kind_is_asked(
    ben: Customer, words: Any
) -> None:
    line = ben.line(words["ear"]).line_id
    told = words["no_charge"]
    asked = {"requested_slot": "case_kind", "line": line, "reason": "defect"}
    ben.slots = asked | {"detail": told}
    found = read(ben, words["more_told"], "report_defect")
    assert found["detail"] == f"{told}\n{words['more_told']}"


def test_keeping_the_goods_is_another_kind(anna: Customer, words: Any) -> None:
    line = anna.line(words["cherry"]).line_id
    anna.slots = {"case_kind": "refund", "line": line, "requested_slot": "confirmed"}
    assert read(anna, words["keeps"])["case_kind"] == "refund_only"


def test_a_guest_proves_in_one_message_or_is_told_why_not(
    guest: Customer, words: Any, say: Any
) -> None:
    guest.slots = {"case_kind": "refund", "requested_slot": "order_no"}
    both = f"{words['own_boots_number']} {words['tail']}"
    found = read(guest, both, numbers=(words["own_boots_number"],))
    assert found["phone_tail"] == "proved"
    answer = guest.hear(ValidateCaseForm(), guest.turn(words["phone_only"]))
    assert say["guest_needs_number"] in answer.text


def test_a_tail_that_does_not_fit_is_asked_for_again_and_the_number_kept(
    guest: Customer, words: Any, say: Any
) -> None:
    number = words["own_boots_number"]
    guest.slots = {"case_kind": "refund", "requested_slot": "phone_tail"}
    guest.slots["order_no"] = number
    answer = guest.hear(ValidateCaseForm(), guest.turn("1234"))
    assert answer.text == say["proof_wrong"]
    assert guest.slots["requested_slot"] == "phone_tail"
    assert guest.slots["order_no"] == number
    guest.hear(ValidateCaseForm(), guest.turn(words["tail"]))
    assert guest.slots["phone_tail"] == "proved"


@pytest.mark.parametrize("name", ["glue", "no_charge", "rotten", "more_told"])
def test_a_fault_with_a_name_is_described(words: Any, name: str) -> None:
    assert describes_fault(words[name])


def test_the_wish_taken_back_in_the_form_is_the_open_one(
    anna: Customer, words: Any, say: Any
) -> None:
    line = anna.line(words["pot"]).line_id
    anna.slots = {"case_kind": "refund", "line": line, "requested_slot": "reason"}
    turn = anna.turn(words["not_any_more"], "cancel_refund")
    answer = anna.hear(ValidateCaseForm(), turn)
    assert answer.text == say["cancelled"]
    assert answer.slots["outcome"] == "cancelled"


def test_a_mistake_with_more_in_it_does_not_end_the_form(
    anna: Customer, words: Any, say: Any
) -> None:
    line = anna.line(words["boots"]).line_id
    wish = {"case_kind": "refund", "line": line, "reason": "dislike"}
    anna.slots = wish | {"requested_slot": "confirmed", "nonce": "n"}
    answer = anna.hear(ValidateCaseForm(), anna.turn(words["wrong_bought"], "deny"))
    assert answer.text == say["what_is_wrong"]
    assert answer.slots["requested_slot"] == "confirmed"


def test_a_kind_that_is_the_only_one_is_not_asked_for(
    ben: Customer, words: Any
) -> None:
    phone = ben.line("Note").line_id
    ben.slots = {"reason": "defect", "detail": "x", "requested_slot": "line"}
    answer = ben.hear(ValidateCaseForm(), ben.turn("Note"))
    assert answer.slots["line"] == phone
    assert answer.slots["case_kind"] == "repair"
    assert answer.slots["requested_slot"] == "confirmed"
