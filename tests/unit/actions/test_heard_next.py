"""What went wrong in talks held by hand: said again, said beside, left for a person."""

from __future__ import annotations

from typing import Any

import pytest

from actions.answers import TrackParcel
from actions.form import ValidateCaseForm
from actions.progress import CaseProgress
from actions.smalltalk import NothingOpen
from actions.stray import Clarify, StrayAnswer
from actions.texts import texts
from aftercare.services.transfer import Trigger, transfer
from tests.unit.actions.conftest import Customer
from tests.unit.actions.test_heard_in_talks import form


def test_the_name_or_the_reason_said_again_is_no_riddle(
    anna: Customer, words: Any, say: Any
) -> None:
    shoes = anna.line(words["shoes"]).line_id
    wish = {"case_kind": "refund", "line": shoes}
    named = form(anna, words["just_shoes"], requested_slot="reason", **wish)
    assert not named.text and named.slots["requested_slot"] == "reason"
    wish |= {"case_kind": "exchange", "reason": "size"}
    again = form(anna, words["wrong_size"], requested_slot="target", **wish)
    assert not again.text and again.slots["requested_slot"] == "target"


def test_more_of_the_fault_is_taken_down_before_a_choice(
    ben: Customer, words: Any, say: Any
) -> None:
    fridge = ben.line(words["fridge"]).line_id
    wish = {"line": fridge, "reason": "defect", "detail": words["fridge_noise"]}
    told = form(ben, words["not_cooling"], requested_slot="case_kind", **wish)
    assert say["noted_more"] in told.text
    assert words["not_cooling"] in told.slots["detail"]


@pytest.mark.parametrize("asks", ["picture_needed", "how_to_take_it"])
def test_a_question_about_pictures_is_answered(
    anna: Customer, words: Any, say: Any, asks: str
) -> None:
    wish = {"line": anna.line(words["cherries"]).line_id, "reason": "defect"}
    told = form(anna, words[asks], requested_slot="case_kind", **wish)
    assert told.text == say["picture_how"]


def test_when_it_was_bought_does_not_list_the_orders(ben: Customer, words: Any) -> None:
    wish = {"line": ben.line(words["earphones"]).line_id, "reason": "defect"}
    ben.slots |= wish | {"requested_slot": "case_kind"}
    told = ben.turn(words["two_days_ago"], "ask_order_status")
    kept = ben.hear(ValidateCaseForm(), told)
    assert kept.slots["requested_slot"] == "case_kind" and not kept.text
    asked = ben.turn(words["what_bought"], "ask_order_status")
    # Nothing returned: the question goes to the list of orders.
    assert not ben.hear(ValidateCaseForm(), asked).events


def test_all_right_means_another_of_the_same_where_one_broke(
    ben: Customer, anna: Customer, words: Any
) -> None:
    earphones = ben.line(words["earphones"])
    wish = {"case_kind": "exchange", "line": earphones.line_id, "detail": "x"}
    wish |= {"reason": "defect", "requested_slot": "target"}
    assert form(ben, words["fine"], **wish).slots["target"] == earphones.sku
    shoes = anna.line(words["shoes"]).line_id
    wish |= {"line": shoes, "reason": "size"}
    assert not form(anna, words["fine"], **wish).slots.get("target")


def test_what_is_made_in_one_way_only_leaves_no_choice(
    cleo: Customer, ben: Customer, words: Any
) -> None:
    mug = cleo.line(words["mug"])
    wish = {"line": mug.line_id, "reason": "wrong_item", "detail": "x"}
    wish |= {"requested_slot": "case_kind"}
    asked = form(cleo, words["make_again"], **wish)
    assert asked.slots["target"] == mug.sku
    assert asked.slots["requested_slot"] == "confirmed"
    # Of two colours one is chosen by the customer.
    wish |= {"line": ben.line(words["earphones"]).line_id, "reason": "defect"}
    assert form(ben, words["exchange_it"], **wish).slots["requested_slot"] == "target"


