"""The mood beside a message: kind, strength, the words; never in the way."""

from __future__ import annotations

import pytest
import yaml

from aftercare.services.console import moods
from aftercare.settings import ROOT
from analytics import sentiment

SAID = yaml.safe_load(
    (ROOT / "tests/unit/analytics_sentiment/cases.yml").read_text("utf-8")
)


def test_a_mood_has_kind_strength_and_words() -> None:
    text = SAID["anger"][0]
    found = moods.mood_of(text)
    assert found is not None and found["kind"] == "anger"
    assert found["polarity"] == "negative" and 0 < found["strength"] <= 1
    assert found["words"]


@pytest.mark.parametrize("text", ["", "/deny"])
def test_buttons_have_none(text: str) -> None:
    assert moods.mood_of(text) is None


def test_a_broken_model_leaves_the_page_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise MemoryError

    monkeypatch.setattr(sentiment, "load_default", broken)
    moods._heard.cache_clear()
    assert moods.mood_of(SAID["anger"][0]) is None
