"""What is said on in a talk must cost nobody a right, nor an answer."""

from __future__ import annotations

from typing import Any

import pytest

from actions.answers import NotReceived, OrderStatus
from actions.case import BeginCase
from actions.form import ValidateCaseForm
from actions.progress import CaseProgress
from actions.service import Invoice, ReturnPolicy, WaitTime
from actions.stray import Clarify
from aftercare.services.transfer import Trigger, transfer
from tests.unit.actions.conftest import Customer
from tests.unit.actions.test_heard_in_talks import form


def test_not_wanting_broken_shoes_keeps_the_fault(cleo: Customer, words: Any) -> None:
    wish = {"case_kind": "refund", "line": cleo.line(words["shoes"]).line_id}
    wish |= {"reason": "defect", "detail": words["sole_off"]}
    for text in ("no_shoes_any_more", "sole_and_tear"):
        kept = form(cleo, words[text], requested_slot="confirmed", **wish)
        assert cleo.slots["reason"] == "defect", text
        assert words["sole_off"] in cleo.slots["detail"]
        assert kept.slots["requested_slot"] == "confirmed"
    # A reason that excludes a fault, or names another one, still changes it.
    form(cleo, words["bought_wrong"], requested_slot="confirmed", **wish)
    assert cleo.slots["reason"] == "dislike"
    form(cleo, words["wrong_sent"], requested_slot="confirmed", **wish)
    assert cleo.slots["reason"] == "wrong_item"


def test_what_was_done_before_is_no_wish(cleo: Customer, words: Any) -> None:
    wish = {"line": cleo.line(words["shoes"]).line_id, "reason": "defect"}
    wish |= {"detail": words["sole_off"], "requested_slot": "case_kind"}
    cleo.slots |= wish
    told = cleo.turn(words["just_exchanged"], "request_exchange")
    assert not cleo.hear(ValidateCaseForm(), told).slots.get("case_kind")
    wished = cleo.turn(words["exchange_it"], "request_exchange")
    assert cleo.hear(ValidateCaseForm(), wished).slots["case_kind"] == "exchange"


def test_a_larger_one_is_wished_for_because_of_the_size(
    anna: Customer, words: Any
) -> None:
    anna.slots["focus"] = anna.line(words["shoes"]).line_id
    begun = anna.hear(BeginCase(), anna.turn(words["larger_then"], "request_exchange"))
    assert begun.slots["reason"] == "size"
    begun = anna.hear(BeginCase(), anna.turn(words["larger_then"], "request_refund"))
    assert begun.slots["case_kind"] == "exchange"


def test_the_rules_go_on_about_the_thing_asked_of(
    anna: Customer, words: Any, say: Any
) -> None:
    dress = anna.line(words["dress"])
    anna.slots |= {"topic": ReturnPolicy.action_name, "focus": dress.line_id}
    told = anna.turn(words["never_worn"], "ask_return_policy")
    assert dress.title in anna.hear(ReturnPolicy(), told).text
    general = anna.turn(words["what_rules"], "ask_return_policy")
    assert anna.hear(ReturnPolicy(), general).text == say["policy"]


def test_who_calls_the_shop_dishonest_is_offered_a_person(
    anna: Customer, words: Any, say: Any
) -> None:
    dress = anna.line(words["dress"]).line_id
    anna.slots |= {"topic": ReturnPolicy.action_name, "focus": dress}
    told = anna.hear(ReturnPolicy(), anna.turn(words["swindlers"], "ask_return_policy"))
    assert say["accused"] in told.text and "/request_human" in told.payloads
    wish = {"case_kind": "exchange", "line": dress}
    inside = form(anna, words["swindlers"], requested_slot="reason", **wish)
    assert say["accused"] in inside.text
    assert inside.slots["requested_slot"] == "reason"


def test_a_wish_or_a_story_beside_the_accusation_is_heard(
    ben: Customer, words: Any, say: Any
) -> None:
    fan = ben.line(words["fan"]).line_id
    wish = {"line": fan, "reason": "defect", "detail": "x", "case_kind": None}
    wished = form(ben, words["swindlers_refund"], requested_slot="case_kind", **wish)
    assert wished.slots["case_kind"] == "refund"
    wish |= {"case_kind": "repair", "detail": None, "reason": None}
    told = form(ben, words["swindlers_story"], requested_slot="detail", **wish)
    assert told.slots["detail"] == words["swindlers_story"]
    assert say["accused"] not in told.text


def test_a_lost_parcel_told_of_twice_is_sent_again(
    ben: Customer, words: Any, say: Any
) -> None:
    coat = ben.line(words["coat"]).line_id
    ben.slots |= {"topic": "action_track_parcel", "focus": coat}
    lost = ben.hear(NotReceived(), ben.turn(words["is_lost"], "report_not_received"))
    assert lost.text == say["not_received_again"]
    assert any(coat in payload for payload in lost.payloads)


def test_what_belongs_on_the_invoice_is_told_once(
    ben: Customer, words: Any, say: Any
) -> None:
    ben.slots["topic"] = Invoice.action_name
    headed = ben.turn(words["headed"], "request_invoice")
    assert ben.hear(Invoice(), headed).text == say["invoice_noted"]
    stray = ben.hear(Clarify(), ben.turn(words["headed"], "out_of_scope"))
    assert stray.text == say["invoice_noted"]
    ben.slots["topic"] = None
    first = ben.turn(words["headed"], "request_invoice")
    assert ben.hear(Invoice(), first).text != say["invoice_noted"]


