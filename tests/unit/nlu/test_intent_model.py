"""The two-stage model: it learns, says why, keeps its word after loading."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rasa_nlu.explain import explanation
from rasa_nlu.model import IntentModel, longest

TEXTS = ["refund me", "my refund", "refund now", "track it", "track parcel", "tracks"]
LABELS = ["refund"] * 3 + ["track"] * 3


class Counting:
    """An embedder that knows one thing: whether "money" or "refund" is meant."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        about = [
            [1.0, 0.0] if ("mon" in t or "ref" in t) else [0.0, 1.0] for t in texts
        ]
        return np.array(about, dtype=np.float32)


@pytest.fixture
def embed() -> Counting:
    return Counting()


@pytest.fixture
def model(embed: Counting) -> IntentModel:
    return IntentModel(embed, gate=0.75).fit(TEXTS, LABELS)


def test_a_sure_text_does_not_ask_the_embedding(
    model: IntentModel, embed: Counting
) -> None:
    embed.asked.clear()
    found = model.opinion("refund me")
    assert (found.ranking[0][0], found.deep, embed.asked) == ("refund", False, [])


def test_an_unsure_text_is_decided_by_meaning(model: IntentModel) -> None:
    found = model.opinion("mon")
    assert found.deep
    assert found.ranking[0][0] == "refund"
    assert found.meaning > 0


def test_a_payload_never_asks_the_embedding(
    model: IntentModel, embed: Counting
) -> None:
    embed.asked.clear()
    assert not model.opinion("zzz", may_embed=False).deep
    assert embed.asked == []


def test_probabilities_sum_to_one_and_agree(model: IntentModel) -> None:
    texts = ["refund", "mon", "track"]
    many = model.predict_proba(texts)
    assert np.allclose(many.sum(axis=1), 1, atol=1e-5)
    for row, text in zip(many, texts, strict=True):
        one = dict(model.opinion(text).ranking)
        assert np.allclose(row, [one[name] for name in model.classes], atol=1e-5)


def test_the_words_that_pulled_are_named(model: IntentModel) -> None:
    told = explanation("track me", model.opinion("track me"))
    weights = {item["text"]: item["weight"] for item in told["words"]}
    assert max(weights, key=lambda word: weights[word]) == "track"


def test_pulls_add_up_to_the_score(model: IntentModel) -> None:
    row = model._ngrams(["refund me"])
    scores = (row @ model.fast.weights)[0]
    found = model.opinion("refund me")
    assert sum(found.pulls) == pytest.approx(float(scores[0] - scores.mean()), abs=1e-4)


def test_loading_gives_the_same_answers(model: IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    again = IntentModel(Counting(), gate=0.75).load(tmp_path)
    texts = ["refund me", "mon", "parcel"]
    assert np.allclose(again.predict_proba(texts), model.predict_proba(texts))


def test_without_an_embedder_the_fast_opinion_stands() -> None:
    found = IntentModel(None).fit(TEXTS, LABELS).opinion("my refund")
    assert (found.ranking[0][0], found.deep) == ("refund", False)


def test_the_same_data_give_the_same_weights() -> None:
    first, second = (IntentModel(Counting()).fit(TEXTS, LABELS) for _ in range(2))
    assert np.array_equal(first.fast.weights, second.fast.weights)


def test_the_longest_are_chosen_and_no_label_is_lost() -> None:
    texts = ["aaaa", "aaa", "aa", "b", "aaaaa"]
    labels = ["a", "a", "a", "b", "a"]
    assert longest(texts, labels, 3, least=1) == [0, 3, 4]
    assert longest(texts, labels, 100) == [0, 1, 2, 3, 4]


def test_a_long_number_counts_as_one_sign(model: IntentModel) -> None:
    one = model.opinion("track 8800000000010001")
    other = model.opinion("track 7700000000020002")
    assert one.ranking == other.ranking
    assert len(one.pulls) == len("track 8800000000010001")
