"""Advice: with its why, refused by one word, never to the angry, never in the way."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import update

from actions import recommend, target
from actions.case import BeginCase
from actions.form import ValidateCaseForm
from actions.recommend import Recommend, accessories, in_time
from actions.speech import Speaker
from actions.target import AskTarget, direction
from aftercare.services.consents import Purpose, allows, set_consent
from aftercare.services.recommend import Offer, Suggestion
from aftercare.services.recommend.data import Article
from aftercare.store.models import ProductRow
from aftercare.store.unit_of_work import write
from tests.unit.actions.conftest import Customer

OFF = '/ask_recommendation{"personal": "off"}'
ON = '/ask_recommendation{"personal": "on"}'
CASE = Offer("P-CASE-1", "P-CASE", "case", "clear", 2900, "", ("bought_together",))


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries load on first use; how fast is not what is tested here."""
    monkeypatch.setattr(recommend, "LIMIT_S", 60.0)


def ask(who: Customer, text: str, **more: Any) -> Any:
    return who.hear(Recommend(), who.turn(text, "ask_recommendation", **more))


def allowed(who: Customer) -> bool:
    return allows(who.engine, who.customer_id, Purpose.PERSONALISED)


def test_without_a_model_what_sells_is_shown(
    anna: Customer, words: Any, say: Any
) -> None:
    answer = ask(anna, words["any_advice"])
    assert answer.text.startswith(say["recommend_popular"])
    assert OFF in answer.payloads


def test_each_suggestion_says_because_of_what(
    anna: Customer, words: Any, say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = Article("P-CASE", "case", "accessory", 2900, 5, "")
    one = Suggestion(article, "bought", "phone")
    monkeypatch.setattr(recommend, "suggest", lambda *_: [one])
    answer = ask(anna, words["any_advice"])
    line = say["because_bought"].format(title="case", price="29.00", because="phone")
    assert answer.text == f"{say['recommend_head']}\n{line}"
    answer = ask(anna, "", given={"spu": "P-CASE"})
    assert "29.00" in answer.text


@pytest.mark.parametrize("by", ["word", "button"])
def test_a_refusal_holds_at_once_and_can_be_taken_back(
    anna: Customer, words: Any, say: Any, by: str
) -> None:
    button = {"given": {"personal": "off"}} if by == "button" else {}
    text = OFF if by == "button" else words["no_advice"]
    assert ask(anna, text, **button).text == say["advice_off"]
    assert not allowed(anna)
    assert ON in ask(anna, words["any_advice"]).payloads
    assert ask(anna, words["advice"]).text == say["advice_on"]
    assert allowed(anna)


def test_a_guest_is_told_that_there_is_no_profile(
    guest: Customer, words: Any, say: Any
) -> None:
    assert ask(guest, words["no_advice"]).text == say["advice_guest"]


def test_nobody_angry_is_advertised_to(anna: Customer, words: Any, say: Any) -> None:
    anna.hear(Recommend(), anna.turn(words["angry"], "complain"))
    answer = ask(anna, words["any_advice"])
    assert say["recommend_not_now"] in answer.text


@pytest.mark.parametrize("how", ["broken", "slow"])
def test_advice_that_fails_is_nothing(
    monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    never = threading.Event()

    def work() -> list[int]:
        if how == "broken":
            raise MemoryError
        never.wait()
        return [1]

    monkeypatch.setattr(recommend, "LIMIT_S", 0.01)
    assert in_time(work) == []
    never.set()


def test_accessories_only_where_they_are_allowed(
    ben: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recommend, "goes_with", lambda *_: [CASE])
    line = ben.line("Note").line_id

    def said() -> list[Any]:
        told = CollectingDispatcher()
        accessories(ben.turn(""), Speaker(told), line)
        return told.messages

    assert OFF in [button["payload"] for button in said()[0]["buttons"]]
    set_consent(
        ben.engine, "C-DEMO-2", Purpose.PERSONALISED, ben.now, given=False, source="x"
    )
    assert said() == []


def exchange(who: Customer, words: Any, reason: str = "size") -> None:
    who.slots = {
        "case_kind": "exchange",
        "line": who.line(words["shoes"]).line_id,
        "reason": reason,
        "requested_slot": "target",
    }


def test_the_next_size_comes_first_and_says_why(
    anna: Customer, words: Any, say: Any
) -> None:
    exchange(anna, words)
    answer = anna.hear(AskTarget(), anna.turn(words["shoes_too_small"]))
    assert answer.messages[0]["buttons"][0]["title"] == words["shoes_39"]
    why = say["fits_size_larger"].format(variant=words["shoes_39"])
    assert answer.text == why + say["ask_target"]


def test_a_broken_ranking_still_shows_what_is_there(
    anna: Customer, words: Any, say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ValueError

    monkeypatch.setattr(target, "replacements", broken)
    exchange(anna, words)
    answer = anna.hear(AskTarget(), anna.turn(words["shoes_too_small"]))
    assert answer.text == say["ask_target"]
    assert len(answer.payloads) == 4


def sold_out(who: Customer, *variants: str) -> None:
    with write(who.engine) as session:
        chosen = ProductRow.spu == "P-RUN"
        if variants:
            chosen = chosen & ProductRow.variant.in_(variants)
        session.execute(update(ProductRow).where(chosen).values(stock=0))


def test_a_wanted_variant_that_is_gone_is_said_so(
    anna: Customer, words: Any, say: Any
) -> None:
    exchange(anna, words)
    sold_out(anna, words["shoes_39"])
    answer = anna.hear(ValidateCaseForm(), anna.turn(words["shoes_39"]))
    assert answer.text == say["target_gone"].format(variant=words["shoes_39"])
    assert answer.slots["requested_slot"] == "target"


def test_with_nothing_left_other_goods_and_the_money_are_offered(
    anna: Customer, words: Any, say: Any
) -> None:
    exchange(anna, words)
    sold_out(anna)
    answer = anna.hear(AskTarget(), anna.turn(""))
    assert answer.text.startswith(say["no_target"])
    assert words["boots"] in answer.text
    assert any(p.startswith("/request_refund") for p in answer.payloads)


def test_what_to_send_instead_is_taken_from_the_first_message(
    anna: Customer, words: Any
) -> None:
    turn = anna.turn(words["exchange_shoes_39"], "request_exchange")
    answer = anna.hear(BeginCase(), turn)
    assert (answer.slots["target"], answer.slots["reason"]) == ("P-RUN-2", "size")


def test_which_way_a_size_is_wrong(words: Any) -> None:
    assert direction(words["shoes_too_small"]) == "larger"
    assert direction(words["glue"]) is None
