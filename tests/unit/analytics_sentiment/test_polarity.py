"""The fast model of good and bad, on sentences of our own."""

from __future__ import annotations

import numpy as np

from analytics.sentiment.grams import matrix, places
from analytics.sentiment.model import NEGATIVE, normalise, packaged_messages
from analytics.sentiment.polarity import PolarityModel

TEXTS, NAMES = packaged_messages()
PAIRS = [(t, int(n == "thanks")) for t, n in zip(TEXTS, NAMES, strict=True)]
PAIRS = [
    pair for pair, n in zip(PAIRS, NAMES, strict=True) if n == "thanks" or n in NEGATIVE
]


def fitted() -> tuple[PolarityModel, list[str], np.ndarray]:
    order = np.random.default_rng(0).permutation(len(PAIRS))
    chosen = [PAIRS[i] for i in order]
    texts, truth = [t for t, _ in chosen], np.array([y for _, y in chosen])
    cut = len(texts) * 4 // 5
    model = PolarityModel(bits=16).fit(texts[:cut], truth[:cut])
    return model, texts[cut:], truth[cut:]


def test_learns_good_and_bad_from_our_sentences() -> None:
    model, texts, truth = fitted()
    shares = model.predict_proba(texts)
    assert np.allclose(shares.sum(axis=1), 1) and shares.min() >= 0
    commonest = max(truth.mean(), 1 - truth.mean())
    assert (model.predict(texts) == truth).mean() > commonest
    assert (np.argsort(shares[:, 1])[-1]) in np.flatnonzero(truth)


def test_words_are_pieces_of_the_text() -> None:
    model, texts, _ = fitted()
    for text in texts:
        assert all(word in normalise(text) for word in model.words(text))
    assert model.words("") == ()


def test_a_batch_is_each_text_alone() -> None:
    model, texts, _ = fitted()
    alone = np.concatenate([model.decision_function([text]) for text in texts])
    assert np.allclose(model.decision_function(texts), alone, atol=1e-5)


def test_ngrams_stay_inside_their_text() -> None:
    rows, _, lengths = places(["ab", "", "c"], 3, 20)
    # Framed: four, two and three signs; n-grams of one to three signs.
    assert [int((rows == row).sum()) for row in range(3)] == [9, 3, 6]
    assert int(lengths.max()) == 3
    joined = matrix(["ab", "ab"], 3, 20)
    assert (joined[0] != joined[1]).nnz == 0
