"""Repaired twice already: the law's way out, or the truth that none is known."""

from __future__ import annotations

from typing import Any

from actions.asks import AskKind
from actions.case import BeginCase
from actions.form import ValidateCaseForm
from tests.unit.actions.conftest import Customer


def test_of_the_one_thing_repaired_in_vain_without_its_name(
    ben: Customer, words: Any, say: Any
) -> None:
    turn = ben.turn(words["two_repairs"], "report_defect")
    answer = ben.hear(BeginCase(), turn)
    fridge = ben.line(words["fridge"])
    assert answer.slots["line"] == fridge.line_id
    assert answer.text.startswith(say["repairs_known"].split("{")[0])
    offered = ben.hear(AskKind(), turn).payloads
    assert {x for x in offered if "refund" in x or "exchange" in x}


def test_said_in_the_form_of_a_repair_it_opens_the_choice(
    ben: Customer, words: Any, say: Any
) -> None:
    line = ben.line(words["fridge"]).line_id
    wish = {"case_kind": "repair", "line": line, "detail": "x", "nonce": "n"}
    ben.slots = wish | {"requested_slot": "confirmed"}
    turn = ben.turn(words["two_repairs"], "report_defect")
    answer = ben.hear(ValidateCaseForm(), turn)
    assert answer.text.startswith(say["repairs_known"].split("{")[0])
    assert answer.slots["case_kind"] is None and answer.slots["nonce"] is None
    assert answer.slots["requested_slot"] == "case_kind"


def test_repairs_the_shop_does_not_know_of_go_to_a_person(
    ben: Customer, words: Any, say: Any
) -> None:
    line = ben.line("Note")
    wish = {"case_kind": "repair", "line": line.line_id, "detail": "x", "nonce": "n"}
    ben.slots = wish | {"requested_slot": "confirmed"}
    answer = ben.hear(ValidateCaseForm(), ben.turn(words["two_repairs"], "inform"))
    assert say["repairs_unknown"].format(title=line.title) in answer.text
    assert "/request_human" in answer.payloads
    assert answer.slots["requested_slot"] == "confirmed"
    assert ben.slots["case_kind"] == "repair"
