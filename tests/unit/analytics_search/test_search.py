"""Articles are found by words, spelling, meaning, intent and kind of goods."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from analytics.search import Document, QuestionIndex, groups
from analytics.search.terms import ngrams, plain

SOURCE = Path(__file__).with_name("texts.yml")
TEXTS: dict[str, Any] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
ARTICLES = [
    Document(
        key,
        item["title"],
        tuple(item["questions"]),
        item["body"],
        frozenset(item.get("intents", ())),
        frozenset(item.get("categories", ())),
    )
    for key, item in TEXTS["articles"].items()
]


def test_one_matter_has_one_spelling() -> None:
    assert len({plain(text).replace(" ", "") for text in TEXTS["spelled_alike"]}) == 1
    assert not any(" " in term for term in ngrams(TEXTS["spelled_alike"][1]))


def test_a_synonym_finds_it_and_says_what_was_shared() -> None:
    best = QuestionIndex(ARTICLES).search(TEXTS["by_synonym"])[0]
    assert best.key == "freight"
    assert plain(TEXTS["by_synonym"])[:2] in best.shared


def test_the_intent_tips_the_scale() -> None:
    index = QuestionIndex(ARTICLES)
    plainly = {hit.key: hit.score for hit in index.search(TEXTS["by_intent"], best=4)}
    meant = index.search(TEXTS["by_intent"], intent="request_invoice", best=4)
    scores = {hit.key: hit.score for hit in meant}
    assert scores["invoice"] == pytest.approx(plainly["invoice"] + 0.10)
    assert scores["freight"] == pytest.approx(plainly.get("freight", 0))


@pytest.mark.parametrize("category", ["shoes", "phone"])
def test_an_article_for_other_goods_is_left_out(category: str) -> None:
    hits = QuestionIndex(ARTICLES).search(TEXTS["warranty"], category=category)
    assert hits[0].key == category
    assert len({"shoes", "phone"} & {hit.key for hit in hits}) == 1


def test_nothing_shared_is_nothing_found() -> None:
    assert QuestionIndex(ARTICLES).search(TEXTS["nothing"]) == []


def test_meaning_counts_half() -> None:
    texts = QuestionIndex.texts(ARTICLES)

    def embed(asked: Sequence[str]) -> NDArray[np.float32]:
        return np.eye(len(texts), dtype=np.float32)[[texts.index(TEXTS["phone"])]]

    TEXTS["phone"] = ARTICLES[3].body
    vectors = np.eye(len(texts), dtype=np.float32)
    hits = QuestionIndex(ARTICLES, vectors, embed).search(TEXTS["warranty"])
    assert hits[0].key == "phone"


def test_vectors_must_fit() -> None:
    with pytest.raises(ValueError, match="fit"):
        QuestionIndex(ARTICLES, np.zeros((1, 3), dtype=np.float32), lambda _: _)
    with pytest.raises(ValueError, match="documents"):
        QuestionIndex([])


def test_questions_that_ask_the_same_come_together() -> None:
    assert sorted(map(sorted, groups(TEXTS["alike"]))) == [[0, 1], [2, 3]]
    assert groups(["one"]) == []
