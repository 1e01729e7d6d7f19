"""What a bare yes would press."""

from __future__ import annotations

from typing import Any

import pytest

from actions.offer import offered
from actions.texts import texts

SAY = texts()["say"]
PERSON = {"payload": "/request_human"}
REFUND = {"payload": "/request_refund"}
REPAIR = {"payload": "/request_repair"}


def said(text: str, *buttons: Any) -> list[dict[str, Any]]:
    return [{"text": text, "buttons": list(buttons)}]


def test_a_question_about_a_person_offers_one() -> None:
    assert offered(said(SAY["hurry"], PERSON)) == "/request_human"
    assert offered(said(SAY["track_stalled"], REFUND, PERSON)) == "/request_human"


def test_a_question_with_one_button_offers_it() -> None:
    text = SAY["offer_later"].format(text="x")
    assert offered(said(text, REFUND)) == "/request_refund"
    assert offered(said(text, REFUND, PERSON)) == "/request_refund"


@pytest.mark.parametrize(
    "message",
    [
        said(SAY["what_with_it"], REFUND, REPAIR),
        said(SAY["what_with_it"], REFUND, REPAIR, PERSON),
        said(SAY["handover"], PERSON),
        said(SAY["ask_reason"].format(title="x", kind="y")),
        [{"response": "utter_ask_price", "text": None, "buttons": []}],
        [],
    ],
)
def test_everything_else_offers_nothing(message: Any) -> None:
    assert offered(message) is None


def test_a_response_of_the_domain_may_offer_a_person() -> None:
    assert offered([{"response": "utter_modify_order"}]) == "/request_human"
