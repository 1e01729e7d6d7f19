"""What is said after an answer: of what was recommended, refused, opened, feared."""

from __future__ import annotations

from typing import Any

from actions.answers import Inquiry, OrderStatus, TrackParcel, Warranty
from actions.case import BeginCase
from actions.form import ValidateCaseForm
from actions.knowledge import Knowledge
from actions.progress import CaseProgress, RefundProgress
from actions.recommend import Recommend
from actions.service import ReturnPolicy
from actions.stray import Clarify, StrayAnswer
from actions.target import AskTarget
from actions.understand import find_reason
from aftercare.services.transfer import is_waiting
from tests.unit.actions.conftest import Answer, Customer
from tests.unit.actions.test_heard_in_talks import form, submit


def ask(who: Customer, key: str, words: Any, intent: str) -> Answer:
    return who.hear(Recommend(), who.turn(words[key], intent))


def test_the_second_of_what_was_recommended(anna: Customer, words: Any) -> None:
    shown = ask(anna, "shoes_advice", words, "ask_recommendation")
    assert len(shown.slots["offered"]) == 2
    price = anna.hear(Knowledge(), anna.turn(words["second_price"], "ask_price"))
    assert words["boots"] in price.text and "459.00" in price.text
    big = anna.hear(Knowledge(), anna.turn(words["how_big"], "ask_product_spec"))
    assert words["boots"] in big.text and "/request_human" in big.payloads


def test_of_several_recommended_it_is_asked_which(anna: Customer, words: Any) -> None:
    ask(anna, "shoes_advice", words, "ask_recommendation")
    asked = anna.hear(Clarify(), anna.turn(words["how_to_buy"], "nlu_fallback"))
    assert len(asked.payloads) == 2 and all("spu" in p for p in asked.payloads)


def test_the_price_of_a_thing_is_told_by_its_name(anna: Customer, words: Any) -> None:
    told = anna.hear(Knowledge(), anna.turn(words["price_of_shoes"], "ask_price"))
    assert "399.00" in told.text
    repair = anna.hear(Knowledge(), anna.turn(words["price_of_repair"], "ask_price"))
    assert "399.00" not in repair.text


def test_the_second_of_the_orders_listed(anna: Customer, words: Any) -> None:
    kind: Inquiry = OrderStatus()
    listed = anna.hear(kind, anna.turn(words["my_orders"], "ask_order_status"))
    second = anna.hear(StrayAnswer(), anna.turn(words["second"]))
    wanted = listed.slots["offered"][1]
    assert any(f'"line":"{wanted}"' in payload for payload in second.payloads)


def test_why_after_a_refusal_is_told_with_who_may_judge_anew(
    anna: Customer, words: Any, say: Any
) -> None:
    dress = anna.line(words["dress"])
    anna.slots |= {"topic": "refused", "focus": dress.line_id}
    for action, intent in ((StrayAnswer(), "deny"), (ReturnPolicy(), "complain")):
        told = anna.hear(action, anna.turn(words["by_what_right"], intent))
        assert say["refused_why"].format(rule="")[-12:] in told.text
        assert "/complain" in told.payloads
    begun = anna.hear(BeginCase(), anna.turn(words["by_what_right"], "complain"))
    assert begun.slots["outcome"] == "answered"


def test_what_was_just_opened_is_called_off(ben: Customer, words: Any) -> None:
    fridge = ben.line(words["fridge"])
    detail = words["not_cooling"]
    submit(ben, case_kind="repair", line=fridge.line_id, detail=detail)
    off = ben.hear(BeginCase(), ben.turn(words["no_repair"], "request_repair"))
    assert any(p.startswith("/cancel_refund") for p in off.payloads)
    urged = ben.hear(Clarify(), ben.turn(words["urge"], "nlu_fallback"))
    assert words["fridge"] in urged.text


def test_hurry_at_the_summary_is_no_description(
    ben: Customer, words: Any, say: Any
) -> None:
    fridge = ben.line(words["fridge"]).line_id
    wish = {"line": fridge, "case_kind": "repair", "detail": words["not_cooling"]}
    asked = form(ben, words["urge"], requested_slot="confirmed", **wish)
    assert asked.text == say["press_button"] and "detail" not in asked.slots


def test_a_complaint_grows_by_each_message(cleo: Customer, words: Any) -> None:
    card = cleo.line(words["card"]).line_id
    wish = {"line": card, "case_kind": "complaint", "detail": "a", "nonce": "n"}
    asked = form(
        cleo, words["rude_staff"], "complain", requested_slot="confirmed", **wish
    )
    assert asked.slots["detail"] == "a\n" + words["rude_staff"]
    assert asked.slots["nonce"] is None


def test_what_may_explode_calls_a_person(anna: Customer, words: Any, say: Any) -> None:
    for action, intent in ((BeginCase(), "report_defect"), (StrayAnswer(), "inform")):
        told = anna.hear(action, anna.turn(words["may_explode"], intent))
        assert told.text.startswith(say["danger_goods"])
    assert is_waiting(anna.engine, anna.viewer.conversation_id)


def test_a_pan_that_fries_is_no_danger(anna: Customer, words: Any, say: Any) -> None:
    told = anna.hear(StrayAnswer(), anna.turn(words["fryer_broken"]))
    assert say["danger_goods"] not in told.text