def test_a_doubt_is_about_the_parcel_just_told_of(
    ben: Customer, words: Any, say: Any
) -> None:
    coat = ben.line(words["coat"])
    ben.slots |= {"topic": "action_track_parcel", "focus": coat.line_id}
    doubted = ben.turn(words["never_sent"], "track_logistics")
    told = ben.hear(TrackParcel(), doubted)
    assert told.text.startswith(say["sent_already"].format(title=coat.title))
    assert words["shirt"] not in told.text
    other = ben.turn(words["not_yet_sent"], "track_logistics")
    assert words["shirt"] in ben.hear(TrackParcel(), other).text


def test_a_thing_of_another_name_is_asked_for_not_taken(
    ben: Customer, anna: Customer, words: Any, say: Any
) -> None:
    near = {"things": (words["down_coat"],)}
    asked = ben.turn(words["down_coat_where"], "track_logistics", **near)
    told = ben.hear(TrackParcel(), asked)
    coat = ben.line(words["coat"])
    assert told.payloads[0] == f'/track_logistics{{"line": "{coat.line_id}"}}'
    assert coat.title in told.text and "topic" not in told.slots
    # Who owns nothing like it hears of nothing.
    asked = anna.turn(words["down_coat_where"], "track_logistics", **near)
    thing = words["down_coat"]
    assert anna.hear(TrackParcel(), asked).text == say["thing_unknown"].format(
        thing=thing
    )


def test_hurry_about_what_was_never_sent_is_the_warehouses(
    cleo: Customer, words: Any, say: Any
) -> None:
    nuts = cleo.line(words["nuts"]).line_id
    cleo.slots |= {"topic": "action_track_parcel", "focus": nuts}
    urged = cleo.hear(CaseProgress(), cleo.turn(words["urge"], "ask_case_progress"))
    assert urged.text == say["hurry_dispatch"]


def test_not_any_more_of_a_parcel_offers_the_refund(
    cleo: Customer, words: Any, say: Any
) -> None:
    line = cleo.line(words["nuts"])
    cleo.slots |= {"topic": "action_track_parcel", "focus": line.line_id}
    left = cleo.hear(NothingOpen(), cleo.turn(words["no_more"], "stop"))
    assert left.text == say["leave_parcel"].format(title=line.title)
    assert line.line_id in left.payloads[0]
    # What came is kept, and "never mind" alone is no wish.
    mug = cleo.line(words["mug"]).line_id
    for text, focus in ((words["no_more"], mug), (words["never_mind"], line.line_id)):
        cleo.slots["focus"] = focus
        assert not cleo.hear(NothingOpen(), cleo.turn(text, "stop")).payloads


def test_what_is_left_for_a_person_is_no_riddle(
    anna: Customer, words: Any, say: Any
) -> None:
    for action in (StrayAnswer(), Clarify()):
        before = anna.hear(action, anna.turn(words["sarcastic"]))
        assert say["left_note"] not in before.text
    transfer(anna.engine, anna.viewer.conversation_id, Trigger.ASKED, anna.now)
    for action in (StrayAnswer(), Clarify()):
        anna.slots["misses"] = 2
        told = anna.hear(action, anna.turn(words["sarcastic"]))
        assert told.text == say["left_note"]


def test_how_long_an_exchange_takes_is_told_before_it_is_sent_in(
    ben: Customer, words: Any, say: Any
) -> None:
    line = ben.line(words["earphones"]).line_id
    ben.slots |= {"line": line, "case_kind": "exchange", "requested_slot": "target"}
    asked = ben.turn(words["how_long"], "ask_case_progress")
    told = ben.hear(CaseProgress(), asked).text
    assert say["case_after"] in told and say["brings_exchange"] in told


def test_near_things_are_no_names_of_the_same_thing() -> None:
    """A row of `near_things` that is also a name would be taken unasked."""
    words = texts()["words"]
    names = {name for row in words["same_things"] for name in row}
    assert not names & {said for row in words["near_things"] for said in row[0]}
