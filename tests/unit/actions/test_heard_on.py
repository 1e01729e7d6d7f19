"""What goes on from what was just told: a list, a return, a doubt, a choice of one."""

from __future__ import annotations

from typing import Any

import pytest

from actions.answers import TrackParcel
from actions.case import BeginCase
from actions.case_text import RETURN_NOTED
from actions.form import ValidateCaseForm
from actions.knowledge import Knowledge
from actions.service import ReturnPolicy, WaitTime
from actions.smalltalk import Chitchat
from actions.stray import StrayAnswer
from actions.texts import texts
from tests.unit.actions.conftest import Customer
from tests.unit.actions.test_heard_in_talks import form, submit


def test_a_name_of_two_things_lists_them_for_what_comes_next(
    anna: Customer, words: Any
) -> None:
    both = anna.hear(StrayAnswer(), anna.turn(words["shoes_38"]))
    assert len(both.slots["offered"]) == 2
    begun = anna.hear(BeginCase(), anna.turn(words["small"], "report_defect"))
    assert begun.slots["line"] == anna.line(words["shoes"]).line_id


def test_is_it_there_yet_means_the_parcel_just_noted(
    anna: Customer, words: Any
) -> None:
    submit(
        anna,
        line=anna.line(words["shoes"]).line_id,
        case_kind="exchange",
        reason="size",
        target="P-RUN-2",
    )
    noted = anna.turn(words["sent_back"], waybill="SF1234567890123")
    assert anna.hear(StrayAnswer(), noted).slots["topic"] == RETURN_NOTED
    asked = anna.turn(words["there_yet"], "track_logistics")
    told = anna.hear(TrackParcel(), asked).text
    assert words["shoes"] in told and words["boots"] not in told
    named = anna.turn(words["boots_arrive"], "ask_delivery_time")
    assert words["boots"] in anna.hear(TrackParcel(), named).text


def test_another_fitter_is_no_choice_of_a_kind(ben: Customer, words: Any) -> None:
    wish = {"line": ben.line(words["fridge"]).line_id, "reason": "defect"}
    ben.slots |= wish | {"detail": "x", "requested_slot": "case_kind"}
    said = ben.turn(words["other_fitter"], "request_exchange")
    assert not ben.hear(ValidateCaseForm(), said).slots.get("case_kind")


def test_no_repair_but_the_money_is_another_wish_and_no_end(
    ben: Customer, words: Any
) -> None:
    wish = {"case_kind": "repair", "line": ben.line(words["fan"]).line_id}
    ben.slots |= wish | {"detail": "x", "requested_slot": "confirmed"}
    said = ben.turn(words["no_repair_refund"], "request_refund")
    assert ben.hear(ValidateCaseForm(), said).slots.get("outcome") != "cancelled"


def test_how_bad_it_is_nobody_can_say_from_afar(
    ben: Customer, words: Any, say: Any
) -> None:
    asked = ben.turn(words["is_it_bad"], "ask_product_usage")
    assert ben.hear(Knowledge(), asked).text != say["cannot_judge"]
    ben.slots["focus"] = ben.line(words["fan"]).line_id
    asked = ben.turn(words["is_it_bad"], "ask_product_usage")
    assert ben.hear(Knowledge(), asked).text == say["cannot_judge"]


@pytest.mark.parametrize("text", ["sure", "cannot_be"])
def test_a_doubt_is_no_small_talk(
    anna: Customer, words: Any, say: Any, text: str
) -> None:
    assert anna.hear(Chitchat(), anna.turn(words[text], "chitchat")).text == say["sure"]
    wish = {"case_kind": "refund", "line": anna.line(words["shoes"]).line_id}
    inside = form(anna, words[text], "chitchat", requested_slot="reason", **wish)
    assert inside.text == say["sure"] and inside.slots["requested_slot"] == "reason"


def test_who_insists_on_money_for_what_was_never_sent_needs_no_reason(
    cleo: Customer, anna: Customer, words: Any
) -> None:
    for who, thing, reason in ((cleo, "nuts", "other"), (anna, "shoes", None)):
        wish = {"case_kind": "refund", "line": who.line(words[thing]).line_id}
        who.slots |= wish | {"requested_slot": "reason"}
        said = who.turn(words["refund_then"], "request_refund")
        assert who.hear(ValidateCaseForm(), said).slots.get("reason") == reason


def test_how_one_paid_and_how_long_are_answered_inside_a_refund(
    cleo: Customer, words: Any, say: Any
) -> None:
    wish = {"case_kind": "refund", "line": cleo.line(words["nuts"]).line_id}
    paid = form(cleo, words["paid_by_phone"], requested_slot="reason", **wish)
    assert paid.text == say["refund_when"]
    asked = cleo.turn(words["how_long"], "ask_wait_time")
    assert cleo.hear(WaitTime(), asked).text == say["refund_when"]
    staff = cleo.turn(words["staff_how_long"], "ask_wait_time")
    assert cleo.hear(WaitTime(), staff).text != say["refund_when"]


def test_money_without_sending_back_where_only_that_is_left(
    anna: Customer, words: Any, say: Any
) -> None:
    wish = {"line": anna.line(words["dress"]).line_id, "reason": "defect"}
    wish |= {"detail": "x", "requested_slot": "case_kind"}
    told = form(anna, words["refund_then"], "request_refund", **wish)
    assert told.slots["case_kind"] == "refund_only"
    assert told.slots["requested_slot"] == "confirmed"


def test_inside_a_fault_the_rules_are_those_of_the_fault(
    ben: Customer, words: Any
) -> None:
    fan = ben.line(words["fan"])
    ben.slots |= {"line": fan.line_id, "requested_slot": "case_kind"}
    asked = ben.turn(words["only_three_days"], "ask_return_policy")
    plain = ben.hear(ReturnPolicy(), asked).text
    ben.slots["reason"] = "defect"
    asked = ben.turn(words["only_three_days"], "ask_return_policy")
    faulty = ben.hear(ReturnPolicy(), asked).text
    assert faulty != plain
    assert texts()["say"]["policy_of"].split("{rule}")[0][-10:] not in faulty
