"""Synonyms that the shop's own texts suggest; a person decides what is one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from aftercare.services.training.serving import current

MODEL = "words"
MOST, A_GROUP = 10, 4
# Below it two words merely stand in the same shop.
ALIKE = 0.4


def near(engine: Engine, word: str) -> dict[str, Any]:
    """Return `items`: the words in the most alike places, with cosine and uses.

    `trained` is false before a night has made the vectors.
    """
    # Loaded on use: the start of the web does not wait for the vectors.
    from analytics.topics import WordVectors

    model = current(engine, MODEL, WordVectors)
    if model is None:
        return {"trained": False, "items": []}
    return {"trained": True, "items": [_shown(w) for w in model.similar(word, MOST)]}


def suggested(engine: Engine) -> dict[str, Any]:
    """Return for each known group of synonyms the words that may belong to it."""
    from aftercare.services.training.words import synonyms
    from analytics.topics import WordVectors

    model = current(engine, MODEL, WordVectors)
    if model is None:
        return {"trained": False, "groups": []}
    groups = []
    for name, words in synonyms().items():
        found = [w for w in model.suggest(words, A_GROUP) if w.alike >= ALIKE]
        if found:
            groups.append(
                {"name": name, "words": words, "items": [_shown(w) for w in found]}
            )
    return {"trained": True, "groups": groups}


def _shown(found: Any) -> dict[str, Any]:
    return {
        "word": found.word,
        "alike": round(found.alike, 2),
        "count": found.count,
    }