def test_a_denied_fault_is_no_reason(words: Any) -> None:
    assert find_reason(words["no_fault_dislike"], "report_defect") == "dislike"
    assert find_reason(words["no_fault"], "report_defect") is None
    assert find_reason(words["whether_fault"], "") == "defect"


def test_wanted_no_more_is_a_refund(anna: Customer, words: Any) -> None:
    told = anna.hear(StrayAnswer(), anna.turn(words["phone_no_fault_dislike"]))
    assert len(told.payloads) == 1 and told.payloads[0].startswith("/request_refund")
    assert '"reason":"dislike"' in told.payloads[0]


def test_only_the_black_ones_are_shown(anna: Customer, words: Any, say: Any) -> None:
    shoes = anna.line(words["shoes"]).line_id
    begun = anna.hear(BeginCase(), anna.turn(words["want_black"], "request_exchange"))
    assert begun.slots["reason"] == "dislike" and begun.slots["line"] == shoes
    shown = anna.hear(AskTarget(), anna.turn(words["want_black"], "request_exchange"))
    assert len(shown.payloads) == 2
    # Theirs is a 38; the black ones there are larger.
    assert say["other_sizes"].format(variant=words["their_shoes"]) in shown.text


def test_another_code_in_place_of_what_is_no_thing(
    cleo: Customer, words: Any, say: Any
) -> None:
    card = cleo.line(words["card"]).line_id
    wish = {"line": card, "reason": "defect", "detail": words["card_invalid"]}
    asked = form(cleo, words["exchange"], requested_slot="case_kind", **wish)
    assert asked.slots["case_kind"] == "reship"
    assert asked.slots["requested_slot"] == "confirmed"
    assert say["digital_again"] in asked.text


def test_a_part_of_the_money_is_for_a_person(
    anna: Customer, words: Any, say: Any
) -> None:
    cherry = anna.line(words["cherry"]).line_id
    anna.slots["focus"] = cherry
    begun = anna.hear(BeginCase(), anna.turn(words["part_back"], "request_refund"))
    assert begun.slots["case_kind"] == "refund_only"
    assert say["part_noted"] in begun.text
    assert words["part_back"] in begun.slots["detail"]
    shoes = {"line": anna.line(words["shoes"]).line_id, "focus": None}
    bargain = anna.turn(words["part_bargain"], "request_refund")
    anna.slots |= shoes
    assert say["part_refused"] in anna.hear(BeginCase(), bargain).text


def test_a_guest_hears_where_the_number_is(
    guest: Customer, words: Any, say: Any
) -> None:
    lost = guest.turn(words["number_lost"], "ask_order_status")
    assert guest.hear(OrderStatus(), lost).text == say["guest_where"]
    stray = guest.hear(StrayAnswer(), guest.turn(words["number_lost"]))
    assert stray.text == say["guest_where"]


def test_how_a_picture_is_sent(anna: Customer, words: Any, say: Any) -> None:
    told = anna.hear(StrayAnswer(), anna.turn(words["how_picture"]))
    assert told.text == say["picture_how"]
    wish = {"line": anna.line(words["shoes"]).line_id, "case_kind": "repair"}
    asked = form(anna, words["how_picture"], requested_slot="detail", **wish)
    assert asked.text == say["picture_how"]
    assert asked.slots["requested_slot"] == "detail"


def test_a_waybill_among_words_belongs_to_the_case(
    anna: Customer, words: Any, say: Any
) -> None:
    shoes = anna.line(words["shoes"]).line_id
    submit(anna, case_kind="refund", line=shoes, reason="dislike")
    sent = anna.turn(words["sent_back"], "track_logistics", waybill="SF1234567890123")
    told = anna.hear(TrackParcel(), sent)
    assert "SF1234567890123" in told.text and say["number_unknown"] not in told.text


def test_things_without_a_case_are_tracked(anna: Customer, words: Any) -> None:
    anna.slots["requested_slot"] = None
    both = anna.turn(words["boots_when"], "ask_case_progress")
    assert words["boots"] in anna.hear(CaseProgress(), both).text


def test_money_of_a_wish_not_sent_yet(anna: Customer, words: Any, say: Any) -> None:
    anna.slots |= {"case_kind": "exchange", "requested_slot": "target"}
    anna.slots["line"] = anna.line(words["shoes"]).line_id
    asked = anna.turn(words["refund_how_long"], "ask_refund_progress")
    assert anna.hear(RefundProgress(), asked).text == say["refund_when"]


def test_no_warranty_tells_what_there_is_instead(anna: Customer, words: Any) -> None:
    told = anna.hear(Warranty(), anna.turn(words["dress_fault"], "ask_warranty"))
    assert "/request_human" in told.payloads


def test_the_form_hears_a_part_too(anna: Customer, words: Any, say: Any) -> None:
    cherry = anna.line(words["cherry"]).line_id
    wish = {"line": cherry, "case_kind": "refund", "reason": "defect", "detail": "x"}
    anna.slots |= wish | {"requested_slot": "confirmed", "nonce": "n"}
    turn = anna.turn(words["part_back"], "request_refund")
    asked = anna.hear(ValidateCaseForm(), turn)
    assert asked.slots["case_kind"] == "refund_only" and asked.slots["nonce"] is None
    assert say["part_noted"] in asked.text
