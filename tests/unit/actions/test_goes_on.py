"""What goes on inside a wish: what it brings, which of several, what is not there."""

from __future__ import annotations

from typing import Any

from actions.answers import TrackParcel
from actions.case import BeginCase
from actions.focus import meant
from actions.kinds import grantable
from actions.progress import CaseProgress
from actions.target import AskTarget
from aftercare.services.orders import recent_lines
from tests.unit.actions.conftest import Customer
from tests.unit.actions.test_heard_in_talks import form, submit


def test_when_the_new_one_comes_is_about_the_open_wish(
    anna: Customer, words: Any, say: Any
) -> None:
    shoes = anna.line(words["shoes"]).line_id
    anna.slots |= {"case_kind": "exchange", "line": shoes, "requested_slot": "target"}
    asked = anna.turn(words["new_one_when"], "ask_delivery_time")
    assert anna.hear(TrackParcel(), asked).text == say["brings_exchange"]
    boots = anna.turn(words["boots_arrive"], "ask_delivery_time")
    assert words["boots"] in anna.hear(TrackParcel(), boots).text


def test_how_long_before_anything_is_sent_in(
    cleo: Customer, words: Any, say: Any
) -> None:
    mug = cleo.line(words["mug"]).line_id
    cleo.slots |= {"line": mug, "requested_slot": "case_kind"}
    asked = cleo.turn(words["remake_when"], "ask_case_progress")
    assert cleo.hear(CaseProgress(), asked).text == say["case_after"]


def test_a_fault_of_what_was_never_signed_for_is_told_so(
    ben: Customer, words: Any, say: Any
) -> None:
    coat = ben.line(words["coat"])
    told = ben.hear(BeginCase(), ben.turn(words["coat_zip"], "report_defect"))
    assert coat.title in told.text and told.text[-10:] == say["not_signed"][-10:]
    shoes = ben.hear(BeginCase(), ben.turn(words["fridge_noise"], "report_defect"))
    assert say["not_signed"][-10:] not in shoes.text


def test_one_of_two_phones_is_asked_for_and_the_other_thing_kept(
    ben: Customer, words: Any, say: Any
) -> None:
    both = ben.turn(words["phone_and_earphones"], "request_refund")
    begun = ben.hear(BeginCase(), both)
    assert len(begun.slots["narrowed"]) == 2 and begun.slots["line"] is None
    assert say["noted_later"] in begun.text
    earphones = ben.line(words["earphones"]).line_id
    assert [wish["line"] for wish in begun.slots["later"]] == [earphones]


def test_too_big_and_too_small_each_of_its_own(anna: Customer, words: Any) -> None:
    shoes = anna.line(words["shoes"]).line_id
    anna.slots |= {"line": shoes, "case_kind": "exchange", "reason": "size"}
    two = anna.turn(words["shoes_big_dress_small"], "request_exchange")
    assert words["their_larger_shoes"] not in anna.hear(AskTarget(), two).text


def test_a_colour_alone_does_not_change_the_thing_talked_of(
    cleo: Customer, words: Any
) -> None:
    fan = cleo.line(words["fan"])
    cleo.slots["focus"] = fan.line_id
    lines = recent_lines(cleo.engine, cleo.viewer)
    assert meant(cleo.turn(words["any_white"]), lines).line == fan
    cleo.slots["focus"] = None
    assert meant(cleo.turn(words["any_white"]), lines).line != fan


def test_how_to_send_what_is_so_big_is_answered_at_the_summary(
    ben: Customer, words: Any, say: Any
) -> None:
    fridge = ben.line(words["fridge"]).line_id
    wish = {"line": fridge, "case_kind": "refund", "reason": "defect", "detail": "x"}
    asked = form(
        ben, words["how_so_big"], "request_refund", requested_slot="confirmed", **wish
    )
    assert asked.text == say["back_pickup"]
    assert asked.slots["requested_slot"] == "confirmed"


def test_there_is_none_smaller_is_said_before_the_others(
    anna: Customer, words: Any, say: Any
) -> None:
    shoes = anna.line(words["shoes"])
    anna.slots |= {"line": shoes.line_id, "case_kind": "exchange", "reason": "size"}
    shown = anna.hear(AskTarget(), anna.turn(words["shoes_big"], "request_exchange"))
    assert shown.text.startswith(say["wanted_gone_smaller"].format(title=shoes.title))


def test_what_is_paid_back_is_refused_at_once(anna: Customer, words: Any) -> None:
    pot = anna.line(words["pot"]).line_id
    submit(anna, case_kind="refund", line=pot, reason="dislike")
    asked = form(
        anna,
        words["refund_pot"],
        "request_refund",
        line=None,
        case_kind="refund",
        requested_slot="line",
        reason=None,
    )
    assert asked.slots["outcome"] == "refused"


def test_before_it_is_there_money_without_sending_back_is_no_choice_of_its_own(
    ben: Customer, words: Any
) -> None:
    coat = ben.line(words["coat"]).line_id
    kinds = grantable(ben.turn(""), coat, "other")
    assert kinds == ["refund"]
