"""Pure: which messages must reach a person, by their words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML

SOURCE = Path(__file__).with_name("guard.yml")


@dataclass(frozen=True)
class Guarded:
    """The intent a message must have, and the words that say so."""

    intent: str
    words: str
    start: int


@lru_cache(maxsize=1)
def _rules() -> dict[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    loaded = YAML(typ="safe").load(SOURCE.read_text(encoding="utf-8"))
    return {
        intent: (
            re.compile("|".join(rule["words"])),
            re.compile("|".join(rule["unless"])),
        )
        for intent, rule in loaded.items()
    }


def intents() -> frozenset[str]:
    """Return the intents that only words may give."""
    return frozenset(_rules())


def guarded(text: str) -> Guarded | None:
    """Return what a text must be taken for, None if nothing is in it."""
    for intent, (words, unless) in _rules().items():
        found = words.search(text)
        if found and not unless.search(text):
            return Guarded(intent, found.group(), found.start())
    return None
