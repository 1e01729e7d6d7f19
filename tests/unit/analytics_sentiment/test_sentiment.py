"""The mood of a message, on sentences the model has not seen."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from analytics.sentiment import Sentiment, load_default, trace
from analytics.sentiment.model import normalise, packaged_messages

TABLE = yaml.safe_load(Path(__file__).with_name("cases.yml").read_text("utf-8"))
CASES = [(name, text) for name, texts in TABLE.items() for text in texts]
ANGRY = Sentiment("negative", 0.9, "anger", 0.9, ())


@pytest.mark.parametrize(("name", "text"), CASES)
def test_emotion_and_its_words(name: str, text: str) -> None:
    mood = load_default().predict(text)
    assert mood.emotion == name
    assert 0 <= mood.strength <= 1 and 0 < mood.probability <= 1
    assert mood.words and all(word in normalise(text) for word in mood.words)


def test_cases_are_not_training_sentences() -> None:
    assert not {text for _, text in CASES} & set(packaged_messages()[0])


def test_probabilities_sum_to_one_and_agree_with_predict() -> None:
    model = load_default()
    shares = model.predict_proba([text for _, text in CASES])
    assert np.allclose(shares.sum(axis=1), 1)
    best = model.classes_[shares.argmax(axis=1)].tolist()
    assert best == [model.predict(text).emotion for _, text in CASES]


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "§§"])
def test_nothing_said_is_neutral(text: str) -> None:
    assert load_default().predict(text).emotion == "neutral"


def test_second_anger_offers_a_human_and_thanks_withdraw_it() -> None:
    thanks = replace(ANGRY, polarity="positive", emotion="thanks")
    assert not trace([]).offer_human
    assert not trace([ANGRY]).offer_human
    assert trace([ANGRY, ANGRY]).offer_human
    calm = trace([ANGRY, ANGRY, thanks])
    assert not calm.offer_human and calm.trend == "rising"
