"""What upset customers said in talks held by hand, one test for each mend."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from actions.answers import NotReceived, OrderStatus, TrackParcel
from actions.base import ServiceAction
from actions.case import BeginCase, SubmitCase
from actions.form import ValidateCaseForm
from actions.knowledge import Knowledge
from actions.pointing import is_yes
from actions.preview import AskConfirmed
from actions.progress import CaseProgress, RefundProgress
from actions.service import ReturnPolicy, WaitTime, WayBack
from actions.stray import Clarify, StrayAnswer
from actions.texts import texts
from aftercare.services.cases import own_cases
from aftercare.services.history import find_talk
from tests.unit.actions.conftest import Answer, Customer


def form(who: Customer, text: str, intent: str = "inform", **slots: Any) -> Answer:
    who.slots |= slots
    return who.hear(ValidateCaseForm(), who.turn(text, intent))


def submit(who: Customer, **wish: Any) -> None:
    who.slots |= {"reason": None, "detail": None, "target": None} | wish
    nonce = who.hear(AskConfirmed(), who.turn("")).slots["nonce"]
    who.slots |= {"confirmed": nonce, "outcome": None}
    who.hear(SubmitCase(), who.turn("", "affirm"))


@pytest.mark.parametrize("action", [TrackParcel(), OrderStatus()])
def test_why_is_it_not_sent_offers_to_urge_the_warehouse(
    anna: Customer, words: Any, say: Any, action: ServiceAction
) -> None:
    told = anna.hear(action, anna.turn(words["why_not_sent"]))
    assert told.text.endswith(say["hurry_dispatch"])
    assert anna.line(words["pot"]).title in told.text
    assert "/request_human" in told.payloads


def test_how_many_days_after_a_reship_means_the_new_one(
    ben: Customer, words: Any, say: Any
) -> None:
    coat = ben.line(words["coat"]).line_id
    submit(ben, line=coat, case_kind="reship", reason="not_received")
    (case,) = own_cases(ben.engine, ben.viewer)
    turn = ben.turn(words["days_to_send"], "ask_delivery_time")
    told = ben.hear(TrackParcel(), turn)
    assert case.case_no in told.text and "SD000000020004" not in told.text
    turn = ben.turn(words["send_faster"], "track_logistics")
    assert ben.hear(TrackParcel(), turn).text.endswith(say["hurry_case"])
    turn = ben.turn(words["where_is_it"], "track_logistics")
    assert "SD000000020004" in ben.hear(TrackParcel(), turn).text


def test_why_is_it_not_sent_in_a_new_talk_means_the_order(
    ben: Customer, words: Any, say: Any
) -> None:
    coat = ben.line(words["coat"]).line_id
    submit(ben, line=coat, case_kind="reship", reason="not_received")
    ben.slots = {}
    turn = ben.turn(words["why_not_sent"], "ask_delivery_time")
    assert ben.hear(TrackParcel(), turn).text.endswith(say["hurry_dispatch"])


def test_a_threat_is_no_story_and_calls_a_person(
    anna: Customer, words: Any, say: Any
) -> None:
    line = anna.line(words["pot"]).line_id
    wish = {"case_kind": "complaint", "line": line, "requested_slot": "detail"}
    answer = form(anna, words["threat"], "complain", **wish)
    assert say["escalated"].split("{")[0] in answer.text
    assert "detail" not in answer.slots
    assert answer.slots["requested_slot"] == "detail"
    answer = form(anna, words["threat_story"], "complain", **wish)
    assert say["escalated"].split("{")[0] in answer.text
    assert answer.slots["detail"] == words["threat_story"]


def test_what_now_and_how_much_ask_the_question_again(
    ben: Customer, words: Any
) -> None:
    wish: dict[str, Any] = {"line": ben.line(words["ear"]).line_id}
    wish |= {"case_kind": "price_protection"}
    asked = form(
        ben, words["how_much"], "ask_price", requested_slot="confirmed", **wish
    )
    assert asked.slots["requested_slot"] == "confirmed" and not asked.text
    wish = {"line": ben.line(words["fridge"]).line_id, "case_kind": None}
    wish |= {"reason": "defect", "detail": "x", "requested_slot": "case_kind"}
    asked = form(ben, words["what_now"], "ask_product_usage", **wish)
    assert asked.slots["requested_slot"] == "case_kind" and not asked.text


def test_what_now_outside_of_the_form_shows_the_choices(
    ben: Customer, words: Any, say: Any
) -> None:
    ben.slots["focus"] = ben.line(words["fridge"]).line_id
    turn = ben.turn(words["what_now"], "ask_product_usage")
    assert ben.hear(Knowledge(), turn).text == say["what_with_it"]


def test_who_has_a_picture_is_asked_to_send_it(
    anna: Customer, words: Any, say: Any
) -> None:
    wish = {"line": anna.line(words["cherry"]).line_id, "case_kind": "refund_only"}
    wish |= {"reason": "defect", "detail": "x", "requested_slot": "confirmed"}
    asked = form(anna, words["have_picture"], "ask_product_spec", **wish)
    assert asked.text == say["picture_send"] and "detail" not in asked.slots


def test_no_exchange_it_then_is_another_wish_and_no_end(
    anna: Customer, words: Any, say: Any
) -> None:
    wish = {"line": anna.line(words["shoes"]).line_id, "case_kind": "refund"}
    wish |= {"reason": "size", "nonce": "n", "requested_slot": "confirmed"}
    asked = form(anna, words["rather_exchange"], "stop", **wish)
    assert asked.slots["case_kind"] == "exchange"
    assert asked.slots["requested_slot"] == "target"
    for text in ("refund_forget", "forget"):
        assert form(anna, words[text], "stop", **wish).text == say["cancelled"]


def test_waited_too_long_is_a_reason(anna: Customer, words: Any) -> None:
    wish = {"line": anna.line(words["pot"]).line_id, "case_kind": "refund"}
    wish |= {"requested_slot": "reason"}
    asked = form(anna, words["waited_long"], "ask_wait_time", **wish)
    assert asked.slots["reason"] == "dislike"


def test_it_does_not_really_cool_and_was_looked_at_twice(
    ben: Customer, words: Any
) -> None:
    turn = ben.turn(words["fridge_story"], "request_refund")
    begun = ben.hear(BeginCase(), turn)
    assert begun.slots["reason"] == "defect"
    assert begun.slots["detail"] == words["fridge_story"]


def test_yes_is_heard_however_often_it_is_said(words: Any) -> None:
    for text in words["yeses"]:
        assert is_yes(text), text
    for text in words["no_yeses"]:
        assert not is_yes(text), text


def test_how_does_a_thing_so_big_come_back(
    anna: Customer, words: Any, say: Any
) -> None:
    turn = anna.turn(words["so_big"], "ask_return_shipping")
    assert anna.hear(WayBack(), turn).text.endswith(say["back_pickup"])


def test_when_is_the_money_there_inside_the_form(
    anna: Customer, words: Any, say: Any
) -> None:
    pot, shoes = anna.line(words["pot"]), anna.line(words["shoes"])
    anna.slots = {"case_kind": "refund", "requested_slot": "reason"}
    anna.slots["line"] = pot.line_id
    turn = anna.turn(words["money_when"], "ask_refund_progress")
    assert anna.hear(RefundProgress(), turn).text == say["refund_when"]
    anna.slots = {}
    submit(anna, line=pot.line_id, case_kind="refund", reason="dislike")
    anna.slots = {"case_kind": "refund", "requested_slot": "reason"}
    anna.slots["line"] = shoes.line_id
    turn = anna.turn(words["money_when"], "ask_refund_progress")
    assert anna.hear(RefundProgress(), turn).text == say["refund_when"]


def test_a_finished_case_tells_the_money(anna: Customer, words: Any, say: Any) -> None:
    pot = anna.line(words["pot"]).line_id
    submit(anna, line=pot, case_kind="refund", reason="dislike")
    told = anna.hear(CaseProgress(), anna.turn(words["when_mine"], "ask_case_progress"))
    assert told.text.endswith(say["refund_paid"].format(amount="299.00"))


def test_five_days_already_offers_to_urge(ben: Customer, words: Any, say: Any) -> None:
    ben.hear(NotReceived(), ben.turn(words["coat"], "report_not_received"))
    answer = ben.hear(Clarify(), ben.turn(words["five_days"], "nlu_fallback"))
    assert answer.text == say["hurry"] and answer.slots["misses"] == 1
    answer = ben.hear(Clarify(), ben.turn(words["angry"], "nlu_fallback"))
    assert answer.text.endswith(say["hurry"]) and answer.slots["misses"] == 2
    answer = ben.hear(Clarify(), ben.turn(words["angry"], "nlu_fallback"))
    assert answer.text.startswith(say["clarify_3"].split("{")[0])


def test_how_much_longer_after_a_parcel_means_the_parcel(
    anna: Customer, words: Any, say: Any
) -> None:
    anna.hear(TrackParcel(), anna.turn(words["boots"], "track_logistics"))
    told = anna.hear(WaitTime(), anna.turn(words["how_much_longer"], "ask_wait_time"))
    assert "SD000000010006" in told.text
    told = anna.hear(WaitTime(), anna.turn(words["staff_wait"], "ask_wait_time"))
    assert told.text.startswith(say["wait_head"])


def test_and_with_a_fault_tells_the_rule_of_the_thing(
    anna: Customer, words: Any
) -> None:
    phone = anna.line("X5")
    anna.slots = {"focus": phone.line_id}
    told = anna.hear(StrayAnswer(), anna.turn(words["and_a_fault"]))
    assert phone.title in told.text and len(told.text) > len(phone.title) + 10


def test_a_thing_named_after_a_rule_is_judged_by_it(
    anna: Customer, words: Any, say: Any
) -> None:
    turn = anna.turn(words["opened_return"], "ask_return_policy")
    assert anna.hear(ReturnPolicy(), turn).text == say["policy"]
    told = anna.hear(StrayAnswer(), anna.turn(words["just_phone"]))
    phone = anna.line("X5")
    assert told.text.startswith(say["policy_of"].split("{")[0] + phone.title)


def test_a_faulty_thing_feared_to_hurt_is_a_person_s_matter(
    anna: Customer, words: Any, say: Any
) -> None:
    turn = anna.turn(words["explode"], "ask_product_spec")
    sound = anna.hear(Knowledge(), turn)
    assert say["danger_goods"] not in sound.text
    anna.slots = {"reason": "defect", "requested_slot": "line"}
    turn = anna.turn(words["explode"], "ask_product_spec")
    told = anna.hear(Knowledge(), turn)
    assert say["danger_goods"] in told.text and told.slots["outcome"] == "answered"
    talk = find_talk(anna.engine, anna.viewer.conversation_id)
    assert talk is not None and talk.owner == "waiting"


def test_what_no_workshop_mends_is_refused_as_a_refund(
    anna: Customer, words: Any
) -> None:
    cherry = anna.line(words["cherry"])
    anna.slots = {"line": cherry.line_id, "reason": "damaged"}
    turn = anna.turn(words["rotten"], "report_damage")
    later = dataclasses.replace(turn, now=anna.now + timedelta(days=400))
    told = anna.hear(ValidateCaseForm(), later).text
    assert texts()["labels"]["kind"]["refund"] in told.split(cherry.title)[1][:9]


def test_where_the_money_of_a_claim_is_opens_no_second_claim(
    ben: Customer, words: Any, say: Any
) -> None:
    ear = ben.line(words["ear"]).line_id
    turn = ben.turn(words["claim_money_where"], "claim_price_protection")
    assert ben.hear(BeginCase(), turn).slots["case_kind"] == "price_protection"
    ben.slots = {}
    submit(ben, line=ear, case_kind="price_protection")
    turn = ben.turn(words["claim_money_where"], "claim_price_protection")
    told = ben.hear(BeginCase(), turn)
    assert say["refund_paid"].format(amount="50.00") in told.text
    assert told.slots["outcome"] == "answered"


def test_why_not_after_a_refusal_tells_the_rule(anna: Customer, words: Any) -> None:
    phone = anna.line("X5")
    anna.slots = {"focus": phone.line_id}
    told = anna.hear(BeginCase(), anna.turn(words["why_no_refund"], "request_refund"))
    assert phone.title in told.text and told.slots["outcome"] == "answered"


def test_loud_is_a_fault_and_no_size(ben: Customer, words: Any) -> None:
    begun = ben.hear(BeginCase(), ben.turn(words["fan_loud"], "request_exchange"))
    assert begun.slots["reason"] == "defect"
    assert begun.slots["detail"] == words["fan_loud"]


def test_repair_it_is_no_description(ben: Customer, words: Any) -> None:
    wish = {"line": ben.line(words["ear"]).line_id, "case_kind": "repair"}
    wish |= {"requested_slot": "detail"}
    asked = form(ben, words["just_repair"], "request_repair", **wish)
    assert "detail" not in asked.slots and asked.slots["requested_slot"] == "detail"
    begun = ben.hear(BeginCase(), ben.turn(words["one_ear"], "request_repair"))
    assert begun.slots["detail"] == words["one_ear"]


def test_the_wrong_address_is_a_reason(anna: Customer, words: Any) -> None:
    wish = {"line": anna.line(words["pot"]).line_id, "case_kind": "refund"}
    wish |= {"requested_slot": "reason"}
    asked = form(anna, words["wrong_address"], "modify_order", **wish)
    assert asked.slots["reason"] == "dislike"


def test_and_the_shirt_waits_until_the_nuts_are_done(
    anna: Customer, words: Any, say: Any
) -> None:
    carl = Customer(anna.engine, anna.now, "C-DEMO-3")
    nuts, tee = (carl.line(words[x]).line_id for x in ("nuts", "tee"))
    wish = {"line": nuts, "case_kind": "refund", "requested_slot": "reason"}
    asked = form(carl, words["and_the_tee"], **wish)
    assert asked.text == say["noted_later"] and carl.slots["line"] == nuts
    (kept,) = asked.slots["later"]
    assert (kept["line"], kept["intent"]) == (tee, "request_refund")
    assert form(carl, words["and_when"], "ask_delivery_time", **wish).slots == {}


def test_a_refund_is_told_of_behind_many_newer_cases(
    anna: Customer, words: Any, say: Any
) -> None:
    submit(anna, line=anna.line(words["pot"]).line_id, case_kind="refund")
    for name in ("pot", "shoes", "boots", "dress", "cherry", "phone"):
        line = anna.line(words[name]).line_id
        submit(anna, line=line, case_kind="complaint", detail="x")
    told = anna.hear(RefundProgress(), anna.turn("", "ask_refund_progress"))
    assert say["refund_paid"].format(amount="299.00") in told.text
