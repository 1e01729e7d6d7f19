"""What went wrong in talks held by hand, one test for each."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from actions.answers import NotReceived, TrackParcel
from actions.cancel import CancelCase
from actions.case import BeginCase, SubmitCase
from actions.form import ValidateCaseForm
from actions.mood import listen
from actions.pointing import find_line, find_variant
from actions.preview import AskConfirmed
from actions.progress import CaseProgress
from actions.service import WayBack
from actions.stray import StrayAnswer
from actions.texts import texts
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


def test_the_same_variant_again_points_at_the_button(
    anna: Customer, words: Any, say: Any
) -> None:
    line = anna.line(words["shoes"]).line_id
    wish = {"line": line, "case_kind": "exchange", "reason": "size"}
    wish |= {"target": "P-RUN-2", "nonce": "n", "requested_slot": "confirmed"}
    assert form(anna, words["white_39_again"], **wish).text == say["press_button"]


def test_then_refund_it_turns_the_exchange_into_a_refund(
    anna: Customer, words: Any
) -> None:
    line = anna.line(words["shoes"]).line_id
    wish = {"line": line, "case_kind": "exchange", "reason": "size", "nonce": "n"}
    wish |= {"target": "P-RUN-2", "requested_slot": "confirmed"}
    asked = form(anna, words["then_refund"], "cancel_refund", **wish)
    assert asked.slots["case_kind"] == "refund" and asked.slots["target"] is None


def test_a_waybill_is_no_description(ben: Customer, words: Any) -> None:
    note = ben.line("Note").line_id
    submit(ben, line=note, case_kind="repair", detail="x")
    ben.slots |= {"case_kind": "repair", "line": note, "detail": None}
    ben.slots |= {"requested_slot": "detail"}
    turn = ben.turn(words["sent_now"], "inform", waybill="SF9988776655443")
    answer = ben.hear(ValidateCaseForm(), turn)
    assert "SF9988776655443" in answer.text
    assert answer.slots["requested_slot"] == "detail" and "detail" not in answer.slots


def test_the_second_is_no_description_but_a_choice(ben: Customer, words: Any) -> None:
    lines = recent_lines(ben.engine, ben.viewer)
    phones = [line.line_id for line in lines if words["phones"] in line.title][:2]
    wish = {"line": phones[0], "case_kind": "repair", "detail": "x", "nonce": "n"}
    wish |= {"requested_slot": "confirmed", "offered": phones}
    asked = form(ben, words["second"], **wish)
    assert asked.slots.get("detail") != "x\n" + words["second"]
    assert asked.slots["line"] == phones[1]


def test_too_big_is_a_new_reason_where_it_was_another(
    anna: Customer, words: Any
) -> None:
    line = anna.line(words["shoes"]).line_id
    wish = {"line": line, "case_kind": "refund", "reason": "dislike", "nonce": "n"}
    asked = form(anna, words["too_big"], requested_slot="confirmed", **wish)
    assert asked.slots["reason"] == "size"


def test_other_characters_of_the_same_sound_name_the_thing(
    anna: Customer, words: Any
) -> None:
    lines = recent_lines(anna.engine, anna.viewer)
    found = find_line(words["wrong_sign"], (), lines, [])
    assert found is not None and words["cherry"] in found.title
    assert find_line(words["babble"], (), lines, []) is None


def test_more_of_the_fault_while_the_thing_is_asked(anna: Customer, words: Any) -> None:
    wish = {"case_kind": "refund", "reason": "defect", "detail": words["rotten"]}
    asked = form(anna, words["more_rotten"], requested_slot="line", **wish)
    assert asked.slots["detail"].endswith(words["more_rotten"])
    assert not asked.text


def test_another_sign_of_the_fault_counts_while_the_thing_is_asked(
    anna: Customer, words: Any
) -> None:
    wish = {"case_kind": "refund", "reason": "defect", "detail": words["rotten"]}
    anna.slots = wish | {"requested_slot": "line"}
    turn = anna.turn(words["stained"], "report_defect")
    asked = anna.hear(ValidateCaseForm(), turn)
    assert asked.slots["detail"].endswith(words["stained"]) and not asked.text


def test_the_wrong_thing_come_too_late_to_say_is_no_matter_of_repair(
    anna: Customer, words: Any
) -> None:
    shoes = anna.line(words["shoes"])
    anna.slots = {"line": shoes.line_id, "reason": "wrong_item"}
    later = dataclasses.replace(
        anna.turn(words["other_colour"], "report_wrong_item"),
        now=anna.now + timedelta(days=400),
    )
    told = anna.hear(ValidateCaseForm(), later)
    kinds = texts()["labels"]["kind"]
    assert told.text.split(shoes.title)[1][1:].startswith(kinds["refund"])


def test_a_case_for_a_phone_is_no_phone(anna: Customer, words: Any) -> None:
    lines = recent_lines(anna.engine, anna.viewer)
    assert find_line(words["phone_case"], (), lines, []) is None


def test_a_size_named_before_its_question_is_kept(anna: Customer, words: Any) -> None:
    line = anna.line(words["shoes"]).line_id
    wish = {"line": line, "case_kind": "exchange", "requested_slot": "reason"}
    asked = form(anna, words["shoes_39"], **wish)
    assert (asked.slots["target"], asked.slots["reason"]) == ("P-RUN-2", "size")


def test_the_same_size_is_no_exchange_for_size(anna: Customer, words: Any) -> None:
    # Customer 3 has the shirt in M.
    carl = Customer(anna.engine, anna.now, "C-DEMO-3")
    answer = carl.hear(BeginCase(), carl.turn(words["tee_swap_m"], "request_exchange"))
    assert answer.slots["line"] and answer.slots["target"] is None


def test_a_farewell_leaves_the_form(anna: Customer, words: Any, say: Any) -> None:
    wish = {"case_kind": "refund", "requested_slot": "line"}
    assert form(anna, words["all_done"], "goodbye", **wish).text == say["cancelled"]


def test_a_complaint_of_the_staff_is_not_asked_for_a_thing(
    anna: Customer, words: Any, say: Any
) -> None:
    answer = anna.hear(BeginCase(), anna.turn(words["about_staff"], "complain"))
    assert answer.text.count(say["complaint_of_service"].split("{")[0]) == 1
    assert answer.slots["outcome"] == "answered"


def test_what_was_searched_for_in_vain_is_sent_again(
    ben: Customer, words: Any, say: Any
) -> None:
    ear = ben.line(words["ear"])
    ben.hear(NotReceived(), ben.turn(words["ear"], "report_not_received"))
    told = ben.hear(NotReceived(), ben.turn(words["ear"], "report_not_received"))
    assert told.text.endswith(say["not_received_again"]) and len(told.payloads) == 2
    again = ben.hear(BeginCase(), ben.turn(words["send_again"], "request_reship"))
    assert again.slots["line"] == ear.line_id
    assert again.slots["reason"] == "not_received"


def test_a_fault_kept_for_later_is_offered_as_one(ben: Customer, words: Any) -> None:
    ben.slots["later"] = [{"text": words["fan_too"], "intent": "report_defect"}]
    told = ben.hear(SubmitCase(), ben.turn("", "affirm"))
    fan = ben.line(words["fan"])
    assert told.payloads == [f'/report_defect{{"line":"{fan.line_id}"}}']
    given = {"line": fan.line_id}
    begun = ben.hear(BeginCase(), ben.turn("/", "report_defect", given=given))
    assert begun.slots["line"] == fan.line_id and begun.slots["reason"] == "defect"


def test_what_was_told_of_last_is_talked_of(anna: Customer, words: Any) -> None:
    anna.hear(TrackParcel(), anna.turn(words["boots"], "track_logistics"))
    told = anna.hear(TrackParcel(), anna.turn(words["order_not_sent"]))
    assert anna.line(words["pot"]).title in told.text
    assert anna.slots["focus"] == anna.line(words["pot"]).line_id


def test_a_complaint_takes_its_story_whatever_it_sounds_like(
    ben: Customer, words: Any, say: Any
) -> None:
    coat = ben.line(words["coat"]).line_id
    wish = {"case_kind": "complaint", "line": coat, "detail": "x", "nonce": "n"}
    wish["requested_slot"] = "confirmed"
    more = form(ben, words["complaint_more"], "ask_case_progress", **wish)
    assert more.slots["detail"].endswith(words["complaint_more"])
    named = form(ben, words["only_coat"], **wish)
    assert named.text == say["press_button"] and "detail" not in named.slots


def test_a_bare_wish_describes_no_fault(ben: Customer, words: Any) -> None:
    fridge = ben.line(words["fridge"]).line_id
    wish = {"case_kind": "repair", "line": fridge, "requested_slot": "detail"}
    asked = form(ben, words["then_repair"], "request_repair", **wish)
    assert "detail" not in asked.slots and asked.slots["requested_slot"] == "detail"


def test_a_repair_shown_says_that_the_law_gives_more(
    ben: Customer, words: Any, say: Any
) -> None:
    for name, more in (("fridge", True), ("fan", False)):
        line = ben.line(words[name]).line_id
        ben.slots |= {"line": line, "case_kind": "repair", "detail": "x"}
        told = ben.hear(AskConfirmed(), ben.turn("")).text
        assert (say["preview_repairs"] in told) is more


def test_a_guest_who_tells_of_a_thing_is_asked_for_the_order(
    guest: Customer, words: Any, say: Any
) -> None:
    turn = guest.turn(words["guests_shoes"], things=(words["shoes"],))
    assert guest.hear(StrayAnswer(), turn).text == say["guest"]
