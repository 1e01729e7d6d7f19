"""Words used alike are found, kept, suggested for known synonyms, and never joined."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from sqlalchemy import Engine

from aftercare.services.training import run, serving, words
from aftercare.services.training.registry import find
from aftercare.services.trainset import words as suggest
from analytics.topics import WordVectors

MONEY, PARCEL = ["refund", "repay", "cashback"], ["parcel", "package", "box"]


def texts(count: int) -> list[list[str]]:
    """Sentences in which each three words stand in the same places."""
    rng = np.random.default_rng(2)
    made = []
    for _ in range(count):
        if rng.random() < 0.5:
            made.append(["when", "comes", "my", str(rng.choice(MONEY)), "to", "card"])
        else:
            made.append(["where", "is", "the", str(rng.choice(PARCEL)), "at", "door"])
    return made


@pytest.fixture(scope="module")
def fitted() -> WordVectors:
    return WordVectors(size=24).fit(texts(1_500))


def test_words_of_like_places_are_near(fitted: WordVectors) -> None:
    near = [found.word for found in fitted.similar("refund", 2)]
    assert set(near) == {"repay", "cashback"}
    assert fitted.similar("unheard") == []
    assert [w.word for w in fitted.suggest(["parcel", "package"], 1)] == ["box"]
    assert fitted.recall([MONEY, PARCEL], 2) == 1.0
    assert np.isnan(fitted.recall([["refund", "unheard"]]))


def test_the_same_texts_give_the_same_vectors(fitted: WordVectors) -> None:
    again = WordVectors(size=24).fit(texts(1_500))
    assert again.words_ == fitted.words_
    assert np.array_equal(again.vectors_, fitted.vectors_)
    with pytest.raises((ValueError, RuntimeError)):
        WordVectors().fit([["once"]])


def test_the_night_makes_vectors_and_the_page_suggests(
    empty: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving.forget()
    assert suggest.near(empty, "refund") == {"trained": False, "items": []}
    item = find("words")
    assert item is not None
    monkeypatch.setattr(words, "texts_of", lambda *_: texts(1_000))
    assert run.train_one(empty, item, now)["state"] == "too_few"
    monkeypatch.setattr(words, "texts_of", lambda *_: texts(2_500))
    known = {"money": MONEY[:2], "parcel": PARCEL[:2]}
    monkeypatch.setattr(words, "synonyms", lambda: known)
    told = run.train_one(empty, item, now)
    assert told["state"] == "live" and told["metrics"]["recall10"] == 1.0
    serving.forget()
    near = suggest.near(empty, "refund")
    assert near["trained"] and near["items"][0]["word"] in ("repay", "cashback")
    groups = {group["name"]: group for group in suggest.suggested(empty)["groups"]}
    assert groups["money"]["items"][0]["word"] == "cashback"
    assert groups["parcel"]["items"][0]["word"] == "box"
    serving.forget()


def test_examples_and_articles_are_the_texts(empty: Engine, now: datetime) -> None:
    found = words.texts_of(empty, now)
    assert len(found) > 5_000
    assert not any("](" in "".join(text) or "]{" in "".join(text) for text in found)
    assert len(words.synonyms()) > 10
