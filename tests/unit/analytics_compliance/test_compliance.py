"""Faults are found with their rule and sentence; what only looks like one is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from analytics.compliance import CaseFact, Facts, Said, audit, audit_cases, audit_talk
from benchmarks.compliance import BEGIN, measure, ours, talks

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def test_the_labelled_talks_hold_their_figures() -> None:
    every = talks()
    assert len(every) >= 200
    _, precision, recall, _ = measure(ours, every)
    assert precision >= 0.95
    assert recall >= 0.95


def test_a_finding_cites_rule_and_sentence() -> None:
    talk = next(t for t in talks() if t.label == "forbidden_words")
    text = "N.B.; " + talk.said[1].text
    said = (Said(7, "agent", text, BEGIN),)
    (found,) = audit_talk(said, Facts(), BEGIN)
    assert found.basis
    assert found.version
    assert found.seq == 7
    assert text[found.start : found.end] == found.sentence
    assert found.sentence in talk.said[1].text


def test_a_customer_may_say_anything() -> None:
    for talk in talks():
        if talk.label in ("rude", "forbidden_words"):
            said = (Said(1, "customer", talk.said[1].text, BEGIN),)
            names = {f.rule for f in audit_talk(said, Facts(), BEGIN)}
            assert not names & {"rude", "forbidden_words"}


def test_a_row_makes_a_promise_true_only_once_it_stands() -> None:
    talk = next(t for t in talks() if t.label.startswith("promise"))
    at = talk.said[1].at
    before = Facts(rows=(("refund", at),))
    after = Facts(rows=(("refund", at + timedelta(minutes=1)),))
    assert audit_talk(talk.said, before, at) == []
    assert [f.rule for f in audit_talk(talk.said, after, at)] == ["promise_without_row"]


def test_nobody_answers_for_three_minutes() -> None:
    said = [Said(1, "customer", "?", NOW), Said(2, "customer", "??", NOW)]
    assert audit_talk(said, Facts(), NOW + timedelta(seconds=180)) == []
    late = audit_talk(said, Facts(), NOW + timedelta(seconds=181))
    assert [(f.rule, f.seq) for f in late] == [("late_reply", 1)]


def test_a_person_who_comes_in_time_is_no_longer_owed() -> None:
    talk = next(t for t in talks() if t.label == "handover_owed")
    late = BEGIN + timedelta(minutes=10)
    assert [f.rule for f in audit_talk(talk.said, Facts(), late)] == [
        "handover_owed.asked"
    ]
    came = Facts(handed_over=(BEGIN + timedelta(seconds=60),))
    assert audit_talk(talk.said, came, late) == []
    assert audit_talk(talk.said, Facts(), BEGIN + timedelta(seconds=90)) == []


@pytest.mark.parametrize(
    ("days", "done", "rules"),
    [
        (3, False, []),
        (1, False, ["deadline_near"]),
        (-0.1, False, ["deadline_passed"]),
        (-3, True, []),
    ],
)
def test_a_deadline_warns_before_it_passes(
    days: float, done: bool, rules: list[str]
) -> None:
    case = CaseFact("A1", "return_refund", NOW + timedelta(days=days), done)
    found = audit_cases(Facts(cases=(case,)), NOW)
    assert [f.rule for f in found] == rules
    assert audit([], Facts(cases=(case,)), NOW) == found
