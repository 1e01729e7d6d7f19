"""What a customer feels in one message, as the console shows it beside the text."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

log = logging.getLogger(__name__)


def mood_of(text: str) -> dict[str, Any] | None:
    """Return kind, polarity, strength 0…1, probability and the deciding words.

    None for a pressed button, and where the model does not answer: a mood is
    advice, and a page must not break for it.
    """
    if not text or text.startswith("/"):
        return None
    try:
        return dict(_heard(text))
    except Exception as error:  # a model must never break a page
        log.error("no mood: %s", type(error).__name__)
        return None


@lru_cache(maxsize=2048)
def _heard(text: str) -> dict[str, Any]:
    # Imported when first needed: a start must not wait for it.
    from analytics.sentiment import load_default

    found = load_default().predict(text)
    return {
        "kind": found.emotion,
        "polarity": found.polarity,
        "strength": round(found.strength, 3),
        "probability": round(found.probability, 3),
        "words": list(found.words),
    }
