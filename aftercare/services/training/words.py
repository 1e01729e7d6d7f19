"""Vectors of the shop's own words: from its examples, its articles, its customers."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import yaml
from sqlalchemy import Engine, select

from aftercare.services.console.mask import mask_numbers
from aftercare.services.training.trainable import TooFewError, Trained
from aftercare.services.trainset.examples import all_sections
from aftercare.settings import ROOT
from aftercare.store.knowledge import ArticleRow
from aftercare.store.messages import MessageRow
from aftercare.store.unit_of_work import read
from analytics.search.terms import DATA
from analytics.text.words import segment
from analytics.topics.vectors import WordVectors

FEWEST = 2_000
MOST = 200_000
BACK = timedelta(days=365)
# [word](entity) and [word]{"entity": …} of the training data: the word alone.
MARKED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


def train(engine: Engine, now: datetime) -> Trained:
    """Fit the vectors; `recall10` is how many known synonyms find one another.

    Raises:
        TooFewError: fewer than FEWEST texts.
    """
    texts = texts_of(engine, now)
    if len(texts) < FEWEST:
        raise TooFewError(len(texts), FEWEST)
    model = WordVectors().fit(texts)
    known = list(synonyms().values())
    metrics = {
        "recall10": model.recall(known),
        "words": float(len(model.words_)),
    }
    return Trained(model, len(texts), metrics)


def synonyms() -> dict[str, list[str]]:
    """Return the groups that the search of articles knows, by their name."""
    groups: dict[str, list[str]] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return {name: [name, *words] for name, words in groups.items()}


def texts_of(engine: Engine, now: datetime) -> list[list[str]]:
    """Return all texts, cut into words, numbers masked."""
    files = {
        str(path.relative_to(ROOT)): path.read_text("utf-8")
        for path in sorted((ROOT / "data/nlu").glob("*.yml"))
    }
    texts = [
        MARKED.sub(r"\1", example)
        for section in all_sections(files)
        if section.kind == "intent"
        for example in section.examples
    ]
    with read(engine) as session:
        for title, questions, body in session.execute(
            select(ArticleRow.title, ArticleRow.questions, ArticleRow.body).where(
                ArticleRow.state == "live"
            )
        ):
            texts += [title, *questions, body]
        said = session.scalars(
            select(MessageRow.text)
            .where(
                MessageRow.sender == "customer",
                MessageRow.at > now - BACK,
                MessageRow.at <= now,
            )
            .order_by(MessageRow.id.desc())
            .limit(MOST)
        )
        texts += [mask_numbers(text) for text in said if not text.startswith("/")]
    return [[w for w in segment(text.lower()) if w.strip()] for text in texts]
