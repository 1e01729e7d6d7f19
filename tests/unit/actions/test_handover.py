"""A person is called, with the reason, once, and with an honest wait."""

from __future__ import annotations

from typing import Any

import pytest

from actions import handover
from actions.handover import Danger, Handover, Privacy
from actions.texts import texts
from aftercare.services.transfer import Trigger, transfer
from aftercare.store.desk import HandoverRow
from aftercare.store.unit_of_work import read
from tests.unit.actions.conftest import Customer


def trigger_of(who: Customer) -> str | None:
    with read(who.engine) as session:
        row = session.get(HandoverRow, who.viewer.conversation_id)
        return row.trigger if row else None


def test_asked_for_it_is_done_and_the_wish_forgotten(anna: Customer, say: Any) -> None:
    anna.slots = {"case_kind": "refund", "later": [{"text": "x"}]}
    answer = anna.hear(Handover(), anna.turn("", "request_human"))
    assert answer.text == say["handover"] + say["wait_offline"]
    assert anna.slots["case_kind"] is None and anna.slots["later"] is None
    assert trigger_of(anna) == Trigger.ASKED


def test_a_second_call_says_that_the_place_is_kept(anna: Customer, say: Any) -> None:
    anna.hear(Handover(), anna.turn("", "request_human"))
    answer = anna.hear(Handover(), anna.turn("", "request_human"))
    assert answer.text.startswith(say["handover_again"])


def test_who_refuses_the_bot_is_noted_so(anna: Customer, words: Any) -> None:
    anna.hear(Handover(), anna.turn(words["rude"], "request_human"))
    assert trigger_of(anna) == Trigger.REFUSED_BOT


@pytest.mark.parametrize("kind", ["life", "hurt"])
def test_danger_first_says_what_to_do(anna: Customer, kind: str, say: Any) -> None:
    word = texts()["words"]["dangers"][kind][0]
    answer = anna.hear(Danger(), anna.turn(word, "report_danger"))
    assert answer.text.startswith(say[f"danger_{kind}"])
    assert trigger_of(anna) == Trigger.SAFETY


def test_danger_makes_a_waiting_talk_urgent(anna: Customer, say: Any) -> None:
    transfer(anna.engine, anna.viewer.conversation_id, Trigger.ASKED, anna.now)
    answer = anna.hear(Danger(), anna.turn("", "report_danger"))
    assert answer.text.startswith(say["danger_goods"])
    with read(anna.engine) as session:
        row = session.get_one(HandoverRow, anna.viewer.conversation_id)
        assert (row.priority, row.trigger) == (2, Trigger.SAFETY)


def test_personal_data_goes_to_a_person(anna: Customer, say: Any) -> None:
    answer = anna.hear(Privacy(), anna.turn("", "report_privacy"))
    assert answer.text.startswith(say["privacy"])
    assert trigger_of(anna) == Trigger.PERSONAL_DATA


def test_a_forecast_that_fails_does_not_stop_the_call(
    anna: Customer, say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise OSError

    monkeypatch.setattr(handover, "queue_wait", broken)
    answer = anna.hear(Handover(), anna.turn("", "request_human"))
    assert answer.text == say["handover"] + say["wait_unknown"]
    assert trigger_of(anna) == Trigger.ASKED
