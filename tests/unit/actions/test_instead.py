"""An exchange is offered once before a refund, to the treated, calm and willing."""

from __future__ import annotations

from typing import Any

import pytest

from actions import recommend
from actions.case import SubmitCase
from actions.form import ValidateCaseForm
from actions.preview import AskConfirmed
from aftercare.domain.cases import CaseKind
from aftercare.services.cases import own_cases
from aftercare.services.consents import Purpose, set_consent
from aftercare.services.returns import exchange
from tests.unit.actions.conftest import Answer, Customer


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries load on first use; how fast is not what is tested here."""
    monkeypatch.setattr(recommend, "LIMIT_S", 60.0)


@pytest.fixture
def treated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "arm_of", lambda _: exchange.OFFERED)


def asked(who: Customer, words: Any, text: str = "", intent: str = "inform") -> Answer:
    """Come to the last question of a refund of the shoes, for their size."""
    who.slots |= {
        "line": who.line(words["shoes"]).line_id,
        "case_kind": "refund",
        "reason": "size",
    }
    return who.hear(AskConfirmed(), who.turn(text, intent))


def offers(answer: Answer) -> list[str]:
    return [x for x in answer.payloads if '"target"' in x]


@pytest.mark.usefixtures("treated")
def test_the_offer_is_beside_the_refund_and_leads_to_an_exchange(
    anna: Customer, words: Any
) -> None:
    answer = asked(anna, words, words["shoes_too_small"])
    (payload,) = offers(answer)
    # The refund is still the first button, and as near as without an offer.
    assert answer.slots["nonce"] in answer.payloads[0]
    assert words["larger_because"] in answer.text
    sku = payload.split('"target":"')[1].rstrip('"}')
    anna.slots["requested_slot"] = "confirmed"
    given = {"case_kind": "exchange", "target": sku}
    read = anna.hear(ValidateCaseForm(), anna.turn(payload, given=given))
    assert read.slots["requested_slot"] == "confirmed"
    nonce = anna.hear(AskConfirmed(), anna.turn("")).slots["nonce"]
    anna.slots |= {"confirmed": nonce, "outcome": None}
    anna.hear(SubmitCase(), anna.turn("", "affirm"))
    (case,) = own_cases(anna.engine, anna.viewer)
    assert case.kind is CaseKind.EXCHANGE and not case.refunded_fen
    found = exchange.measured(anna.engine)
    assert (found["shown"], found["accepted"]) == (1, 1)


@pytest.mark.usefixtures("treated")
def test_refused_once_it_is_not_offered_again(anna: Customer, words: Any) -> None:
    assert offers(asked(anna, words))
    again = asked(anna, words)
    assert not offers(again)
    anna.slots |= {"confirmed": again.slots["nonce"], "outcome": None}
    anna.hear(SubmitCase(), anna.turn("", "affirm"))
    (case,) = own_cases(anna.engine, anna.viewer)
    assert case.kind is CaseKind.RETURN_REFUND
    found = exchange.measured(anna.engine)
    assert (found["shown"], found["accepted"]) == (1, 0)


def waiting(who: Customer, words: Any) -> Answer:
    """Be shown the refund of the shoes for confirmation."""
    answer = asked(who, words)
    who.slots |= {"requested_slot": "confirmed"}
    return answer


@pytest.mark.parametrize("arm", [exchange.OFFERED, exchange.HELD])
def test_who_asks_for_a_size_is_answered_beside_the_refund(
    anna: Customer, words: Any, say: Any, monkeypatch: pytest.MonkeyPatch, arm: str
) -> None:
    monkeypatch.setattr(exchange, "arm_of", lambda _: arm)
    before = waiting(anna, words).slots["nonce"]
    turn = anna.turn(words["larger_asked"], "ask_stock")
    # Whatever was understood, the form keeps the question and asks its own again.
    assert anna.hear(ValidateCaseForm(), turn).slots["requested_slot"] == "confirmed"
    answer = anna.hear(AskConfirmed(), turn)
    (payload,) = offers(answer)
    assert words["shoes_39"] in answer.text and '"exchange"' in payload
    assert answer.slots["nonce"] in answer.payloads[0] and before
    # Asked of something else, the question comes again without it.
    turn = anna.turn(words["freight_asked"], "ask_return_shipping")
    assert not offers(anna.hear(AskConfirmed(), turn))


def test_a_size_that_is_not_there_is_said_so(
    anna: Customer, words: Any, say: Any
) -> None:
    waiting(anna, words)
    turn = anna.turn(words["smaller_asked"], "ask_stock")
    answer = anna.hear(AskConfirmed(), turn)
    assert say["size_gone_smaller"] in answer.text and not offers(answer)


def test_the_size_is_taken_by_words_too(anna: Customer, words: Any) -> None:
    waiting(anna, words)
    turn = anna.turn(words["larger_taken"], "request_exchange")
    found = anna.hear(ValidateCaseForm(), turn).slots
    assert (found["case_kind"], found["requested_slot"]) == ("exchange", "confirmed")
    answer = anna.hear(AskConfirmed(), turn)
    assert words["shoes_39"] in answer.text
    assert own_cases(anna.engine, anna.viewer) == []


def test_the_control_group_goes_straight_on(
    anna: Customer, words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "arm_of", lambda _: exchange.HELD)
    assert not offers(asked(anna, words))
    found = exchange.measured(anna.engine)
    assert (found["waiting"], found["shown"]) == (1, 0)


@pytest.mark.usefixtures("treated")
def test_neither_the_angry_nor_who_opted_out_is_offered_or_drawn(
    anna: Customer, words: Any
) -> None:
    assert not offers(asked(anna, words, words["angry"], "complain"))
    anna.slots["mood"] = None
    set_consent(
        anna.engine,
        "C-DEMO-1",
        Purpose.PERSONALISED,
        anna.now,
        given=False,
        source="chat",
    )
    assert not offers(asked(anna, words))
    assert exchange.measured(anna.engine)["waiting"] == 0
