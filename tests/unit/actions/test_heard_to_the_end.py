"""What is asked of a repair, a refusal or a case that runs is told of that one."""

from __future__ import annotations

from typing import Any

from actions.case import BeginCase, SubmitCase
from actions.form import ValidateCaseForm
from actions.service import WaitTime
from actions.stray import Clarify
from aftercare.services.cases import own_cases
from tests.unit.actions.conftest import Customer
from tests.unit.actions.test_heard_in_talks import form, submit


def test_more_of_the_fault_with_the_things_name_is_kept(
    anna: Customer, words: Any
) -> None:
    wish = {"reason": "defect", "detail": words["rubbish"], "case_kind": None}
    told = form(anna, words["phone_freezes"], requested_slot="line", **wish)
    assert told.slots["line"] and words["phone_freezes"] in told.slots["detail"]
    assert words["rubbish"] in told.slots["detail"]


def test_the_colour_said_with_the_exchange_is_taken(ben: Customer, words: Any) -> None:
    wish = {"line": ben.line(words["earphones"]).line_id, "reason": "defect"}
    wish |= {"detail": "x", "requested_slot": "case_kind", "case_kind": None}
    told = form(ben, words["exchange_black"], "request_exchange", **wish)
    assert told.slots["target"] == "P-EAR-2"
    assert told.slots["requested_slot"] == "confirmed"


def test_the_wish_said_once_more_is_answered_by_the_button(
    cleo: Customer, words: Any, say: Any
) -> None:
    wish = {"case_kind": "repair", "line": cleo.line(words["fan"]).line_id}
    wish |= {"detail": words["fridge_noise"], "requested_slot": "confirmed"}
    cleo.slots |= wish
    again = cleo.turn(words["repair_it"], "request_repair")
    assert say["press_button"] in cleo.hear(ValidateCaseForm(), again).text


def test_a_repair_under_warranty_is_free_and_its_time_is_told(
    cleo: Customer, words: Any, say: Any
) -> None:
    line = cleo.line(words["fan"])
    wish = {"case_kind": "repair", "line": line.line_id, "detail": "x"}
    cleo.slots |= wish | {"requested_slot": "confirmed"}
    asked = cleo.turn(words["does_it_cost"], "request_repair")
    told = cleo.hear(ValidateCaseForm(), asked)
    assert line.title in told.text and words["free_of_charge"] in told.text
    assert told.slots["requested_slot"] == "confirmed"
    long = cleo.hear(WaitTime(), cleo.turn(words["how_long"], "ask_wait_time"))
    assert long.text == say["repair_unknown"]


def test_days_alone_list_no_cases(cleo: Customer, words: Any, say: Any) -> None:
    submit(cleo, line=cleo.line(words["fan"]).line_id, case_kind="repair", detail="x")
    wish = {"case_kind": "refund", "line": cleo.line(words["shoes"]).line_id}
    wish |= {"outcome": None, "confirmed": None, "requested_slot": "reason"}
    cleo.slots |= wish
    told = cleo.turn(words["twenty_six_days"], "ask_case_progress")
    kept = cleo.hear(ValidateCaseForm(), told)
    assert kept.text == say["noted_more"] and kept.slots["requested_slot"] == "reason"


def test_why_not_is_told_of_what_was_refused(anna: Customer, words: Any) -> None:
    """The dress is past the days for both; each refusal has a rule of its own."""
    dress = anna.line(words["dress"]).line_id
    told = []
    for reason in ("dislike", "defect"):
        anna.slots |= {"line": dress, "reason": reason, "outcome": "refused"}
        anna.slots |= {"case_kind": "refund", "confirmed": None, "nonce": None}
        anna.hear(SubmitCase(), anna.turn(""))
        assert anna.slots["ruled"] == reason
        why = anna.turn(words["why_not"], "ask_return_policy")
        told.append(anna.hear(Clarify(), why).text)
    assert told[0] != told[1]
    # What is submitted was refused by nothing.
    submit(anna, line=anna.line(words["pot"]).line_id, case_kind="refund")
    assert anna.slots["ruled"] is None


def test_no_repair_after_all_calls_the_case_off(cleo: Customer, words: Any) -> None:
    submit(cleo, line=cleo.line(words["fan"]).line_id, case_kind="repair", detail="x")
    cleo.slots |= {"topic": "action_return_freight", "requested_slot": None}
    off = cleo.turn(words["cancel_no_repair"], "cancel_order")
    told = cleo.hear(BeginCase(), off)
    (case,) = own_cases(cleo.engine, cleo.viewer)
    # Calling off is asked once more, by the case's own number.
    assert case.case_no in told.text or case.case_no in str(told.slots["offer"])
    assert "case_kind" not in told.slots and told.slots["outcome"] == "answered"
