"""What sounds like another wish in a talk and is none, and the other way round."""

from __future__ import annotations

from typing import Any

from actions.answers import TrackParcel
from actions.case import BeginCase
from actions.form import ValidateCaseForm
from actions.service import WayBack
from actions.understand import find_kind
from tests.unit.actions.conftest import Customer
from tests.unit.actions.test_heard_in_talks import form, submit


def test_a_polite_not_denies_nothing(words: Any) -> None:
    for text, kind in words["polite_wishes"].items():
        assert find_kind(text) == kind, text


def test_another_fitter_is_a_persons_business(
    ben: Customer, words: Any, say: Any
) -> None:
    wish = {"line": ben.line(words["fridge"]).line_id, "reason": "defect"}
    ben.slots |= wish | {"detail": "x", "requested_slot": "case_kind"}
    said = ben.turn(words["other_fitter"], "request_exchange")
    told = ben.hear(ValidateCaseForm(), said)
    assert told.text == say["other_person"]
    assert told.slots["requested_slot"] == "case_kind"


def test_what_was_tried_in_vain_is_more_of_the_fault(ben: Customer, words: Any) -> None:
    wish = {"line": ben.line(words["earphones"]).line_id, "reason": "defect"}
    wish |= {"detail": words["no_charge"]}
    for asked in ("case_kind", "confirmed"):
        kind = None if asked == "case_kind" else "repair"
        ben.slots |= wish | {"requested_slot": asked, "case_kind": kind}
        said = ben.turn(words["other_cable"], "request_exchange")
        told = ben.hear(ValidateCaseForm(), said)
        assert words["other_cable"] in told.slots["detail"]
        assert ben.slots["case_kind"] == kind
    ben.slots |= wish | {"requested_slot": "case_kind", "case_kind": None}
    said = ben.turn(words["manual_silent"], "report_missing_item")
    assert not ben.hear(ValidateCaseForm(), said).slots.get("case_kind")
    said = ben.turn(words["piece_missing"], "report_missing_item")
    assert ben.hear(ValidateCaseForm(), said).slots["case_kind"] == "reship"


def test_anger_files_no_complaint_nobody_asked_for(
    anna: Customer, words: Any, say: Any
) -> None:
    wish = {"line": anna.line("X5").line_id, "reason": "defect", "detail": "x"}
    wish |= {"requested_slot": "case_kind", "case_kind": None}
    angry = form(anna, words["said_often"], "complain", **wish)
    assert say["wry"] in angry.text and "/request_human" in angry.payloads
    assert angry.slots["requested_slot"] == "case_kind"
    # Who says it outright files one.
    anna.slots |= wish
    outright = anna.turn(words["i_complain"], "complain")
    assert anna.hear(ValidateCaseForm(), outright).slots["case_kind"] == "complaint"


def test_how_bad_it_is_goes_into_no_description(
    cleo: Customer, words: Any, say: Any
) -> None:
    wish = {"case_kind": "repair", "line": cleo.line(words["fan"]).line_id}
    wish |= {"detail": words["fridge_noise"], "requested_slot": "confirmed"}
    asked = form(cleo, words["is_it_bad"], **wish)
    assert asked.text == say["cannot_judge"] and "detail" not in asked.slots


def test_why_the_other_thing_is_kept_for_its_turn(
    anna: Customer, words: Any, say: Any
) -> None:
    both = anna.turn(words["shoes_and_dress"], "request_refund")
    begun = anna.hear(BeginCase(), both)
    shoes = anna.line(words["shoes"]).line_id
    assert begun.slots["line"] == shoes
    wish = {"reason": "size", "requested_slot": "confirmed"}
    told = form(anna, words["dress_disliked"], **wish)
    assert told.text == say["noted_later"] and anna.slots["line"] == shoes
    assert anna.slots["later"][0]["reason"] == "dislike"
    # Of the thing at hand it is a new reason.
    own = form(anna, words["shoes_disliked"], **wish)
    assert own.slots["reason"] == "dislike"


def test_when_they_come_is_asked_of_the_case_just_opened(
    ben: Customer, words: Any
) -> None:
    fridge = ben.line(words["fridge"])
    submit(ben, line=fridge.line_id, case_kind="refund", reason="defect", detail="x")
    ben.hear(WayBack(), ben.turn(words["how_so_big"], "ask_return_shipping"))
    asked = ben.turn(words["what_hour"], "ask_delivery_time")
    told = ben.hear(TrackParcel(), asked).text
    assert fridge.title in told and words["coat"] not in told


def test_who_calls_the_courier_and_freight_collect(
    anna: Customer, words: Any, say: Any
) -> None:
    asked = anna.turn(words["collect"], "ask_return_shipping")
    assert anna.hear(WayBack(), asked).text == say["back_collect"]
    asked = anna.turn(words["own_courier"], "ask_return_shipping")
    assert anna.hear(WayBack(), asked).text == say["back_pickup"]


def test_a_repair_wished_beside_a_denied_refund(ben: Customer, words: Any) -> None:
    wish = {"line": ben.line(words["fan"]).line_id, "reason": "defect"}
    wish |= {"detail": "x", "requested_slot": "case_kind", "case_kind": None}
    told = form(ben, words["rather_repair"], "request_refund", **wish)
    assert told.slots["case_kind"] == "repair"


def test_what_has_not_come_is_not_exchanged_whatever_the_reason(
    anna: Customer, words: Any
) -> None:
    boots, shoes = (anna.line(words[x]) for x in ("boots", "shoes"))
    wish = {"case_kind": "exchange", "requested_slot": "line"}
    refused = form(anna, words["boots"], **wish)
    assert refused.slots["outcome"] == "refused" and boots.title in refused.text
    wish |= {"line": None, "outcome": None}
    asked = form(anna, words["shoes"], **wish)
    assert asked.slots["line"] == shoes.line_id
    assert asked.slots["requested_slot"] == "reason"


def test_of_three_things_each_is_told_of_in_its_turn(
    ben: Customer, words: Any, say: Any
) -> None:
    begun = ben.hear(BeginCase(), ben.turn(words["three_things"], "report_defect"))
    earphones = ben.line(words["earphones"]).line_id
    assert begun.slots["line"] == earphones
    told = form(ben, words["no_sound"], "report_defect", requested_slot="case_kind")
    assert words["no_sound"] in told.slots["detail"]
    waits = form(ben, words["coat_not_come"], "report_not_received")
    assert waits.text == say["noted_later"] and ben.slots["line"] == earphones
