"""Messages a person must see at once are found by their words, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from rasa_nlu.guarded import guarded, intents

SOURCE = Path(__file__).with_name("guarded.yml")
CASES: dict[str, list[str]] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
GUARDED = [(i, text) for i in ("report_danger", "report_privacy") for text in CASES[i]]


@pytest.mark.parametrize(("intent", "text"), GUARDED)
def test_what_must_reach_a_person_does(intent: str, text: str) -> None:
    found = guarded(text)
    assert found is not None and found.intent == intent
    assert text[found.start :].startswith(found.words)


@pytest.mark.parametrize("text", CASES["harmless"])
def test_a_question_or_a_figure_of_speech_does_not(text: str) -> None:
    assert guarded(text) is None


def test_only_these_intents_are_guarded() -> None:
    assert intents() == {"report_danger", "report_privacy"}