def test_a_guest_who_goes_to_sign_in_is_let_go(
    guest: Customer, anna: Customer, words: Any, say: Any
) -> None:
    wish = {"case_kind": "repair", "requested_slot": "order_no"}
    left = form(guest, words["will_sign_in"], **wish)
    assert left.text == say["guest_signs_in"] and left.slots["outcome"] == "answered"
    stuck = form(guest, words["cannot_sign_in"], outcome=None, **wish)
    assert say["guest_signs_in"] not in stuck.text


def test_the_price_of_a_repair_is_told_inside_its_form(
    ben: Customer, words: Any
) -> None:
    wish = {"case_kind": "repair", "reason": None, "requested_slot": "line"}
    for text in ("self_paid", "name_a_price"):
        asked = form(ben, words[text], **wish)
        assert words["quoted"] in asked.text, text
        assert asked.slots["requested_slot"] == "line"
    told = form(ben, words["battery_bad"], **wish)
    assert told.slots["detail"] == words["battery_bad"]


@pytest.mark.parametrize("asks", ["open_when", "weekend"])
def test_when_there_are_people_is_told(ben: Customer, words: Any, asks: str) -> None:
    told = ben.hear(WaitTime(), ben.turn(words[asks], "ask_wait_time"))
    assert words["staffed"] in told.text


def test_what_was_to_be_repaired_is_broken_whatever_is_wished_instead(
    ben: Customer, words: Any
) -> None:
    fan = ben.line(words["fan"]).line_id
    wish = {"case_kind": "repair", "line": fan, "detail": words["rude_fitter"]}
    form(ben, words["exchange_it"], requested_slot="confirmed", **wish)
    assert ben.slots["case_kind"] == "exchange" and ben.slots["reason"] == "defect"
    ben.slots |= wish | {"reason": None, "requested_slot": "confirmed"}
    begun = ben.turn(words["no_repair_refund"], "request_refund")
    assert ben.hear(BeginCase(), begun).slots["reason"] == "defect"


def test_another_fitter_is_no_other_thing(ben: Customer, words: Any) -> None:
    wish = {"case_kind": "repair", "line": ben.line(words["fridge"]).line_id}
    wish |= {"detail": words["rude_fitter"], "requested_slot": "confirmed"}
    ben.slots |= wish | {"reason": None}
    said = ben.turn(words["other_fitter"], "request_exchange")
    told = ben.hear(ValidateCaseForm(), said)
    assert told.slots.get("case_kind") != "exchange"


@pytest.mark.parametrize("text", ["hold_on", "no_repair"])
def test_holding_back_stops_the_wish(
    anna: Customer, words: Any, say: Any, text: str
) -> None:
    wish = {"case_kind": "repair", "line": anna.line(words["pot"]).line_id}
    told = form(anna, words[text], "inform", requested_slot="confirmed", **wish)
    assert told.text == say["cancelled"] and told.slots["outcome"] == "cancelled"
    # Goods that are kept are no end of the wish.
    kept = form(
        anna, words["not_sending"], requested_slot="confirmed", outcome=None, **wish
    )
    assert kept.slots.get("outcome") != "cancelled"


def test_hurry_while_one_waits_for_a_person_tells_of_the_queue(
    anna: Customer, words: Any, say: Any
) -> None:
    transfer(anna.engine, anna.viewer.conversation_id, Trigger.SAFETY, anna.now)
    urged = anna.turn(words["do_it_fast"], "ask_case_progress")
    told = anna.hear(CaseProgress(), urged).text
    assert say["handover_again"] in told and say["case_none"] not in told


def test_what_one_lost_oneself_is_not_sent_again(
    ben: Customer, words: Any, say: Any
) -> None:
    line = ben.line(words["earphones"])
    lost = ben.hear(NotReceived(), ben.turn(words["lost_one"], "report_not_received"))
    assert lost.text == say["own_loss"].format(title=line.title)
    parcel = ben.turn(words["lost_by_courier"], "report_not_received")
    assert say["own_loss"][:8] not in ben.hear(NotReceived(), parcel).text


def test_what_is_told_of_a_short_list_is_of_that_list(
    anna: Customer, words: Any
) -> None:
    both = anna.turn(words["shoes_38"], "ask_order_status")
    listed = anna.hear(OrderStatus(), both)
    assert len(listed.slots["offered"]) == 2
    begun = anna.hear(BeginCase(), anna.turn(words["small"], "report_defect"))
    assert begun.slots["line"] == anna.line(words["shoes"]).line_id


def test_the_larger_one_named_with_the_thing_is_taken(
    anna: Customer, words: Any
) -> None:
    wish = {"case_kind": "exchange", "reason": "size", "requested_slot": "line"}
    told = form(anna, words["white_39_shoes"], **wish)
    assert told.slots["line"] == anna.line(words["shoes"]).line_id
    assert told.slots["target"] == "P-RUN-2"
    assert told.slots["requested_slot"] == "confirmed"


def test_ten_days_already_is_about_the_rule_just_told(
    anna: Customer, words: Any
) -> None:
    dress = anna.line(words["dress"])
    anna.slots |= {"topic": ReturnPolicy.action_name, "focus": dress.line_id}
    told = anna.hear(Clarify(), anna.turn(words["ten_days"], "nlu_fallback"))
    assert dress.title in told.text and told.slots["misses"] is None
