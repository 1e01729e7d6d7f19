"""The n-grams of one text have the values that sklearn would give them."""

from __future__ import annotations

import math

import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from rasa_nlu.model import KINDS, IntentModel
from rasa_nlu.ngrams import tf_idf
from tests.unit.nlu.test_examples import examples

ODD = ["", " ", "a  b\tc", "İstanbul", "Ab aB AB", "?!", "1234 5", "\n\n", "ﬁne"]


def labels(texts: list[str]) -> list[str]:
    """Return three labels in turn: what is learned does not matter here."""
    return ["abc"[place % 3] for place in range(len(texts))]


@pytest.mark.parametrize("kind", KINDS)
def test_one_text_weighs_what_sklearn_says(kind: str) -> None:
    texts = [text for text, _ in examples("data/nlu/*.yml")][::7]
    model = IntentModel().fit(texts, labels(texts))
    vectoriser: TfidfVectorizer = model.vectorisers[KINDS.index(kind)]
    idf = [float(each) for each in vectoriser.idf_]
    asked = texts[::3] + ODD
    rows = vectoriser.transform(asked)
    seen = 0
    for text, row in zip(asked, rows, strict=True):
        expected = dict(zip(row.indices.tolist(), row.data.tolist(), strict=True))
        found = tf_idf(kind, text, vectoriser.vocabulary_, idf)
        assert found.keys() == expected.keys(), text
        assert all(math.isclose(found[c], expected[c], abs_tol=1e-6) for c in found)
        seen += len(found)
    assert seen > 1000


def test_one_text_is_judged_like_many() -> None:
    texts = [text for text, _ in examples("data/nlu/*.yml")][::40]
    model = IntentModel().fit(texts, labels(texts))
    for text, row in zip(texts, model.predict_proba(texts), strict=True):
        chances = dict(model.opinion(text).ranking)
        assert [chances[name] for name in model.classes] == pytest.approx(row, abs=1e-5)
