"""What was played on 28 November: said beside the question, and not taken for it."""

from __future__ import annotations

from typing import Any

from actions.answers import NotReceived, TrackParcel
from actions.case import BeginCase
from actions.focus import asks_for_another
from actions.progress import CaseProgress
from actions.service import WayBack
from actions.stray import StrayAnswer
from tests.unit.actions.conftest import Customer
from tests.unit.actions.test_heard_in_talks import form, submit


def test_the_black_one_is_an_answer_not_another_thing(
    ben: Customer, words: Any
) -> None:
    earphones = ben.line(words["earphones"])
    wish = {"line": earphones.line_id, "case_kind": "exchange", "reason": "defect"}
    asked = form(ben, words["black_one"], requested_slot="target", **wish)
    assert "line" not in asked.slots
    assert asked.slots["target"] is not None


def test_a_bonus_is_not_promised_and_the_question_stands(
    cleo: Customer, words: Any, say: Any
) -> None:
    wish = {"line": cleo.line(words["shoes"]).line_id, "reason": "defect"}
    asked = form(cleo, words["bonus"], "ask_price", requested_slot="case_kind", **wish)
    assert asked.text == say["damages_beside"]
    assert asked.slots["requested_slot"] == "case_kind"
    begun = cleo.hear(BeginCase(), cleo.turn(words["threefold"], "request_refund"))
    assert say["damages"] in begun.text


def test_may_somebody_come_and_mend_it_is_a_choice(ben: Customer, words: Any) -> None:
    fan = ben.line(words["fan"]).line_id
    wish = {"line": fan, "reason": "defect", "detail": "x"}
    asked = form(
        ben,
        words["come_and_mend"],
        "ask_return_shipping",
        requested_slot="case_kind",
        **wish,
    )
    assert asked.slots["case_kind"] == "repair"


def test_another_case_is_not_told_of_beside_an_open_wish(
    ben: Customer, words: Any, say: Any
) -> None:
    shirt = ben.line(words["shirt"])
    submit(ben, case_kind="refund", line=shirt.line_id, reason="dislike")
    fan = ben.line(words["fan"]).line_id
    ben.slots |= {"requested_slot": "case_kind", "line": fan}
    asked = ben.turn(words["when_visited"], "ask_case_progress")
    assert ben.hear(CaseProgress(), asked).text == say["case_after"]


def test_what_is_too_small_has_arrived(anna: Customer, words: Any) -> None:
    both = [anna.line(words[x]).line_id for x in ("boots", "shoes")]
    wish = {"narrowed": both, "offered": both, "case_kind": "refund"}
    asked = form(anna, words["wrong_size"], requested_slot="line", **wish)
    assert asked.slots["line"] == both[1] and asked.slots["reason"] == "size"


def test_and_if_i_do_not_like_it_asks_the_rule_again(
    anna: Customer, words: Any, say: Any
) -> None:
    anna.slots["topic"] = WayBack.action_name
    told = anna.hear(StrayAnswer(), anna.turn(words["and_if_dislike"], "deny"))
    assert told.text == say["freight"]


def test_what_is_no_thing_comes_by_no_parcel(
    cleo: Customer, words: Any, say: Any
) -> None:
    card = cleo.line(words["card"])
    missed = cleo.hear(
        NotReceived(), cleo.turn(words["no_pickup_code"], "report_not_received")
    )
    assert card.title not in missed.text
    told = say["track_digital"].format(title=card.title)
    for action in (NotReceived(), TrackParcel()):
        named = cleo.turn(words["card"], "track_logistics")
        assert cleo.hear(action, named).text == told


def test_by_her_account_is_not_mine(ben: Customer, words: Any) -> None:
    assert asks_for_another(ben.turn(words["her_account"]))
    assert not asks_for_another(ben.turn(words["my_account"]))
