"""A customer's mood softens an answer, once, and never breaks one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from rasa_sdk.executor import CollectingDispatcher

from actions import mood as moods
from actions.mood import listen
from actions.speech import Speaker
from actions.texts import texts
from actions.turn import Turn
from aftercare.services.access import Viewer

SOURCE = Path(__file__).with_name("moods.yml")
SAID: dict[str, list[str]] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))


def turn(text: str, seq: int = 1, kept: Any = None) -> Turn:
    return Turn(
        viewer=Viewer("talk", "anna"),
        text=text,
        intent="complain",
        ranking=(),
        given={},
        numbers=(),
        slots={"mood": kept},
        requested=None,
        fresh=True,
        now=datetime(2026, 11, 24, tzinfo=UTC),
        seq=seq,
    )


def answer(mood: moods.Mood) -> list[dict[str, Any]]:
    said = CollectingDispatcher()
    speaker = Speaker(said, mood)
    speaker.tell("first")
    speaker.tell("second")
    return said.messages


@pytest.mark.parametrize("text", SAID["angry"])
def test_anger_is_answered_with_one_apology(text: str) -> None:
    first, second = answer(listen(turn(text)))
    assert first["text"] == texts()["say"]["sorry"] + "first"
    assert second["text"] == "second"


@pytest.mark.parametrize("text", SAID["calm"])
def test_a_calm_message_gets_no_apology(text: str) -> None:
    assert [item["text"] for item in answer(listen(turn(text)))] == ["first", "second"]


def test_anger_that_stays_is_offered_a_person_and_no_second_apology() -> None:
    mood = listen(turn(SAID["angry"][0], 1))
    answer(mood)
    again = listen(turn(SAID["angry"][2], 2, mood.as_slot()))
    first, second = answer(again)
    assert first["text"] == "first"
    assert [b["payload"] for b in first["buttons"]] == ["/request_human"]
    assert second["buttons"] == []


def test_one_message_counts_once_in_all_actions_of_its_turn() -> None:
    first = listen(turn(SAID["angry"][0], 1))
    second = listen(turn(SAID["angry"][0], 1, first.as_slot()))
    assert len(second.heard) == 1


def test_a_button_says_nothing_about_a_mood() -> None:
    assert listen(turn("/deny", 1)).heard == []


def test_a_broken_model_never_breaks_the_talk(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise MemoryError

    monkeypatch.setattr(moods, "load_default", broken)
    found = listen(replace(turn(SAID["angry"][0])))
    assert not found.upset and not found.sorry


@pytest.mark.parametrize("broken", ["no model", "does not answer", "no database"])
def test_a_broken_model_of_the_shop_gives_way_to_the_packaged_one(
    monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    class Silent(moods.SentimentModel):  # type: ignore[misc]
        def predict(self, text: str) -> Any:
            raise RuntimeError

    def found(*_: Any) -> Any:
        if broken == "no database":
            raise OSError
        return Silent() if broken == "does not answer" else None

    monkeypatch.setattr(moods, "current", found)
    assert listen(turn(SAID["angry"][0])).upset


class Rated:
    """As much of a polarity model as is asked: one chance of good for all texts."""

    def __init__(self, good: float) -> None:
        self.good = good

    def predict_proba(self, texts: Any) -> Any:
        if self.good < 0:
            raise RuntimeError
        return np.array([[1 - self.good, self.good]] * len(texts))


def served(monkeypatch: pytest.MonkeyPatch, good: float) -> None:
    def current(_: Any, name: str, __: Any) -> Any:
        return Rated(good) if name == "polarity" else None

    monkeypatch.setattr(moods, "current", current)


def test_rated_talks_overrule_words_that_sound_angry(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served(monkeypatch, 0.95)
    assert not listen(turn(SAID["angry"][0])).upset
    served(monkeypatch, 0.8)
    assert listen(turn(SAID["angry"][0])).upset


def test_a_bad_message_without_a_named_feeling_counts_for_the_talk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served(monkeypatch, 0.02)
    heard = listen(turn(SAID["calm"][0])).heard[-1]
    assert (heard["emotion"], heard["polarity"]) == ("neutral", "negative")


def test_a_polarity_that_fails_leaves_the_mood_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served(monkeypatch, -1.0)
    assert listen(turn(SAID["angry"][0])).upset


def test_a_number_alone_tells_of_no_feeling() -> None:
    assert listen(turn("SF1234567890123")).heard == []
