"""The shop's first articles, from YAML files of our own writing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aftercare.services.console.audit import SYSTEM
from aftercare.services.knowledge.articles import LIVE, Article, add_draft
from aftercare.store.knowledge import ArticleRow

FOLDER = Path(__file__).parents[1] / "seed_data" / "knowledge"


def seeded(folder: Path = FOLDER) -> list[Article]:
    """Return the articles of the files.

    Raises:
        KeyError: an article lacks a title or an answer.
    """
    found = []
    for path in sorted(folder.glob("*.yml")):
        items: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
        for key, item in items.items():
            found.append(
                Article(
                    key=key,
                    title=item["title"],
                    questions=tuple(item.get("questions", ())),
                    body=item["body"],
                    intents=tuple(item.get("intents", ())),
                    categories=tuple(item.get("categories", ())),
                    claims=item.get("claims", {}),
                )
            )
    return found


def seed_articles(session: Session, now: datetime) -> int:
    """Put the articles into use where there are none yet; return how many."""
    if session.scalar(select(func.count()).select_from(ArticleRow)):
        return 0
    articles = seeded()
    for article in articles:
        row = add_draft(session, SYSTEM, article, now, "seed")
        row.state, row.approved_by, row.approved_at = LIVE, SYSTEM.login, now
    return len(articles)
