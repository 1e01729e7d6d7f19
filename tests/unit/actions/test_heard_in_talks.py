"""What went wrong in talks held by hand, one test for each."""

from __future__ import annotations

from typing import Any

import pytest

from actions.answers import NotReceived
from actions.cancel import CancelCase
from actions.case import BeginCase, SubmitCase
from actions.form import ValidateCaseForm
from actions.mood import listen
from actions.pointing import find_line, find_variant
from actions.preview import AskConfirmed
from actions.progress import CaseProgress
from actions.service import WayBack
from aftercare.domain.cases import CaseKind, CaseState
from aftercare.services.cases import own_cases
from aftercare.services.orders import every_variant, recent_lines
from tests.unit.actions.conftest import Answer, Customer


def form(who: Customer, text: str, intent: str = "inform", **slots: Any) -> Answer:
    who.slots |= slots
    return who.hear(ValidateCaseForm(), who.turn(text, intent))


def submit(who: Customer, **wish: Any) -> None:
    who.slots |= {"reason": None, "detail": None, "target": None} | wish
    nonce = who.hear(AskConfirmed(), who.turn("")).slots["nonce"]
    who.slots |= {"confirmed": nonce, "outcome": None}
    who.hear(SubmitCase(), who.turn("", "affirm"))


def test_what_has_not_arrived_needs_no_reason_but_that(
    anna: Customer, words: Any
) -> None:
    anna.slots["focus"] = anna.line(words["pot"]).line_id
    for text in ("not_waiting", "boots_too_slow"):
        turn = anna.turn(words[text], "request_refund")
        assert anna.hear(BeginCase(), turn).slots["reason"] == "dislike"


def test_the_white_one_and_the_running_ones(anna: Customer, words: Any) -> None:
    lines = recent_lines(anna.engine, anna.viewer)
    two = [anna.line(words[x]).line_id for x in ("boots", "shoes")]
    for text in ("white_one", "running_ones"):
        found = find_line(words[text], (), lines, two)
        assert found is not None and found.line_id == two[1]
    every = every_variant(anna.engine, anna.line(words["shoes"]))
    assert find_variant("39" + words["white_one"], every) is not None


def test_the_cheap_one_of_those_shown(ben: Customer, words: Any) -> None:
    lines = recent_lines(ben.engine, ben.viewer)
    two = [line.line_id for line in lines if words["phones"] in line.title][:2]
    found = find_line(words["cheaper_one"], (), lines, two)
    assert found is not None and "Note" in found.title
    assert find_line(words["cheaper_one"], (), lines, []) is None


def test_not_to_send_back_is_heard_with_the_kind(anna: Customer, words: Any) -> None:
    line = anna.line(words["cherry"]).line_id
    wish = {"line": line, "reason": "defect", "detail": "x"}
    asked = form(anna, words["no_send_back"], requested_slot="case_kind", **wish)
    assert asked.slots["case_kind"] == "refund_only"


def test_why_is_about_the_open_wish(anna: Customer, words: Any) -> None:
    shoes = anna.line(words["shoes"])
    wish = {"line": shoes.line_id, "case_kind": "refund"}
    asked = form(
        anna, words["why"], "ask_order_status", requested_slot="reason", **wish
    )
    assert shoes.title in asked.text and asked.slots["requested_slot"] == "reason"


def test_the_same_reason_again_points_at_the_button(
    anna: Customer, words: Any, say: Any
) -> None:
    line = anna.line(words["boots"]).line_id
    wish = {"line": line, "case_kind": "refund", "reason": "dislike", "nonce": "n"}
    asked = form(anna, words["wrong_bought_only"], requested_slot="confirmed", **wish)
    assert asked.text == say["press_button"]


def test_a_complaint_about_people_goes_to_a_person(
    anna: Customer, words: Any, say: Any
) -> None:
    wish = {"case_kind": "complaint", "requested_slot": "line"}
    asked = form(anna, words["about_people"], "nlu_fallback", **wish)
    assert asked.text.startswith(say["complaint_of_service"].split("{")[0])
    assert asked.slots["outcome"] == "handed_over"


def test_nothing_is_offered_that_the_rules_would_refuse(
    ben: Customer, words: Any
) -> None:
    old = ben.line("X5")
    wish = {"reason": "defect", "detail": "x", "requested_slot": "line"}
    asked = form(ben, "X5", **wish)
    assert old.title in asked.text and asked.slots["outcome"] == "refused"


def test_a_thing_without_a_case_tells_of_its_parcel(ben: Customer, words: Any) -> None:
    submit(ben, line=ben.line(words["ear"]).line_id, case_kind="price_protection")
    coat = ben.line(words["coat"])
    turn = ben.turn(words["coat_still"], "ask_case_progress")
    answer = ben.hear(CaseProgress(), turn)
    assert "SD000000020004" in answer.text
    assert answer.slots["focus"] == coat.line_id
    lost = ben.hear(NotReceived(), ben.turn(words["maybe_lost"]))
    assert "SD000000020004" in lost.text
    again = ben.hear(BeginCase(), ben.turn(words["send_again"], "request_reship"))
    assert again.slots["reason"] == "not_received"
    assert again.slots["line"] == coat.line_id


def test_what_is_lost_is_on_its_way_rather_than_delivered(
    ben: Customer, words: Any
) -> None:
    told = ben.hear(NotReceived(), ben.turn(words["maybe_lost"])).text
    assert "SD000000020004" in told


def test_the_freight_is_that_of_the_case_just_opened(
    ben: Customer, words: Any, say: Any
) -> None:
    fridge = ben.line(words["fridge"])
    wish = {"reason": "defect", "detail": "x", "case_kind": "refund"}
    submit(ben, line=fridge.line_id, **wish)
    ben.slots = {}
    told = ben.hear(WayBack(), ben.turn(words["and_freight"])).text
    (case,) = own_cases(ben.engine, ben.viewer)
    assert case.case_no in told and fridge.title in told
    assert ben.hear(WayBack(), ben.turn(words["gift_too"])).text == say["back_gift"]
    told = ben.hear(WayBack(), ben.turn(words["fridge_who_fetches"])).text
    assert told == say["back_pickup"]


def test_a_refund_that_was_paid_cannot_be_taken_back(
    anna: Customer, words: Any, say: Any
) -> None:
    pot = anna.line(words["pot"])
    submit(anna, line=pot.line_id, case_kind="refund", reason="dislike")
    (case,) = own_cases(anna.engine, anna.viewer)
    assert case.kind is CaseKind.REFUND_ONLY and case.state is CaseState.DONE
    told = anna.hear(CancelCase(), anna.turn(words["want_it_again"], "cancel_refund"))
    facts = {"title": pot.title, "case_no": case.case_no}
    assert told.text == say["cancel_done_before"].format(**facts)


def test_a_fault_told_in_a_complaint_is_the_reason_of_a_refund(
    ben: Customer, words: Any
) -> None:
    line = ben.line(words["ear"]).line_id
    told = {"detail": words["ear"] + words["one_side"] + words["no_charge"]}
    ben.slots = {"case_kind": "complaint", "line": line, "requested_slot": "confirmed"}
    ben.slots |= told
    answer = ben.hear(BeginCase(), ben.turn("", "request_refund"))
    assert answer.slots["reason"] == "defect"


@pytest.mark.parametrize("name", ["fault_and_anger", "angry"])
def test_two_words_of_anger_are_not_drowned_by_a_fault(
    ben: Customer, words: Any, name: str
) -> None:
    assert listen(ben.turn(words[name])).upset
