"""Where money and cases stand, from committed rows alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from actions import expect
from actions.case import SubmitCase
from actions.preview import AskConfirmed
from actions.progress import CaseProgress, RefundProgress
from aftercare.services import cases
from aftercare.services.expected import past_repairs
from aftercare.store.unit_of_work import read
from analytics.waiting.repair import DaysForecast
from tests.unit.actions.conftest import Customer


def opened(who: Customer, word: str, kind: str, reason: str) -> str:
    who.slots = {
        "line": who.line(word).line_id,
        "case_kind": kind,
        "reason": reason,
        "detail": "x",
    }
    nonce = who.hear(AskConfirmed(), who.turn("")).slots["nonce"]
    who.slots |= {"confirmed": nonce}
    who.hear(SubmitCase(), who.turn("", "affirm"))
    return cases.own_cases(who.engine, who.viewer)[0].case_no


def test_paid_back_and_waiting_money_are_told_apart(
    anna: Customer, words: Any, say: Any
) -> None:
    none = anna.hear(RefundProgress(), anna.turn("", "ask_refund_progress"))
    assert none.text == say["refund_none"]
    opened(anna, words["pot"], "refund", "dislike")
    opened(anna, words["shoes"], "refund", "size")
    text = anna.hear(RefundProgress(), anna.turn("", "ask_refund_progress")).text
    assert say["refund_paid"].format(amount="299.00") in text
    assert say["refund_wait"].format(amount="399.00") in text


def test_somebody_elses_number_tells_nothing(
    anna: Customer, words: Any, say: Any
) -> None:
    opened(anna, words["pot"], "refund", "dislike")
    number = words["foreign_number"]
    for action in (CaseProgress(), RefundProgress()):
        answer = anna.hear(action, anna.turn(number, numbers=(number,)))
        assert answer.text == say["number_unknown"]


def test_a_waybill_goes_to_the_case_that_waits_for_goods(
    anna: Customer, words: Any, say: Any
) -> None:
    case_no = opened(anna, words["shoes"], "refund", "size")
    turn = anna.turn(words["waybill"], "ask_case_progress", waybill=words["waybill"])
    answer = anna.hear(CaseProgress(), turn)
    told = say["return_noted"].format(case_no=case_no, waybill=words["waybill"])
    assert answer.text == told


def test_hurry_means_the_parcel_while_the_talk_is_about_one(
    ben: Customer, words: Any, say: Any
) -> None:
    ben.slots = {"topic": "action_track_parcel"}
    answer = ben.hear(CaseProgress(), ben.turn(words["hurry"], "ask_case_progress"))
    assert answer.text == say["hurry"]
    assert answer.slots["offer"] == "/request_human"


def test_days_of_a_repair_are_said_only_where_repairs_say_them(
    ben: Customer, words: Any, say: Any, monkeypatch: Any
) -> None:
    ben.slots = {
        "requested_slot": "confirmed",
        "case_kind": "repair",
        "line": ben.line("Note").line_id,
    }
    turn = ben.turn(words["how_long_repair"], "ask_case_progress")
    assert ben.hear(CaseProgress(), turn).text == say["repair_unknown"]
    known = DaysForecast(6, 4, 11, 9, (), 120)
    monkeypatch.setattr(expect, "repair_days", lambda *_: known)
    told = say["repair_expected"].format(low=4, high=9)
    assert ben.hear(CaseProgress(), turn).text == told

    def broken(*_: Any) -> Any:
        raise OSError

    monkeypatch.setattr(expect, "repair_days", broken)
    assert ben.hear(CaseProgress(), turn).text == say["repair_unknown"]


def test_past_repairs_are_read_with_the_days_they_took(
    ben: Customer, words: Any
) -> None:
    case_no = opened(ben, "Note", "repair", "defect")
    later = ben.now + timedelta(days=5)
    with read(ben.engine) as session:
        (running,) = past_repairs(session, later)
    assert (running.job.fault, running.days, running.done) == ("phone", 5, False)
    cases.cancel(ben.engine, ben.viewer, case_no, later)
    with read(ben.engine) as session:
        assert past_repairs(session, later) == []
