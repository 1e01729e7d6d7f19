"""Which thing a fault is told of, and what of several things belongs to which."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from actions.asks import AskReason
from actions.case import BeginCase, SubmitCase
from actions.form import ValidateCaseForm
from actions.preview import AskConfirmed
from actions.recommend import Recommend
from actions.several import told_of
from actions.stray import StrayAnswer
from tests.unit.actions.conftest import Customer


@pytest.fixture
def clara(engine: Engine, now: datetime) -> Customer:
    return Customer(engine, now, "C-DEMO-3")


def test_who_never_bought_it_is_told_so_and_no_other_thing_is_taken(
    anna: Customer, words: Any, say: Any
) -> None:
    anna.slots = {"focus": anna.line(words["shoes"]).line_id}
    turn = anna.turn(words["never_bought"], "report_defect", things=(words["washer"],))
    answer = anna.hear(BeginCase(), turn)
    assert answer.text == say["thing_unknown"].format(thing=words["washer"])
    assert answer.slots["line"] is None


def test_shoes_that_are_still_on_their_way_are_not_the_worn_ones(
    anna: Customer, words: Any
) -> None:
    answer = anna.hear(BeginCase(), anna.turn(words["shoes_glue"], "report_defect"))
    assert answer.slots["line"] == anna.line(words["shoes"]).line_id


def test_each_thing_of_a_list_keeps_its_own_fault(clara: Customer, words: Any) -> None:
    turn = clara.turn(words["two_faults"], "request_refund")
    begun = clara.hear(BeginCase(), turn)
    assert begun.slots["detail"] == words["tee_fault"]
    waiting = begun.slots["later"][0]
    assert waiting["line"] == clara.line(words["shoes"]).line_id
    assert waiting["reason"] == "defect"
    clara.slots |= {"outcome": "cancelled"}
    offered = clara.hear(SubmitCase(), clara.turn(""))
    assert '"reason":"defect"' in offered.payloads[-1]


def test_a_list_without_a_fault_gives_none(clara: Customer, words: Any) -> None:
    turn = clara.turn(words["shoes"], "request_refund")
    assert told_of(turn, clara.line(words["shoes"])) == {}


def test_a_month_is_no_variant(clara: Customer, words: Any) -> None:
    turn = clara.turn(words["last_months_shoes"], "request_refund")
    found = clara.hear(BeginCase(), turn).slots["line"]
    assert found == clara.line(words["shoes"]).line_id


def test_nothing_digital_is_torn_or_sent_back(clara: Customer, words: Any) -> None:
    card = clara.line(words["card"]).line_id
    clara.slots = {"case_kind": "refund", "line": card}
    asked = clara.hear(AskReason(), clara.turn(""))
    assert not any("damaged" in payload for payload in asked.payloads)
    clara.slots |= {"reason": "defect", "detail": words["card_fault"]}
    shown = clara.hear(AskConfirmed(), clara.turn(""))
    assert shown.slots["nonce"] and not any("refund_only" in x for x in shown.payloads)


def test_a_polite_question_chooses(anna: Customer, words: Any) -> None:
    line = anna.line(words["shoes"]).line_id
    wish = {"line": line, "reason": "defect", "detail": "x"}
    for text, kind in (
        (words["all_back"], "refund"),
        (words["keep_it"], "refund_only"),
    ):
        anna.slots = {**wish, "requested_slot": "case_kind"}
        turn = anna.turn(text, "ask_return_shipping")
        assert anna.hear(ValidateCaseForm(), turn).slots["case_kind"] == kind


def test_where_the_money_is_is_told_before_it_is_confirmed(
    ben: Customer, words: Any, say: Any
) -> None:
    ben.slots = {"case_kind": "price_protection", "requested_slot": "confirmed"}
    turn = ben.turn(words["claim_money_where"], "claim_price_protection")
    assert ben.hear(ValidateCaseForm(), turn).text == say["refund_when"]


def test_what_was_offered_ends_with_the_next_words(anna: Customer, words: Any) -> None:
    anna.slots = {"offer": "/request_human"}
    answer = anna.hear(BeginCase(), anna.turn(words["damages"], "complain"))
    assert answer.slots["offer"] is None


def test_what_was_never_sent_has_no_fault(anna: Customer, words: Any) -> None:
    pot = anna.line(words["pot"]).line_id
    begun = anna.hear(BeginCase(), anna.turn(words["pot_torn"], "request_refund"))
    assert (begun.slots["line"], begun.slots["reason"]) == (pot, "other")
    anna.slots = {"case_kind": "refund", "line": pot, "requested_slot": "reason"}
    turn = anna.turn(words["sold_wrong"], "report_wrong_item")
    assert anna.hear(ValidateCaseForm(), turn).slots["reason"] == "dislike"


def test_advice_on_a_kind_is_of_that_kind(clara: Customer, words: Any) -> None:
    turn = clara.turn(
        words["recommend_pot"], "ask_recommendation", things=(words["pot"],)
    )
    told = clara.hear(Recommend(), turn)
    assert words["pot"] in told.text and words["dress"] not in told.text


def test_a_size_that_is_not_made_is_said_before_the_next_best(
    clara: Customer, words: Any
) -> None:
    turn = clara.turn(words["shoes_to_40"], "request_exchange")
    answer = clara.hear(BeginCase(), turn)
    assert "40" in answer.text and answer.slots["target"] is None


def test_urging_a_thing_to_be_sent_is_heard_beside_its_name(
    anna: Customer, words: Any, say: Any
) -> None:
    answer = anna.hear(StrayAnswer(), anna.turn(words["urge_pot"]))
    assert answer.text.endswith(say["hurry_dispatch"])
