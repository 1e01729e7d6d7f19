"""A confirmation that meets a running case tells the truth: nothing was written."""

from __future__ import annotations

from typing import Any

import pytest

from actions.case import SubmitCase
from actions.preview import AskConfirmed
from actions.texts import texts
from aftercare.services.cases import own_cases, running_on
from tests.unit.actions.conftest import Answer, Customer


def exchange(who: Customer, words: Any, sku: str) -> None:
    line = who.line(words["shoes"]).line_id
    who.slots |= {"line": line, "case_kind": "exchange", "reason": "size"}
    who.slots |= {"target": sku, "detail": None, "nonce": None, "outcome": None}


def confirm(who: Customer) -> tuple[Answer, Answer]:
    shown = who.hear(AskConfirmed(), who.turn(""))
    who.slots |= {"confirmed": shown.slots["nonce"], "outcome": None}
    return shown, who.hear(SubmitCase(), who.turn("", "affirm"))


def test_another_exchange_of_the_same_shoes_is_not_told_as_done(
    anna: Customer, words: Any, say: Any
) -> None:
    exchange(anna, words, "P-RUN-2")
    shown, done = confirm(anna)
    (case,) = own_cases(anna.engine, anna.viewer)
    assert case.case_no in done.text and case.case_no not in shown.text
    exchange(anna, words, "P-RUN-3")
    shown, again = confirm(anna)
    # Warned before, and told the truth after.
    assert case.case_no in shown.text
    assert again.text != done.text
    kind = texts()["labels"]["case_kind"]["exchange"]
    head = say["ran_before"].split("{case_no}")[0].format(title=case.title, kind=kind)
    assert again.text.startswith(head)
    assert [x.case_no for x in own_cases(anna.engine, anna.viewer)] == [case.case_no]
    assert f'{{"case_no":"{case.case_no}"}}' in again.payloads[0]


def test_the_same_button_twice_says_the_same(anna: Customer, words: Any) -> None:
    exchange(anna, words, "P-RUN-2")
    shown, done = confirm(anna)
    anna.slots |= {"confirmed": shown.slots["nonce"], "outcome": None}
    assert anna.hear(SubmitCase(), anna.turn("", "affirm")).text == done.text


@pytest.mark.parametrize("wish", ["exchange", "refund", "refund_only"])
def test_what_a_wish_would_meet(anna: Customer, words: Any, wish: str) -> None:
    line = anna.line(words["shoes"]).line_id
    assert running_on(anna.engine, anna.viewer, line, wish) is None
    exchange(anna, words, "P-RUN-2")
    confirm(anna)
    (case,) = own_cases(anna.engine, anna.viewer)
    met = running_on(anna.engine, anna.viewer, line, wish)
    assert met is not None and met.case_no == case.case_no
    assert running_on(anna.engine, anna.viewer, line, "complaint") is None
