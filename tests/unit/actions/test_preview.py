"""The last question repeats everything, and its button is a one-time one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from actions.case import SubmitCase
from actions.preview import AskConfirmed
from actions.texts import texts
from aftercare.services.cases import own_cases
from aftercare.store.cases import ConfirmationRow
from aftercare.store.unit_of_work import read
from tests.unit.actions.conftest import Customer


def wish(who: Customer, word: str, **more: Any) -> None:
    who.slots = {"line": who.line(word).line_id, **more}


def test_everything_is_repeated_and_kept_under_the_nonce(
    anna: Customer, words: Any
) -> None:
    wish(anna, words["pot"], case_kind="refund", reason="dislike")
    answer = anna.hear(AskConfirmed(), anna.turn(""))
    for fact in ("299.00", "8800000000010005", words["pot"]):
        assert fact in answer.text
    with read(anna.engine) as session:
        kept = session.scalars(select(ConfirmationRow.nonce)).all()
    assert kept == [answer.slots["nonce"]]
    assert any(kept[0] in payload for payload in answer.payloads)


def test_a_fault_may_keep_the_goods_and_a_reship_sends_nothing_back(
    anna: Customer, ben: Customer, words: Any
) -> None:
    told = {"reason": "defect", "detail": words["rotten"]}
    wish(anna, words["cherry"], case_kind="refund", **told)
    answer = anna.hear(AskConfirmed(), anna.turn(""))
    assert '/inform{"case_kind":"refund_only"}' in answer.payloads
    wish(ben, words["fan"], case_kind="reship", reason="missing", detail="x")
    answer = ben.hear(AskConfirmed(), ben.turn(""))
    assert texts()["labels"]["freight"]["seller"] not in answer.text


def test_what_the_rules_refuse_is_refused_with_what_they_grant(
    anna: Customer, words: Any
) -> None:
    wish(anna, words["dress"], case_kind="refund", reason="dislike")
    answer = anna.hear(AskConfirmed(), anna.turn(""))
    assert answer.slots["outcome"] == "refused"
    assert "nonce" not in answer.slots
    assert any(p.startswith("/request_exchange") for p in answer.payloads)


def test_nobody_previews_a_thing_of_somebody_else(
    anna: Customer, ben: Customer, words: Any, say: Any
) -> None:
    anna.slots = {
        "line": ben.line(words["fridge"]).line_id,
        "case_kind": "refund",
        "reason": "defect",
    }
    assert anna.hear(AskConfirmed(), anna.turn("")).text == say["not_found"]


def test_the_button_opens_one_case_and_a_repeat_says_the_same(
    anna: Customer, words: Any
) -> None:
    wish(anna, words["pot"], case_kind="refund", reason="dislike")
    nonce = anna.hear(AskConfirmed(), anna.turn("")).slots["nonce"]
    said = []
    for _ in range(2):
        anna.slots |= {"confirmed": nonce, "outcome": None}
        said.append(anna.hear(SubmitCase(), anna.turn("", "affirm")).text)
    (case,) = own_cases(anna.engine, anna.viewer)
    assert case.case_no in said[0] and said[0] == said[1]
    assert case.refunded_fen == 29900


def test_the_day_of_arrival_skips_a_weekend(anna: Customer, words: Any) -> None:
    wish(anna, words["pot"], case_kind="refund", reason="dislike")
    nonce = anna.hear(AskConfirmed(), anna.turn("")).slots["nonce"]
    anna.slots |= {"confirmed": nonce}
    # A Tuesday: three working days later is the Friday.
    text = anna.hear(SubmitCase(), anna.turn("", "affirm")).text
    assert "27" in text.split("299.00")[1]
